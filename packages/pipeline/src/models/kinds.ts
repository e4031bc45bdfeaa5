import { AppError, type BlendMember } from '@basketwise/core';
import { als } from './als.ts';
import { blend } from './blend.ts';
import { bpr } from './bpr.ts';
import { ease } from './ease.ts';
import { itemKnn } from './item-knn.ts';
import type { AnyKind, ModelSpec } from './kind.ts';
import { lookup } from './lookup.ts';
import { lookupNext } from './lookup-next.ts';
import { nextPurchase } from './next-purchase.ts';
import { popularity } from './popularity.ts';
import { rules } from './rules.ts';

/** Every kind of model: the only place that names them all. */
export const kinds = [als, ease, itemKnn, bpr, popularity, rules, lookup, lookupNext, blend, nextPurchase] as const;

/** Names of the kinds. */
export type Kind = (typeof kinds)[number]['kind'];

const byName: ReadonlyMap<string, AnyKind> = new Map(kinds.map((definition) => [definition.kind, definition]));

/** A kind by its name. @throws AppError bug where there is none */
export function kindOf(kind: string): AnyKind {
  const found = byName.get(kind);
  if (found) return found;
  throw new AppError('bug', `there is no model of kind ${kind}`, 'Report this.');
}

/** How a model's scores enter a blend: shares by their logarithm, sums as they are. */
export function scaleOf({ kind }: ModelSpec): BlendMember['scale'] {
  return kindOf(kind).blendScale;
}

/** Changes the models that a model is built of; one that is built of none stays as it is. */
function mapInner(spec: ModelSpec, change: (inner: ModelSpec) => ModelSpec): ModelSpec {
  return kindOf(spec.kind).mapInner?.(spec, change) ?? spec;
}

/** Whether a spec, or one inside it, needs acquisitions with dates. */
export function needsAcquisitions(spec: ModelSpec): boolean {
  let needed = kindOf(spec.kind).needsAcquisitions?.(spec) ?? false;
  mapInner(spec, (inner) => {
    needed ||= needsAcquisitions(inner);
    return inner;
  });
  return needed;
}

/** A spec that was chosen on some customers, for `ratio` times as many, and all specs inside it. */
export function forMoreCustomers(spec: ModelSpec, ratio: number): ModelSpec {
  const scaled = kindOf(spec.kind).scale?.(spec, ratio) ?? spec;
  return mapInner(scaled, (inner) => forMoreCustomers(inner, ratio));
}

/** A spec with a share of its iterations, but no fewer than `least`, and all specs inside it. */
export function shortened(spec: ModelSpec, share: number, least: number): ModelSpec {
  const shorter = kindOf(spec.kind).shorten?.(spec, share, least) ?? spec;
  return mapInner(shorter, (inner) => shortened(inner, share, least));
}
