import { publishedCount, publishedValue } from '@basketwise/data/published';
import type { KChoice } from '../fitting/choose-k.ts';
import type { CategoryProfile, ClusterProfile, NumberProfile } from './profile.ts';

const roundValue = (of: number | null) => (of === null ? null : publishedValue(of));
/** Rounds a measure between 0 and 1 to three decimals. */
const roundMeasure = (of: number) => Number(of.toFixed(3));

function publishedFeature(feature: NumberProfile | CategoryProfile): NumberProfile | CategoryProfile {
  if (feature.kind === 'category') {
    return { ...feature, explained: roundMeasure(feature.explained), cramersV: roundMeasure(feature.cramersV) };
  }
  const { explained, explainedRaw, mean, median } = feature;
  return {
    ...feature,
    ...{
      explained: roundMeasure(explained),
      explainedRaw: roundMeasure(explainedRaw),
      mean: mean.map(roundValue),
      median: median.map(roundValue),
    },
  };
}

/** Profile for publication: numbers of customers are rounded to tens, values of customers to three digits. */
export function publishedProfile(profile: ClusterProfile): ClusterProfile {
  const { customers, features, fit } = profile;
  return {
    ...profile,
    customers: Math.floor(customers / 10) * 10,
    features: features.map(publishedFeature),
    fit: { ...fit, cost: publishedValue(fit.cost), costs: fit.costs.map(publishedValue) },
  };
}

/** Cost curve for publication. Its numbers are rounded here, because models saved by older versions have exact ones. */
export function publishedChoice(choice: KChoice): KChoice {
  const trials = choice.trials.map(({ cost, silhouette, stability, sizes, ...trial }) => ({
    ...trial,
    ...{ cost: publishedValue(cost), silhouette: roundMeasure(silhouette), stability: roundMeasure(stability) },
    sizes: sizes.map((size) => (size === null ? null : publishedCount(size))),
  }));
  const { customers, sample, silhouetteSample } = choice;
  const tens = (count: number) => Math.floor(count / 10) * 10;
  return { ...choice, customers: tens(customers), sample: tens(sample), silhouetteSample: tens(silhouetteSample), trials };
}
