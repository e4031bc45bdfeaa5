import { createInlinePool } from '@basketwise/core';
import type { Settings } from '@basketwise/pipeline';
import { openFinishedRun } from '../explain/finished-run.ts';
import type { OpenBank } from '../products/all-baskets.ts';
import { type ProductRules, type ProductRulesOptions, productRules } from '../products/product-rules.ts';
import { type SimilarOptions, type SimilarProducts, similarProducts } from '../products/similar-products.ts';
import { type ExploreOptions, openNewestSnapshot } from './newest-snapshot.ts';

/**
 * Returns the function that opens a named run. Without a name, it opens the newest snapshot, which has no models before the first
 * successful run.
 */
function opening(options: ExploreOptions): OpenBank {
  return async (settings, run) => {
    if (run !== undefined) return openFinishedRun(settings, run);
    const newest = await openNewestSnapshot(settings, 1, options);
    return { ...newest, config: settings.config, trainings: [], pool: createInlinePool() };
  };
}

/**
 * Finds association rules in the newest snapshot, or in a run.
 * @throws AppError as `productRules`
 */
export function exploreRules(
  settings: Settings,
  rules: ProductRulesOptions,
  options: ExploreOptions = {},
): Promise<ProductRules> {
  return productRules(settings, rules, opening(options));
}

/**
 * Finds similar products in the newest snapshot, or in a run. A comparison by a campaign's model needs a run.
 * @throws AppError as `similarProducts`
 */
export function exploreSimilar(
  settings: Settings,
  wanted: string,
  similar: SimilarOptions,
  options: ExploreOptions = {},
): Promise<SimilarProducts> {
  return similarProducts(settings, wanted, similar, similar.campaign === undefined ? opening(options) : openFinishedRun);
}
