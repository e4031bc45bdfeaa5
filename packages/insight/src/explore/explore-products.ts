import { createInlinePool } from '@basketwise/core/parts';
import type { Settings } from '@basketwise/pipeline';
import { openFinishedRun } from '../explain/finished-run.ts';
import type { OpenBank } from '../products/all-baskets.ts';
import { type ProductRules, type ProductRulesOptions, productRules } from '../products/product-rules.ts';
import { type SimilarOptions, type SimilarProducts, similarProducts } from '../products/similar-products.ts';
import { type ExploreOptions, openNewestSnapshot } from './newest-snapshot.ts';

/** Opens a named run, else the newest snapshot. It has no models before the first successful run. */
function opening(options: ExploreOptions): OpenBank {
  return async (settings, run) => {
    if (run !== undefined) return openFinishedRun(settings, run);
    const newest = await openNewestSnapshot(settings, 1, options);
    return { ...newest, config: settings.config, trainings: [], pool: createInlinePool() };
  };
}

/** Association rules of the newest snapshot, or of a run. @throws AppError like `productRules` */
export function exploreRules(
  settings: Settings,
  rules: ProductRulesOptions,
  options: ExploreOptions = {},
): Promise<ProductRules> {
  return productRules(settings, rules, opening(options));
}

/**
 * Similar products in the newest snapshot or a run. Only a run can compare them by a campaign's model. @throws AppError like
 * `similarProducts`
 */
export function exploreSimilar(
  settings: Settings,
  wanted: string,
  similar: SimilarOptions,
  options: ExploreOptions = {},
): Promise<SimilarProducts> {
  return similarProducts(settings, wanted, similar, similar.campaign === undefined ? opening(options) : openFinishedRun);
}
