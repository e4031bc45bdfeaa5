import type { BasketEntry } from '../baskets/basket-table.ts';
import { AppError } from '../error.ts';
import type { ItemLines } from '../models/item-lines.ts';
import type { Model, ModelState } from '../models/model.ts';
import type { KernelPool } from '../wasm/pool.ts';
import { entryWeights, entryWeightsOf, explainScore, type FoldIn, foldInScores, hatOf, prepareFoldIn } from './als-fold-in.ts';
import { mostHatColumns } from './als-item-matrices.ts';
import { type AlsParameters, confidenceByBand } from './als-parameters.ts';
import { addAlsSteps, scoreAls } from './als-scoring.ts';
import type { AlsIteration, FittedAls } from './fitted-als.ts';

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
