import type { BasketEntry } from '../baskets/basket-table.ts';
import { AppError } from '../error.ts';
import { log } from '../numbers/elementary.ts';
import type { Explanation, Model, ModelState } from './model.ts';
import { topNByFoldIn } from './scored-model.ts';

/** A member of a blend: a model, how its scores enter, and what they count for. */
export interface BlendMember {
  model: Model;
  /** `raw`: as they are. `log`: the logarithm of a share, cut below at one in a million. */
  scale: 'raw' | 'log';
  weight: number;
}

/** The smallest share that a logarithm is taken of. */
const smallestShare = 1e-6;

/** A member's score on the scale on which it enters the blend. */
export function scaled(score: number, scale: BlendMember['scale']): number {
  return scale === 'raw' ? score : log(Math.max(score, smallestShare));
}

/**
 * A weighted sum of models of the same columns. The weights are those of a conditional logit (`fitBlendWeights`), so that
 * exp(score) over its sum is a probability of being the next product.
 * @throws AppError config without members; bug where their columns differ.
 */
export function createBlend(members: readonly BlendMember[]): Model {
  const [first] = members;
  if (first === undefined) throw new AppError('config', 'a blend of no models', 'Name at least one member.');
  const { columns, pseudoColumns } = first.model;
  if (members.some(({ model }) => model.columns.join('\n') !== columns.join('\n'))) {
    throw new AppError('bug', 'the members of a blend have different columns', 'Report this.');
  }
  const foldIn = (basket: readonly BasketEntry[]) => {
    const sum = new Float64Array(columns.length);
    for (const { model, scale, weight } of members) {
      const scores = model.foldIn(basket);
      if (scale === 'raw') for (let i = 0; i < sum.length; i++) sum[i]! += weight * scores[i]!;
      else for (let i = 0; i < sum.length; i++) sum[i]! += weight * scaled(scores[i]!, scale);
    }
    return sum;
  };
  return {
    kind: 'blend',
    columns,
    pseudoColumns,
    topN: (request) => topNByFoldIn({ columns, foldIn }, request),
    foldIn,
    explain: (basket, column) => explainBlend(members, basket, column, foldIn(basket)[column]!),
    state: () => blendState(members, columns, pseudoColumns),
  };
}

/** Contributions of the members that can tell; what the others add is part of the baseline. */
function explainBlend(
  members: readonly BlendMember[],
  basket: readonly BasketEntry[],
  column: number,
  score: number,
): Explanation {
  const parts = new Map<number, number>();
  for (const { model, scale, weight } of members) {
    const why = scale === 'raw' ? model.explain(basket, column) : null;
    for (const part of why?.contributions ?? []) parts.set(part.column, (parts.get(part.column) ?? 0) + weight * part.value);
  }
  const contributions = [...parts].map(([held, value]) => ({ column: held, value }));
  const named = contributions.reduce((sum, { value }) => sum + value, 0);
  return {
    score,
    baseline: score - named,
    contributions: contributions.sort((a, b) => b.value - a.value || a.column - b.column),
  };
}

function blendState(members: readonly BlendMember[], columns: readonly string[], pseudoColumns: number): ModelState {
  const states = members.map(({ model }) => model.state());
  const parameters = members.map(({ scale, weight }, i) => ({
    scale,
    weight,
    kind: states[i]!.kind,
    parameters: states[i]!.parameters,
  }));
  const matrices = states.flatMap((state, i) => Object.entries(state.matrices).map(([name, matrix]) => [`${i}.${name}`, matrix]));
  return { kind: 'blend', columns, pseudoColumns, parameters: { members: parameters }, matrices: Object.fromEntries(matrices) };
}

/** Gives back the model that `state()` of a blend described; `memberOf` does so for its members. */
export function blendOf(
  { columns, pseudoColumns, parameters, matrices }: ModelState,
  memberOf: (state: ModelState) => Model,
): Model {
  const members = parameters.members as (Pick<BlendMember, 'scale' | 'weight'> & Pick<ModelState, 'kind' | 'parameters'>)[];
  return createBlend(
    members.map(({ scale, weight, kind, parameters: own }, i) => {
      const mine = Object.entries(matrices).flatMap(([name, matrix]) =>
        name.startsWith(`${i}.`) ? [[name.slice(`${i}.`.length), matrix]] : [],
      );
      return {
        scale,
        weight,
        model: memberOf({ kind, columns, pseudoColumns, parameters: own, matrices: Object.fromEntries(mine) }),
      };
    }),
  );
}
