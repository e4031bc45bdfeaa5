import type { Bank, BankCampaign, BankModel } from '../engine/bank.ts';
import { formatted, usePage } from './context.ts';
import { filled } from './texts.ts';

/** Controls of what is recommended, and under which rules. */
export interface CampaignChoice {
  campaign: BankCampaign;
  model: BankModel;
  n: number;
}

/** The choice to start with. */
export function firstChoice(bank: Bank): CampaignChoice {
  const campaign = bank.campaigns[0]!;
  return { campaign, model: modelsOf(campaign)[0]!, n: 5 };
}

/** A campaign's models, that of all customers first. */
function modelsOf(campaign: BankCampaign): BankModel[] {
  return [...campaign.models].sort((a, b) => (a.cluster ?? -1) - (b.cluster ?? -1));
}

/** Products of a campaign that may be recommended. */
export function allowedProducts(bank: Bank, campaign: BankCampaign, onlyOnSale: boolean): string[] {
  return bank.products.flatMap(({ key, class: name, onSale }) =>
    name === campaign.class && (onSale || !onlyOnSale) ? [key] : [],
  );
}

/** Fields for campaign, cluster and length of the list. */
export function CampaignFields({ choice, onChange }: { choice: CampaignChoice; onChange: (choice: CampaignChoice) => void }) {
  const { bank, language, t } = usePage();
  const models = modelsOf(choice.campaign);
  return (
    <div class="fields">
      <label>
        <span>{t.campaign}</span>
        <select
          value={choice.campaign.name}
          onChange={(event) => {
            const campaign = bank.campaigns.find(({ name }) => name === event.currentTarget.value)!;
            onChange({ ...choice, campaign, model: modelsOf(campaign)[0]! });
          }}
        >
          {bank.campaigns.map(({ name, kind, class: of }) => (
            <option value={name} key={name}>
              {name} ({t.classes[of] ?? of}: {kind === 'upsell' ? t.upsell : t.cross})
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>{t.cluster}</span>
        <select
          value={choice.model.file}
          disabled={models.length < 2}
          onChange={(event) => onChange({ ...choice, model: models.find(({ file }) => file === event.currentTarget.value)! })}
        >
          {models.map(({ cluster, file, customers }) => (
            <option value={file} key={file}>
              {cluster === null
                ? t.allClusters
                : filled(t.clusterOption, { number: cluster, customers: formatted(customers, language) })}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>{t.topN}</span>
        <input
          type="number"
          min={1}
          max={20}
          value={choice.n}
          onInput={(event) => {
            const n = Math.round(event.currentTarget.valueAsNumber);
            if (n >= 1 && n <= 20) onChange({ ...choice, n });
          }}
        />
      </label>
    </div>
  );
}

/** A switch with its label. */
export function Switch({ label, checked, onChange }: { label: string; checked: boolean; onChange: (checked: boolean) => void }) {
  return (
    <label class="switch">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>{label}</span>
    </label>
  );
}
