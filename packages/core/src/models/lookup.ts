import type { BasketEntry } from '../baskets/basket-table.ts';
import { forEachRow, productCount, rowWeights, type TrainingSet } from '../baskets/training-rows.ts';
import { bytesAhead, none, rowsAhead, stepCounts } from '../generated/layouts.ts';
import { BasketIndex, Fingerprint } from './basket-index.ts';
import type { Model, ModelState } from './model.ts';
import { acquiredBand, newestBand, newestOfRow } from './popularity.ts';
import type { ScoredLine, ScorePlan, ScoreSpace } from './score-plan.ts';
import { topNBySteps } from './scored-model.ts';

/** Parameters of the models `lookup` and `lookup-next`. */
export interface LookupParameters {
  /** Strength of the prior: number of pseudo-customers who follow the base model; > 0. */
  prior: number;
  /** Only `lookup-next`: whether baskets are also distinguished by the recency band of their newest holding. */
  byRecency?: boolean;
}

/**
 * Fits `lookup`. Among the customers who hold exactly this basket and one more product, its score of j is the share whose other
 * product is j. The share is shrunk towards a base model:
 *   score(j | S) = (customers who hold exactly S + {j} + prior x share of j in the base model) / (all such customers + prior)
 * A table of distinct baskets makes this cheap: one count per entry of the table.
 * @param base model with the same products in the same order
 * @param counted one byte per column: 1 if its products are counted; default: all are
 */
export function fitLookup(training: TrainingSet, base: Model, { prior }: LookupParameters, counted?: Uint8Array): LookupModel {
  const { table, range } = training;
  const products = productCount(table);
  const weight = rowWeights(training);
  const index = new BasketIndex();
  const set = new Fingerprint();
  forEachRow(table, range, (entry, from, to, row) => {
    set.clear();
    for (let at = from; at < to; at++) if (entry[at]! >>> 8 < products) set.add(entry[at]! >>> 8);
    for (let at = from; at < to; at++) {
      const column = entry[at]! >>> 8;
      if (column >= products || counted?.[column] === 0) continue;
      set.remove(column);
      index.add(set, column, weight[row - range.from]!);
      set.add(column);
    }
  });
  return createLookup({ kind: 'lookup', index, base, prior, byRecency: false });
}

/**
 * Fits `lookup-next`. Among the next purchases of customers with exactly this basket, its score of j is the share of product j,
 * shrunk towards a base model.
 * The formula is that of `lookup`. The base model usually is up-sell popularity.
 * @param acquisitions rows are baskets before a purchase, with the purchased product as an entry of `acquiredBand`
 * @param counted one byte per column: 1 if its products are counted; default: all are
 */
export function fitLookupNext(
  acquisitions: TrainingSet,
  base: Model,
  { prior, byRecency = false }: LookupParameters,
  counted?: Uint8Array,
): LookupModel {
  const { table, range } = acquisitions;
  const products = productCount(table);
  const weight = rowWeights(acquisitions);
  const index = new BasketIndex();
  const set = new Fingerprint();
  forEachRow(table, range, (entry, from, to, row) => {
    set.clear();
    for (let at = from; at < to; at++) {
      const packed = entry[at]!;
      if (packed >>> 8 < products && (packed & 0xff) !== acquiredBand) set.add(packed >>> 8);
    }
    // The band of purchases is the oldest, so that a purchase is never the newest holding.
    if (byRecency) set.add(products + newestOfRow(entry, from, to, products));
    for (let at = from; at < to; at++) {
      const column = entry[at]! >>> 8;
      if ((entry[at]! & 0xff) !== acquiredBand || counted?.[column] === 0) continue;
      index.add(set, column, weight[row - range.from]!);
    }
  });
  return createLookup({ kind: 'lookup-next', index, base, prior, byRecency });
}

/** Counts by exact basket, and the base model that they are shrunk towards. */
interface LookupParts {
  kind: 'lookup' | 'lookup-next';
  index: BasketIndex;
  base: Model;
  prior: number;
  byRecency: boolean;
}

/** Fitted lookup model that gives access to its parts. */
export interface LookupModel extends Model {
  readonly parts: LookupParts;
}

function createLookup(parts: LookupParts): LookupModel {
  const { kind, index, base, prior, byRecency } = parts;
  const { columns, pseudoColumns } = base;
  const products = columns.length - pseudoColumns;
  const set = new Fingerprint();
  const foldIn = (basket: readonly BasketEntry[]) => {
    const scores = shareScores(base.foldIn(basket), basket, products);
    let total = prior;
    for (let column = 0; column < products; column++) scores[column]! *= prior;
    set.set(basket, products);
    if (byRecency) set.add(products + newestBand(basket, products));
    for (let at = index.first(set); at >= 0; at = index.after(at)) {
      scores[index.columnAt(at)]! += index.countAt(at);
      total += index.countAt(at);
    }
    for (let column = 0; column < scores.length; column++) scores[column]! /= total;
    return scores;
  };
  const haveSteps = base.addSteps !== undefined;
  const addSteps = (plan: ScorePlan, space: ScoreSpace) => addLookupSteps(parts, plan, space);
  return {
    kind,
    parts,
    columns,
    pseudoColumns,
    topN: (request) => topNBySteps({ columns, foldIn, ...(haveSteps && { addSteps }) }, request),
    ...(haveSteps && { addSteps }),
    foldIn,
    explain: () => null,
    state: () => lookupState(parts),
  };
}

function lookupState({ kind, index, base, prior, byRecency }: LookupParts): ModelState {
  const { columns, pseudoColumns } = base;
  const lines = index.toMatrix();
  const inner = base.state();
  const matrices = Object.entries(inner.matrices).map(([name, matrix]) => [`base.${name}`, matrix]);
  return {
    kind,
    columns,
    pseudoColumns,
    parameters: { prior, byRecency, base: { kind: inner.kind, parameters: inner.parameters } },
    matrices: { ...Object.fromEntries(matrices), counts: { rows: lines.length / 4, columns: 4, values: lines } },
  };
}

/** Adds two steps: the base model's scores of all columns, and the counts, shrunk towards these scores. */
async function addLookupSteps(
  { index, base, prior, byRecency }: LookupParts,
  plan: ScorePlan,
  space: ScoreSpace,
): Promise<ScoredLine> {
  const { memory } = plan.table;
  const from = (await base.addSteps!(plan, plan.all, 'raw')).line;
  const placeOf = new Uint32Array(space.padded);
  placeOf.set(space.columns);
  const positionOf = new Uint32Array(plan.table.columns.length).fill(none);
  for (const [position, column] of space.columns.entries()) positionOf[column] = position;
  const line = plan.line(space);
  plan.add({
    ...{ kind: stepCounts, line, from, padded: space.padded, weight: plan.number(prior), byRecency: Number(byRecency) },
    kept: plan.room(rowsAhead * bytesAhead),
    ...{ placeOf: memory.store(placeOf), positionOf: memory.store(positionOf), ...index.store(memory) },
  });
  return { line, isLog: false, part: 0 };
}

/** Restores a lookup from its `state()`. `baseOf` restores its base model. */
export async function lookupOf(state: ModelState, baseOf: (state: ModelState) => Promise<Model>): Promise<LookupModel> {
  const { kind, columns, pseudoColumns, parameters, matrices } = state;
  const { prior, byRecency, base } = parameters as {
    prior: number;
    byRecency: boolean;
    base: Pick<ModelState, 'kind' | 'parameters'>;
  };
  const inner = Object.entries(matrices).flatMap(([name, matrix]) => (name.startsWith('base.') ? [[name.slice(5), matrix]] : []));
  const baseModel = await baseOf({ ...base, columns, pseudoColumns, matrices: Object.fromEntries(inner) });
  const index = BasketIndex.fromMatrix(matrices.counts!.values);
  return createLookup({ kind: kind as LookupParts['kind'], index, base: baseModel, prior, byRecency });
}

/**
 * Divides positive scores by their sum over the products that are not held, so that these become shares. Multiplies negative
 * scores by 1e-9: nearly 0, in the same order.
 */
function shareScores(scores: Float64Array, basket: readonly BasketEntry[], products: number): Float64Array {
  const isHeld = new Uint8Array(scores.length);
  for (const { column } of basket) isHeld[column] = 1;
  // Sums of every eighth score, then of pairs of these: the order of assembly/scores/counts.ts.
  const sums = new Float64Array(8);
  for (let column = 0; column < products; column++) {
    if (isHeld[column] === 0 && scores[column]! > 0) sums[column & 7]! += scores[column]!;
  }
  const pair = (at: number) => sums[at]! + sums[at + 1]!;
  const sum = pair(0) + pair(2) + (pair(4) + pair(6));
  const scale = sum > 0 ? 1 / sum : 0;
  const shared = new Float64Array(scores.length);
  for (let column = 0; column < scores.length; column++) shared[column] = scores[column]! * (scores[column]! > 0 ? scale : 1e-9);
  return shared;
}
