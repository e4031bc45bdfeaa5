import { alsFromState } from './als/als-model.ts';
import { AppError } from './error.ts';
import { blendOf } from './models/blend.ts';
import { bprOf } from './models/bpr.ts';
import { linearModelOf } from './models/linear-model.ts';
import { lookupOf } from './models/lookup.ts';
import type { Model, ModelState } from './models/model.ts';
import { popularityOf } from './models/popularity.ts';
import { rulesOf } from './models/rule-model.ts';
import { nextPurchaseOf } from './next-purchase/next-purchase-model.ts';

// Each kind's fit, which core passes on from here, and what makes a model of its state: a new kind of model adds a line to both.

export { type BlendMember, createBlend, scaled } from './models/blend.ts';
export { type BprParameters, fitBpr } from './models/bpr.ts';
export { type EaseParameters, fitEase } from './models/ease.ts';
export { fitItemKnn, type ItemKnnParameters, type Similarity } from './models/item-knn.ts';
export { fitLookup, fitLookupNext, type LookupParameters } from './models/lookup.ts';
export { acquiredBand, fitPopularity, type PopularityOf, type PopularityParameters } from './models/popularity.ts';
export { fitRules, type RuleModelParameters } from './models/rule-model.ts';

/** Makers of models from their state, by kind. */
const makers: Readonly<Record<string, (state: ModelState) => Model>> = {
  als: alsFromState,
  blend: (state) => blendOf(state, modelFromState),
  bpr: bprOf,
  ease: linearModelOf,
  'item-knn': linearModelOf,
  lookup: (state) => lookupOf(state, modelFromState),
  'lookup-next': (state) => lookupOf(state, modelFromState),
  'next-purchase': (state) => nextPurchaseOf(state, modelFromState),
  popularity: popularityOf,
  rules: rulesOf,
};

/**
 * The model that a state describes.
 * @throws AppError bad-data where the kind is unknown or the state is not complete
 */
export function modelFromState(state: ModelState): Model {
  if (!Object.hasOwn(makers, state.kind)) {
    const known = Object.keys(makers).join(', ');
    throw new AppError('bad-data', `model file: unknown kind of model '${state.kind}'`, `This version knows: ${known}.`);
  }
  return makers[state.kind]!(state);
}
