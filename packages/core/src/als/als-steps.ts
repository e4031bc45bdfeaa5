import { stepAls } from '../generated/layouts.ts';
import type { ScoredLine, ScorePlan, ScoreSpace } from '../models/score-plan.ts';
import { longScratch, singular } from './als-half-steps.ts';
import { allocateItemMatrices, deriveItemMatrices, storeFactors } from './als-item-matrices.ts';
import type { FittedAls } from './fitted-als.ts';

/**
 * Adds the scores of an ALS model in f64, for models built on it: the weights of a row's entries, and the weighted sum of their rows of K.
 * @throws AppError bad-data if the items' system is not positive definite
 */
export async function addAlsSteps(
  { factors, itemFactors, parameters }: FittedAls,
  confidence: Float64Array,
  plan: ScorePlan,
  space: ScoreSpace,
): Promise<ScoredLine> {
  const { pool, table } = plan;
  const { memory } = table;
  const { regularization } = parameters;
  const columns = table.columns.length;
  const items = allocateItemMatrices(memory, columns, factors, true);
  storeFactors(memory, items, itemFactors);
  if (!(await deriveItemMatrices(pool, items, regularization))) throw singular('the item factors', regularization);
  const { hat, products, a, y, width } = items;
  const lines = memory.f64(hat, products * products);
  const whole = new Float64Array(columns * columns);
  for (let row = 0; row < columns; row++) whole.set(lines.subarray(row * products, row * products + columns), row * columns);
  const longest = factors - 1;
  plan.solve(Math.max(longScratch(width), longest * (longest + 2) * 8), () => singular('a basket', regularization));
  const line = plan.line(space);
  const part = plan.add({
    ...{ kind: stepAls, line, padded: space.padded, values: plan.store(whole, space), bands: memory.store(confidence) },
    ...{ ...plan.sum(space), hat, hatBytes: products * 8, square: a, factors: y, width, longest },
  });
  return { line, isLog: false, part };
}
