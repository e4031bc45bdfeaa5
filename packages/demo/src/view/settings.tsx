import type { BankCampaign, DemoBank } from '../engine/bank.ts';
import { filled, formatted, usePage } from './context.ts';

/** Campaign, cluster and list length chosen on the page. */
export interface PageCampaign {
  campaign: BankCampaign;
  /** Cluster in the campaign's scheme. Null: unknown. */
  cluster: number | null;
  n: number;
}

/** Choice when the page opens: the first campaign, without a cluster. */
export function firstChoice(bank: DemoBank): PageCampaign {
  return { campaign: bank.campaigns[0]!, cluster: null, n: bank.topN };
}

/** Fields for the campaign, the cluster and the length of the list. */
export function CampaignFields({ choice, onChange }: { choice: PageCampaign; onChange: (choice: PageCampaign) => void }) {
  const { bank, language, t } = usePage();
  const { scheme } = choice.campaign;
  const clusters = scheme === null ? [] : bank.clusters[scheme]!;
  return (
    <div class="fields">
      <label>
        <span>{t.campaign}</span>
        <select
          value={choice.campaign.name}
          onChange={(event) => {
            const campaign = bank.campaigns.find(({ name }) => name === event.currentTarget.value)!;
            onChange({ ...choice, campaign, cluster: null });
          }}
        >
          {bank.campaigns.map(({ name, kind, class: className }) => (
            <option value={name} key={name}>
              {name} ({t.classes[className] ?? className}: {kind === 'upsell' ? t.upsell : t.cross})
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>{t.cluster}</span>
        <select
          value={String(choice.cluster ?? '')}
          disabled={clusters.length === 0}
          onChange={({ currentTarget: { value } }) => onChange({ ...choice, cluster: value === '' ? null : Number(value) })}
        >
          <option value="">{t.notKnown}</option>
          {clusters.map((customers, cluster) => (
            <option value={String(cluster)} key={String(cluster)}>
              {filled(t.clusterOption, { number: cluster, customers: formatted(customers, language) })}
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

/** Checkbox with a label, shown as a switch. */
export function Switch({ label, checked, onChange }: { label: string; checked: boolean; onChange: (checked: boolean) => void }) {
  return (
    <label class="switch">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>{label}</span>
    </label>
  );
}
