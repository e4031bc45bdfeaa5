import { AppError } from '@basketwise/core/base';
import type { ConsentColumn } from '@basketwise/data';
import type { Settings } from './load.ts';
import type { Config } from './schema.ts';

/** Requires at least one campaign for recommendation, training and evaluation. @throws AppError config if the config has none */
export function needCampaigns({ campaigns }: Pick<Config, 'campaigns'>): void {
  if (Object.keys(campaigns).length > 0) return;
  throw new AppError(
    'config',
    'campaigns: none yet, so there is nothing to recommend',
    'Add one, such as `deposit-upsell: { kind: upsell, class: deposit }`; `profile`, `rules`, `similar`, `segment` and `cluster` work without.',
  );
}

/** Greatest number of columns that a message names. */
const mostNamed = 4;

/**
 * Requires a decision on the consent of customers.
 * @param columns customer columns that may say who may be contacted, and that no rule uses
 * @throws AppError config if the config does not decide which customers may be addressed
 */
export function needConsent({ config, refuse }: Settings, columns: readonly ConsentColumn[] = []): void {
  const unused = columns.filter(({ isBeside }) => !isBeside);
  const isUndecided = config.consent === 'undecided';
  if (!isUndecided && (config.consent !== undefined || unused.length === 0)) return;
  const [path, said, instead] = isUndecided
    ? [['consent'], '', ' instead of this line']
    : [['tables', 'customers'], `no rule uses ${unused.map(({ column }) => column).join(', ')}, and `, ''];
  const message = [
    `${said}lists would go to customers who may have objected: write a rule${instead}, or \`consent: { none: REASON }\` if none is needed`,
    ...columns.slice(0, mostNamed).map(readingText),
  ].join('; ');
  throw refuse([{ path, message }]);
}

/** Possible rules for a column, with the number of customers who pass each. */
function readingText({ column, sense, readings }: ConsentColumn): string {
  const rules = readings.map(
    ({ require, customers }) => `\`{ reason: NO_CONSENT, require: ${JSON.stringify(require)} }\` (${customers} customers pass)`,
  );
  if (rules.length === 0) return `the values of ${column} do not say who may be contacted`;
  const [rule] = rules;
  return sense === 'unsure'
    ? `whether yes in ${column} is a consent or an objection is not sure: choose ${rules.join(' or ')}`
    : `by its name ${column} ${sense === 'says-no' ? 'holds objections' : 'holds consents'}: ${rule}`;
}

/** Warning about columns of objections that no rule uses, beside a rule for another consent. Empty if there are none. */
export function consentWarnings(columns: readonly ConsentColumn[] = []): string[] {
  const beside = columns.filter(({ isBeside }) => isBeside).slice(0, mostNamed);
  if (beside.length === 0) return [];
  return [`rules: no rule uses ${beside.map(({ column }) => column).join(', ')}: ${beside.map(readingText).join('; ')}`];
}
