import { createHash } from 'node:crypto';
import type { CampaignPlan } from '../config/campaign-plan.ts';
import type { Config } from '../config/schema.ts';

/**
 * sha256 over what the scores of a campaign's model mean and what their probability is of, beside the model's own parameters: the plan with its
 * columns and with who trains, the recency of holdings, the tables with their groups of products, length of the lists, and the window.
 */
export function calibrationScope(config: Config, { kind, class: of, columns, scheme, train }: CampaignPlan): string {
  const { recency, tables, derive, top_n: topN, evaluate } = config;
  const { window, gap } = evaluate;
  const scope = { kind, of, columns, scheme, train, recency, tables, derive, topN, window, gap };
  return createHash('sha256').update(JSON.stringify(scope)).digest('hex');
}
