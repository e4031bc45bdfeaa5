import { publishedCount, publishedShare } from '../values/published-count.ts';
import type { CampaignCalibration } from './calibrate-side.ts';
import type { ProductResponse } from './product-responses.ts';

/** Four decimals: of a product's few buyers, more would tell their number. */
const measure = (value: number) => Number(value.toFixed(4));

/** A product's response as it may be published; it has ten buyers or more. */
export function publishedResponse({ product, auc, topDecileLift, buyers, customers }: ProductResponse): ProductResponse {
  const counts = { buyers: publishedCount(buyers) ?? 0, customers: publishedCount(customers) ?? 0 };
  return { product, auc: measure(auc), topDecileLift: measure(topDecileLift), ...counts };
}

/** How well a calibration does, as it may be published: lines of too few recommendations are left out, shares are of published numbers. */
export function publishedCalibration(found: CampaignCalibration | null): CampaignCalibration | null {
  if (found === null) return null;
  const { pairs, bought, quality } = found;
  const counts = { pairs: publishedCount(pairs) ?? 0, bought: publishedCount(bought) ?? 0 };
  const reliability = quality?.reliability.flatMap(({ pairs: all, predicted, observed }) => {
    const shown = publishedCount(all);
    const share = observed === null ? null : publishedShare(publishedCount(Math.round(observed * all)), shown);
    return shown === null ? [] : [{ pairs: shown, predicted: measure(predicted), observed: share }];
  });
  return { ...found, ...counts, quality: quality && { ...quality, reliability: reliability ?? [] } };
}
