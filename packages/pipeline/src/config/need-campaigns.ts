import { AppError } from '@basketwise/core/error';
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
