import type { ColumnRole } from '../engine/column-roles.ts';
import type { OwnFacts } from '../engine/protocol.ts';
import type { SeenFile } from '../engine/read-own.ts';
import type { OwnCampaign } from '../engine/train-own.ts';
import { usePage } from './context.ts';
import type { Texts } from './english.ts';
import { FileField, tableFileTypes } from './file-drop.tsx';
import { filled } from './texts.ts';

/** Choices before training: the holdings, and the target customers. */
export interface OwnChoice {
  holdings: File;
  roles: SeenFile['roles'];
  products: File | null;
  customers: File | null;
  /** Reference day of the holdings. */
  date: string | null;
  campaign: OwnCampaign | null;
}

/** Most classes with lists, as in `basketwise init`, and most classes in baskets. */
const [mostClasses, mostColumns] = [6, 12];

/** Possible campaigns of a bank's classes: all products, then each class. */
export function ownCampaigns({ classes }: OwnFacts): OwnCampaign[] {
  const columns = classes.slice(0, mostColumns);
  const all: OwnCampaign = { kind: 'upsell', class: null, columns: [] };
  if (classes.length < 2) return [all];
  return [
    all,
    ...classes.slice(0, mostClasses).flatMap((of): OwnCampaign[] => [
      { kind: 'upsell', class: of, columns: [of] },
      { kind: 'cross', class: of, columns },
    ]),
  ];
}

function campaignText({ kind, class: of }: OwnCampaign, t: Texts): string {
  return of === null ? t.own.all : filled(kind === 'upsell' ? t.own.upsell : t.own.cross, { class: of });
}

const roles: readonly ColumnRole[] = ['customer', 'product', 'opened', 'closed'];

interface OwnSettingsProps {
  seen: SeenFile;
  choice: OwnChoice;
  /** Null until the files are read. */
  facts: OwnFacts | null;
  disabled: boolean;
  ready: boolean;
  /** @param isNew whether files or columns have changed and must be read again */
  onChange: (choice: OwnChoice, isNew: boolean) => void;
  onTrain: () => void;
}

/** Settings: columns, further files, the day and the campaign. */
export function OwnSettings({ seen, choice, facts, disabled, ready, onChange, onTrain }: OwnSettingsProps) {
  const { t } = usePage();
  const campaigns = facts ? ownCampaigns(facts) : [];
  return (
    <div class="settings">
      <h3>{filled(t.own.columns, { file: choice.holdings.name })}</h3>
      <div class="fields">
        {roles.map((role) => (
          <label key={role}>
            <span>{t.own[role]}</span>
            <select
              value={choice.roles[role] ?? ''}
              disabled={disabled}
              onChange={({ currentTarget: { value } }) => {
                const { [role]: _, ...others } = choice.roles;
                onChange({ ...choice, roles: value === '' ? others : { ...others, [role]: value } }, true);
              }}
            >
              <option value="">{t.own.noColumn}</option>
              {seen.columns.map((name) => (
                <option value={name} key={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        ))}
      </div>
      <h3>{t.own.more}</h3>
      <div class="beside">
        {(['products', 'customers'] as const).map((which) => (
          <div key={which}>
            <FileField
              label={which === 'products' ? t.own.productsFile : t.own.customersFile}
              accept={tableFileTypes}
              disabled={disabled}
              onFile={(file) => onChange({ ...choice, [which]: file }, true)}
            />
            <span class="hint">{choice[which]?.name ?? t.own.noFile}</span>
            {choice[which] && (
              <button
                type="button"
                class="quiet"
                disabled={disabled}
                onClick={() => onChange({ ...choice, [which]: null }, true)}
              >
                {t.own.without}
              </button>
            )}
          </div>
        ))}
      </div>
      <div class="fields">
        {facts?.lastDate && (
          <label>
            <span>{t.own.date}</span>
            <input
              type="date"
              value={choice.date ?? facts.lastDate}
              disabled={disabled}
              onChange={({ currentTarget: { value } }) => onChange({ ...choice, date: value || facts.lastDate }, false)}
            />
          </label>
        )}
        {campaigns.length > 1 && (
          <label>
            <span>{t.own.target}</span>
            <select
              value={String(
                campaigns.findIndex(({ kind, class: of }) => kind === choice.campaign?.kind && of === choice.campaign.class),
              )}
              disabled={disabled}
              onChange={({ currentTarget: { value } }) => onChange({ ...choice, campaign: campaigns[Number(value)]! }, false)}
            >
              {campaigns.map((campaign, i) => (
                <option value={String(i)} key={String(i)}>
                  {campaignText(campaign, t)}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      <button type="button" class="strong" disabled={disabled || !ready} onClick={onTrain}>
        {facts ? t.own.again : t.own.train}
      </button>
    </div>
  );
}
