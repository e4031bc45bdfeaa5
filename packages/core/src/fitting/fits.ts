import { AppError } from '../error.ts';
import type { BlendMember } from '../models/blend.ts';
import type { Model, ModelState } from '../models/model.ts';
import { alsFit } from './als.ts';
import { blendFit } from './blend.ts';
import { bprFit } from './bpr.ts';
import { easeFit } from './ease.ts';
import { itemKnnFit } from './item-knn.ts';
import type { AnyFit, ModelSpec } from './kind-fit.ts';
import { liftFit } from './lift.ts';
import { lookupFit } from './lookup.ts';
import { lookupNextFit } from './lookup-next.ts';
import { nextPurchaseFit } from './next-purchase.ts';
import { popularityFit } from './popularity.ts';
import { rulesFit } from './rules.ts';

export { type AlsSpec, alsFit, usualAls } from './als.ts';
export { type BlendMemberSpec, type BlendSpec, blendFit } from './blend.ts';
export { type BprSpec, bprFit } from './bpr.ts';
export { type EaseSpec, easeFit } from './ease.ts';
export { type ItemKnnSpec, itemKnnFit } from './item-knn.ts';
export { type LiftSpec, liftFit } from './lift.ts';
export { type LookupSpec, lookupFit } from './lookup.ts';
export { type LookupNextSpec, lookupNextFit } from './lookup-next.ts';
export { effectValues, type NextPurchaseMemberSpec, type NextPurchaseSpec, nextPurchaseFit } from './next-purchase.ts';
export { type PopularitySpec, popularityFit } from './popularity.ts';
export { type RulesSpec, rulesFit } from './rules.ts';

/** How models of each kind are fitted: with what is passed on above, the only place that names them all. */
const fits: readonly AnyFit[] = [
  alsFit,
  easeFit,
  itemKnnFit,
  liftFit,
  bprFit,
  popularityFit,
  rulesFit,
  lookupFit,
  lookupNextFit,
  blendFit,
  nextPurchaseFit,
];

const byKind: ReadonlyMap<string, AnyFit> = new Map(fits.map((fit) => [fit.kind, fit]));

/** How models of a kind are fitted. @throws AppError bug where there is none of that kind */
export function fitOfKind(kind: string): AnyFit {
  const found = byKind.get(kind);
  if (found) return found;
  throw new AppError('bug', `there is no model of kind ${kind}`, 'Report this.');
}

/**
 * The model that a state describes.
 * @throws AppError bad-data where the kind is unknown or the state is not complete
 */
export function modelFromState(state: ModelState): Model {
  const found = byKind.get(state.kind);
  if (found) return found.restore(state, modelFromState);
  const known = [...byKind.keys()].sort().join(', ');
  throw new AppError('bad-data', `model file: unknown kind of model '${state.kind}'`, `This version knows: ${known}.`);
}

/** How a model's scores enter a blend: shares by their logarithm, sums as they are. */
export function scaleOf({ kind }: ModelSpec): BlendMember['scale'] {
  return fitOfKind(kind).blendScale;
}

/** Changes the models that a model is built of; one that is built of none stays as it is. */
function mapInner(spec: ModelSpec, change: (inner: ModelSpec) => ModelSpec): ModelSpec {
  return fitOfKind(spec.kind).mapInner?.(spec, change) ?? spec;
}

/** Whether a spec, or one inside it, needs acquisitions with dates. */
export function needsAcquisitions(spec: ModelSpec): boolean {
  let needed = fitOfKind(spec.kind).needsAcquisitions?.(spec) ?? false;
  mapInner(spec, (inner) => {
    needed ||= needsAcquisitions(inner);
    return inner;
  });
  return needed;
}

/** Numbers of months whose acquisitions models tell apart, rising; the last is 12. */
export function monthsWithin(specs: readonly ModelSpec[]): readonly number[] {
  const found = new Set([12]);
  const visit = (spec: ModelSpec): ModelSpec => {
    if ('within' in spec && spec.within !== undefined) found.add(spec.within);
    return mapInner(spec, visit);
  };
  for (const spec of specs) visit(spec);
  return [...found].sort((a, b) => a - b);
}

/** A spec that was chosen on some customers, for `ratio` times as many, and all specs inside it. */
export function forMoreCustomers(spec: ModelSpec, ratio: number): ModelSpec {
  const scaled = fitOfKind(spec.kind).scale?.(spec, ratio) ?? spec;
  return mapInner(scaled, (inner) => forMoreCustomers(inner, ratio));
}

/** A spec with a share of its iterations, but no fewer than `least`, and all specs inside it. */
export function shortened(spec: ModelSpec, share: number, least: number): ModelSpec {
  const shorter = fitOfKind(spec.kind).shorten?.(spec, share, least) ?? spec;
  return mapInner(shorter, (inner) => shortened(inner, share, least));
}
