import { type BasketEntry, type BasketTable, columnMap } from '../baskets/basket-table.ts';
import { fillLists, scoredRows, type TopN, type TopNRequest, topNLinear } from '../baskets/topn.ts';
import { AppError } from '../error.ts';
import { stepAls } from '../generated/layouts.ts';
import type { ItemLines } from '../models/linear-model.ts';
import type { Model, ModelState } from '../models/model.ts';
import type { ScoredLine, ScorePlan, ScoreSpace } from '../models/score-plan.ts';
import { type Address, offset } from '../wasm/memory.ts';
import { blocksOf, type KernelPool } from '../wasm/pool.ts';
import { entryWeights, entryWeightsOf, explainScore, type FoldIn, foldInScores, hatOf, prepareFoldIn } from './als-fold-in.ts';
import { longScratch, singular } from './als-half-steps.ts';
import { allocateItemMatrices, deriveItemMatrices, mostHatColumns, storeFactors, storeHatF32 } from './als-item-matrices.ts';
import { type AlsIteration, type AlsParameters, confidenceByBand, type FittedAls } from './als-parameters.ts';

/** Fitted ALS model. It stores the item factors and derives all other matrices on demand. */
export interface AlsModel extends Model, FittedAls {
  readonly kind: 'als';
  /** Hat matrix K, columns x columns. The scores of a basket are sum_j w_j K[j, :] over its entries j, with w_j of `entryWeights`. */
  hat(): ItemLines;
  /** Weight w_j of each entry j of a basket, f64[entries] (see als-fold-in.ts). */
  entryWeights(basket: readonly BasketEntry[]): Float64Array;
  /** `entryWeights` of many baskets, computed by a kernel. @throws AppError bad-data as for one basket */
  entryWeightsOf(pool: KernelPool, baskets: readonly (readonly BasketEntry[])[]): Promise<Float64Array[]>;
}

/** Creates the model from fitted factors. */
export function createAlsModel(fitted: FittedAls): AlsModel {
  const { columns, pseudoColumns, factors, parameters, itemFactors, history } = fitted;
  const confidence = confidenceByBand(parameters);
  let prepared: FoldIn | undefined;
  let hat: ItemLines | undefined;
  const prepare = () => (prepared ??= prepareFoldIn(itemFactors, factors, parameters.regularization, confidence));
  const hatLines = () => (hat ??= hatOf(prepare()));
  return {
    ...fitted,
    kind: 'als',
    topN: (request) => scoreAls(fitted, confidence, request),
    ...(columns.length <= mostHatColumns && { addSteps: (plan, space) => addAlsSteps(fitted, confidence, plan, space) }),
    hat: hatLines,
    entryWeights: (basket) => entryWeights(prepare(), basket),
    entryWeightsOf: async (pool, baskets) => entryWeightsOf(prepare(), pool, baskets),
    foldIn: (basket) => foldInScores(prepare(), basket),
    explain: (basket, column) => explainScore(prepare(), basket, column, columns.length - pseudoColumns),
    similarities: (column) => alsSimilarities(hatLines(), column),
    state: (): ModelState => ({
      kind: 'als',
      columns,
      pseudoColumns,
      parameters: { ...parameters, history },
      matrices: { itemFactors: { rows: columns.length, columns: factors, values: itemFactors } },
    }),
  };
}

/** Stored parameters of a model, with the results of each sweep of its fit. */
type StoredParameters = AlsParameters & { history?: AlsIteration[] };

/**
 * Restores the model from its `state()`.
 * @throws AppError bad-data if the state is not the state of an ALS model
 */
export function alsFromState(state: ModelState): AlsModel {
  const { itemFactors } = state.matrices;
  const { history = [], ...parameters } = state.parameters as unknown as StoredParameters;
  const complete =
    itemFactors?.values instanceof Float64Array &&
    itemFactors.rows === state.columns.length &&
    itemFactors.values.length === itemFactors.rows * itemFactors.columns &&
    Number.isFinite(parameters.regularization) &&
    Array.isArray(parameters.weights);
  if (!complete) throw new AppError('bad-data', 'model file: not an ALS model as this version writes it', 'Train it again.');
  const { columns, pseudoColumns } = state;
  return createAlsModel({
    ...{ columns, pseudoColumns, parameters, history },
    factors: itemFactors.columns,
    itemFactors: itemFactors.values as Float64Array,
  });
}

/**
 * Cosine similarity of each column i to `column` j, f64[columns]: K[i, j] / sqrt(K[i, i] K[j, j]), -1 to 1. Columns whose factors
 * are 0 get 0. The similarity is computed from the hat matrix K = Y A^-1 Y', because K is invariant to rotations of the factors.
 */
function alsSimilarities(hat: ItemLines, column: number): Float64Array {
  const diagonal = hat.cell(column, column);
  return Float64Array.from({ length: hat.width }, (_, i) => hat.cell(i, column) / (Math.sqrt(hat.cell(i, i) * diagonal) || 1));
}

/** Computes top-N lists with an ALS model: first the weights of each row's entries, then their products with the hat matrix K. */
export function scoreAls(fitted: FittedAls, confidence: Float64Array, request: TopNRequest): Promise<TopN> {
  return fillLists(request, (lists) => scoreInto(fitted, confidence, { ...request, lists }));
}

/** Fills the lists of the request. The caller releases the memory of the weights and matrices. */
async function scoreInto(fitted: FittedAls, confidence: Float64Array, request: TopNRequest): Promise<TopN> {
  const stride = Math.ceil(request.table.columns.length / 8) * 8;
  const hat = request.table.memory.allocate(stride * stride * 4);
  const weights = await storeEntryWeights(fitted, confidence, request, hat);
  return topNLinear({ ...request, matrix: hat, stride, weights });
}

/**
 * Computes the weight of each entry of the rows in `range`, as f32 (`entryWeights` of als-fold-in.ts).
 * @param hat address for K, f32[products x products], where products is the number of columns padded to 8. Absent: K is not stored
 * @returns address of the weights, shifted so that entry e of the table has its weight at index e
 */
export async function storeEntryWeights(
  fitted: FittedAls,
  confidence: Float64Array,
  { pool, table, range }: Pick<TopNRequest, 'pool' | 'table' | 'range'>,
  hat?: Address,
): Promise<Address> {
  const { memory } = table;
  const [first, end] = [range.from, range.to].map((row) => memory.u32(table.start, table.rows + 1)[row]!);
  const weights = offset(memory.allocate((end! - first!) * 4), -first! * 4);
  const inner = memory.mark();
  const { regularization } = fitted.parameters;
  const withHat = table.columns.length <= mostHatColumns;
  const items = allocateItemMatrices(memory, table.columns.length, fitted.factors, withHat);
  storeFactors(memory, items, factorsFor(fitted, table));
  const confidenceAt = memory.store(confidence);
  if (!(await deriveItemMatrices(pool, items, regularization))) throw singular('the item factors', regularization);
  if (hat !== undefined) await storeHatF32(pool, items, hat);
  const longest = withHat ? fitted.factors - 1 : 0;
  const solved = await pool.run(
    'alsWeights',
    blocksOf(range, scoredRows).map(({ from, to }) => ({
      start: table.start,
      entry: table.entry,
      from,
      to,
      longest,
      matrices: items.record,
      confidence: confidenceAt,
      weights,
    })),
    Math.max(longScratch(items.width), longest * (longest + 2) * 8),
  );
  if (solved.some((ok) => ok !== 1)) throw singular('a basket', regularization);
  memory.release(inner);
  return weights;
}

/** Item factors in the order of the table's columns, f64[columns x factors], matched by code. Columns unknown to the model get 0. */
function factorsFor({ columns, factors, itemFactors }: FittedAls, table: BasketTable): Float64Array {
  const values = new Float64Array(table.columns.length * factors);
  for (const [i, row] of columnMap(columns, table).entries()) {
    if (row >= 0) values.set(itemFactors.subarray(row * factors, (row + 1) * factors), i * factors);
  }
  return values;
}

/**
 * Adds the steps that compute the scores of an ALS model, in f64, to the plan of a model that combines scores.
 * The scores of a basket row are sum_j w_j K[j, :] over its entries j, with the weights w_j of `entryWeights`.
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
