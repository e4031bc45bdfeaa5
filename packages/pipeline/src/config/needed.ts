import { AppError } from '@basketwise/core/error';
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

/**
 * Requires a decision on the consent of customers.
 * @param unused customer columns that may contain the consent; empty if a rule uses one of them
 * @throws AppError config if the config does not decide which customers may be addressed
 */
export function needConsent({ config, refuse }: Settings, unused: readonly string[] = []): void {
  const objected = 'lists would go to customers who may have objected';
  if (config.consent === 'undecided') {
    const message = `${objected}: write a rule for the consent instead of this line, or \`{ none: REASON }\` if none is needed`;
    throw refuse([{ path: ['consent'], message }]);
  }
  if (config.consent !== undefined || unused.length === 0) return;
  const rule = `- { reason: NO_CONSENT, require: "${unused[0]} = 'Y'" }`;
  const message = `no rule uses ${unused.join(', ')}, and ${objected}: write a rule such as \`${rule}\`, or \`consent: { none: REASON }\` if none is needed`;
  throw refuse([{ path: ['tables', 'customers'], message }]);
}
