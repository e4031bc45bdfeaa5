import type { Feature } from '../baskets/basket-table.ts';
import type { NextPurchaseMember } from '../next-purchase/additive-terms.ts';
import { defineKind, sample, seed } from './kind.ts';
import { forMembers } from './learning-data.ts';

/** Effects of features, fitted together with the weights of the components. */
type Effects = {
  features: readonly Feature[];
  /** Effects of each feature level, by product code. Levels are numbered over all features. */
  effects: readonly Readonly<Record<string, number>>[];
  /** Weight of each pair of products: the first key is the held product, the second the recommended product. Absent: no pairs. */
  pairs?: Readonly<Record<string, Readonly<Record<string, number>>>>;
};

/** Effects as a matrix in the order of a table's columns, f64[levels x columns]. */
export function effectValues(effects: Effects['effects'], columns: readonly string[]): Float64Array {
  const values = new Float64Array(effects.length * columns.length);
  for (const [level, ofLevel] of effects.entries()) {
    for (const [column, code] of columns.entries()) values[level * columns.length + column] = ofLevel[code] ?? 0;
  }
  return values;
}

/** Weights of pairs as a matrix, f64[columns x columns], with a row for each held product. Null without pairs. */
export function pairValues(pairs: Effects['pairs'], columns: readonly string[]): Float64Array | null {
  return pairs === undefined
    ? null
    : effectValues(
        columns.map((held) => pairs[held] ?? {}),
        columns,
      );
}

const noEffects: Effects = { features: [], effects: [] };

export const nextPurchase = defineKind({
  kind: 'next-purchase',
  about: 'Conditional logit of the next purchase over several models and the features of customers (docs/method.md).',
  parameters: {
    sample: { ...sample, planned: true },
    seed: { ...seed, planned: true },
    members: {
      is: 'members',
      needed: false,
      scaled: false,
      about: 'Components: models with `weight`. Without it the set of docs/method.md#components, with learned weights.',
    },
  },
  fixed: noEffects,
  part: 'none',
  pooled: true,
  servesAll: true,
  blendScale: 'raw',
  async fit(data, { members, features, effects, pairs }, { fitInner }) {
    const [{ createNextPurchase }, { memberLevel }] = await Promise.all([
      import('../next-purchase/next-purchase-model.ts'),
      import('../next-purchase/member-level.ts'),
    ]);
    const { holdings, candidates } = data;
    const memberData = forMembers(data);
    const fitted: NextPurchaseMember[] = [];
    for (const { model: spec, weight, byTier, lessLevel } of members) {
      const model = await fitInner(spec, memberData);
      fitted.push({ model, weight, byTier, level: lessLevel ? await memberLevel(model, holdings) : null });
    }
    const { columns, pseudoColumns } = holdings.table;
    const all = Uint8Array.from(columns, (_, column) => (column < columns.length - pseudoColumns ? 1 : 0));
    return createNextPurchase({
      members: fitted,
      features,
      effects: effectValues(effects, columns),
      pairs: pairValues(pairs, columns),
      candidates: candidates ?? all,
    });
  },
  restore: async (state, inner) => (await import('../next-purchase/next-purchase-model.ts')).nextPurchaseOf(state, inner),
});
