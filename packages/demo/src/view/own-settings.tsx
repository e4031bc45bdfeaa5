import { holdingRoles } from '../engine/column-roles.ts';
import type { OwnFacts } from '../engine/protocol.ts';
import type { ChosenFile } from '../engine/seen-file.ts';
import type { OwnCampaign } from '../engine/train-own.ts';
import { ColumnChoice } from './column-choice.tsx';
import { filled, usePage } from './context.ts';
import type { Texts } from './english.ts';
import { FileField, tableFileTypes } from './file-drop.tsx';
import { type Beside, beside, besideRoles, isReady, type OwnChoice } from './own-choice.ts';

/** Maximum number of classes with campaigns, as in `basketwise init`, and maximum number of classes in baskets. */
const [mostClasses, mostColumns] = [6, 12];

/** Campaigns offered for the user's own bank: one for all products, then an up-sell and a cross-sell for each class. */
export function ownCampaigns({ classes }: OwnFacts): OwnCampaign[] {
  const columns = classes.slice(0, mostColumns);
  const all: OwnCampaign = { kind: 'upsell', class: null, columns: [] };
  if (classes.length < 2) return [all];
  return [
    all,
    ...classes.slice(0, mostClasses).flatMap((className): OwnCampaign[] => [
      { kind: 'upsell', class: className, columns: [className] },
      { kind: 'cross', class: className, columns },
    ]),
  ];
}

function campaignText({ kind, class: className }: OwnCampaign, t: Texts): string {
  return className === null ? t.own.all : filled(kind === 'upsell' ? t.own.upsell : t.own.cross, { class: className });
}

interface OwnSettingsProps {
  choice: OwnChoice;
  /** Facts about the bank. Null until the files are read. */
  facts: OwnFacts | null;
  disabled: boolean;
  /** Called when a choice changes. @param isNew whether files or columns changed, so that the files must be read again */
  onChange: (choice: OwnChoice, isNew: boolean) => void;
  /** Called when the chosen columns of the holdings change. */
  onHoldings: (holdings: ChosenFile) => void;
  onBeside: (which: Beside, file: File) => void;
  onTrain: () => void;
}

/** Form before training: columns, optional files, reference date and campaign. */
export function OwnSettings({ choice, facts, disabled, onChange, onHoldings, onBeside, onTrain }: OwnSettingsProps) {
  const { t } = usePage();
  const campaigns = facts ? ownCampaigns(facts) : [];
  return (
    <div class="settings">
      <p class="hint">{t.columns.ask}</p>
      <ColumnChoice {...{ chosen: choice.holdings, roles: holdingRoles, disabled }} onChange={onHoldings} />
      <h3>{t.own.more}</h3>
      <div class="beside">
        {beside.map((which) => (
          <div key={which}>
            <FileField
              label={which === 'products' ? t.own.productsFile : t.own.customersFile}
              accept={tableFileTypes}
              disabled={disabled}
              onFile={(file) => onBeside(which, file)}
            />
            <span class="hint">{choice[which]?.file.name ?? t.own.noFile}</span>
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
      {beside.map((which) => {
        const chosen = choice[which];
        const props = { roles: besideRoles[which], disabled };
        return (
          chosen && (
            <ColumnChoice
              {...{ chosen, ...props }}
              onChange={(next) => onChange({ ...choice, [which]: next }, true)}
              key={which}
            />
          )
        );
      })}
      <div class="fields">
        {facts?.lastDate && (
          <label>
            <span>{t.own.date}</span>
            <input
              type="date"
              value={choice.date ?? facts.lastDate}
              disabled={disabled}
              onChange={({ currentTarget: { value } }) => onChange({ ...choice, date: value || null }, false)}
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
      <button type="button" class="strong" disabled={disabled || !isReady(choice)} onClick={onTrain}>
        {facts ? t.own.again : t.own.train}
      </button>
    </div>
  );
}
