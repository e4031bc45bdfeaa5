import type { Feature } from '../baskets/row-contexts.ts';
import { memberLevel } from '../next-purchase/member-level.ts';
import { createNextPurchase, nextPurchaseOf } from '../next-purchase/next-purchase-model.ts';
import type { NextPurchaseMember } from '../next-purchase/next-purchase-parts.ts';
import { defineFit, type ModelSpec } from './kind-fit.ts';
import { forMembers } from './learning-data.ts';

/** A member of a next-purchase model. */
export interface NextPurchaseMemberSpec {
  model: ModelSpec;
  weight: number;
  /** Its weights for customers who hold none, one, two or more of the products that may be recommended; absent: `weight` for all. */
  byTier?: readonly number[];
  /** Whether its level (see `memberLevel`) is taken off its scores. */
  lessLevel?: true;
}

/** A conditional logit over what several models and the customer's features say: what is bought next. */
export interface NextPurchaseSpec {
  kind: 'next-purchase';
  members: readonly NextPurchaseMemberSpec[];
  features: readonly Feature[];
  /** The effect of each level, counted over all features, on each product that it moves. */
  effects: readonly Readonly<Record<string, number>>[];
}

declare module './kind-fit.ts' {
  interface SpecOfKind {
    'next-purchase': NextPurchaseSpec;
  }
}

/** Effects in a table's columns: f64[levels x columns]. */
export function effectValues(effects: NextPurchaseSpec['effects'], columns: readonly string[]): Float64Array {
  const values = new Float64Array(effects.length * columns.length);
  for (const [level, ofLevel] of effects.entries()) {
    for (const [column, code] of columns.entries()) values[level * columns.length + column] = ofLevel[code] ?? 0;
  }
  return values;
}

/** How such a model is fitted. */
export const nextPurchaseFit = defineFit({
  kind: 'next-purchase',
  pooled: true,
  servesAll: true,
  blendScale: 'raw',
  restore: nextPurchaseOf,
  async fit(data, { members, features, effects }, { fitInner }) {
    const { holdings, candidates } = data;
    const own = forMembers(data);
    const fitted: NextPurchaseMember[] = [];
    for (const { model: spec, weight, byTier, lessLevel } of members) {
      const model = await fitInner(spec, own);
      fitted.push({ model, weight, byTier, level: lessLevel ? await memberLevel(model, holdings) : null });
    }
    const { columns, pseudoColumns } = holdings.table;
    const all = Uint8Array.from(columns, (_, column) => (column < columns.length - pseudoColumns ? 1 : 0));
    return createNextPurchase({
      members: fitted,
      features,
      effects: effectValues(effects, columns),
      candidates: candidates ?? all,
    });
  },
  mapInner: (spec, change) => ({ ...spec, members: spec.members.map((one) => ({ ...one, model: change(one.model) })) }),
});
