import { AppError } from '@basketwise/core/error';
import { als } from './als.ts';
import { blend } from './blend.ts';
import { bpr } from './bpr.ts';
import { ease } from './ease.ts';
import { itemKnn } from './item-knn.ts';
import type { AnyKind } from './kind.ts';
import { lift } from './lift.ts';
import { lookup } from './lookup.ts';
import { lookupNext } from './lookup-next.ts';
import { nextPurchase } from './next-purchase.ts';
import { popularity } from './popularity.ts';
import { rules } from './rules.ts';

/** Every kind of model that a config may name: the only place that names them all. */
export const kinds = [als, ease, itemKnn, lift, bpr, popularity, rules, lookup, lookupNext, blend, nextPurchase] as const;

/** Names of the kinds. */
export type Kind = (typeof kinds)[number]['kind'];

const byName: ReadonlyMap<string, AnyKind> = new Map(kinds.map((definition) => [definition.kind, definition]));

/** A kind by its name. @throws AppError bug where there is none */
export function kindOf(kind: string): AnyKind {
  const found = byName.get(kind);
  if (found) return found;
  throw new AppError('bug', `there is no model of kind ${kind}`, 'Report this.');
}
