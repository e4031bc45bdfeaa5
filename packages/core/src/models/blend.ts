import type { BasketEntry } from '../baskets/basket-table.ts';
import { AppError, bug } from '../error.ts';
import { stepAdd, stepAddLog, stepClear, stepFirst } from '../generated/layouts.ts';
import { type Explanation, type Model, type ModelState, memberState, type ScoreScale, scaled } from './model.ts';
import type { ScoredLine, ScorePlan, ScoreSpace } from './score-plan.ts';
import { topNBySteps } from './scored-model.ts';

/** Component of a blend: a model, the scale on which its scores are added, and its weight. */
export interface BlendMember {
  model: Model;
  scale: ScoreScale;
  weight: number;
}

/**
 * Creates a weighted sum of models of the same columns.
 * The weights come from a conditional logit (`fitBlendWeights`): exp(score) over its sum is the probability of the next purchase.
 * @throws AppError config without components; bug if their columns differ
 */
export function createBlend(members: readonly BlendMember[]): Model {
  const [first] = members;
  if (first === undefined) throw new AppError('config', 'a blend of no models', 'Name at least one member.');
  const { columns, pseudoColumns } = first.model;
  if (members.some(({ model }) => model.columns.join('\n') !== columns.join('\n'))) {
    throw bug('the members of a blend have different columns');
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
  const haveSteps = members.every(({ model }) => model.addSteps !== undefined && model.kind !== 'blend');
  const addSteps = (plan: ScorePlan, space: ScoreSpace) => addBlendSteps(members, plan, space);
  return {
    kind: 'blend',
    columns,
    pseudoColumns,
    topN: (request) => topNBySteps({ columns, foldIn, ...(haveSteps && { addSteps }) }, request),
    ...(haveSteps && { addSteps }),
    foldIn,
    explain: (basket, column) => explainBlend(members, basket, column, foldIn(basket)[column]!),
    state: () => blendState(members, columns, pseudoColumns),
  };
}

/** Adds a step that sums the components' lines of scores, each times its weight. */
async function addBlendSteps(members: readonly BlendMember[], plan: ScorePlan, space: ScoreSpace): Promise<ScoredLine> {
  const { padded } = space;
  const line = plan.line(space);
  for (const [k, { model, scale, weight }] of members.entries()) {
    const scored = await model.addSteps!(plan, space, scale);
    const isRough = scale === 'log' && !scored.isLog;
    if (k === 0 && isRough) plan.add({ kind: stepClear, line, padded });
    const kind = isRough ? stepAddLog : k === 0 ? stepFirst : stepAdd;
    if (isRough) plan.roughen(weight);
    plan.add({ kind, line, from: scored.line, padded, weight: plan.number(weight), part: scale === 'raw' ? scored.part : 0 });
  }
  return { line, isLog: false, part: 0 };
}

/**
 * Explains a score as the sum of the components' contributions. A component without contributions adds its whole score to the
 * baseline.
 */
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

/** Restores a blend from its `state()`. `memberOf` restores its components. */
export async function blendOf(state: ModelState, memberOf: (state: ModelState) => Promise<Model>): Promise<Model> {
  const members = state.parameters.members as (Pick<BlendMember, 'scale' | 'weight'> & Pick<ModelState, 'kind' | 'parameters'>)[];
  const fitted: BlendMember[] = [];
  for (const [i, { scale, weight, ...member }] of members.entries())
    fitted.push({ scale, weight, model: await memberOf(memberState(state, i, member)) });
  return createBlend(fitted);
}
