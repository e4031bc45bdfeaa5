import { AppError } from '@basketwise/core/error';
import type { Settings } from './load.ts';
import type { Config } from './schema.ts';

/** @throws AppError config if there are no campaigns, which recommending, training and evaluation need */
export function needCampaigns({ campaigns }: Pick<Config, 'campaigns'>): void {
  if (Object.keys(campaigns).length > 0) return;
  throw new AppError(
    'config',
    'campaigns: none yet, so there is nothing to recommend',
    'Add one, such as `deposit-upsell: { kind: upsell, class: deposit }`; `profile`, `rules`, `similar`, `segment` and `cluster` work without.',
  );
}

/** @throws AppError config if the config leaves open which customers may be addressed */
export function needConsent({ config, refuse }: Settings): void {
  if (config.consent !== 'undecided') return;
  const message =
    'lists would go to customers who may have objected: write a rule for the consent instead of this line, or `{ none: REASON }` if none is needed';
  throw refuse([{ path: ['consent'], message }]);
}
