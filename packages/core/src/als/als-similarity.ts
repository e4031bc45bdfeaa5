import type { ModelState } from '../models/model.ts';
import { prepareFoldIn } from './als-fold-in.ts';
import { alsFromState } from './als-model.ts';
import { confidenceByBand } from './als-parameters.ts';

/**
 * How much each column of an ALS model is like one of them: the cosine K[i, j] / sqrt(K[i, i] K[j, j]) of the hat matrix K = Y A^-1 Y', which
 * does not depend on how the factors are turned or scaled. -1 .. 1; 0 for columns that have no factors.
 * @throws AppError bad-data where the state is not one of an ALS model
 */
export function alsSimilarities(state: ModelState, column: number): Float64Array {
  const { factors, itemFactors, parameters, columns } = alsFromState(state);
  const { hatRoot } = prepareFoldIn(itemFactors, factors, parameters.regularization, confidenceByBand(parameters));
  const hat = (i: number, j: number) => {
    let sum = 0;
    for (let k = 0; k < factors; k++) sum += hatRoot[i * factors + k]! * hatRoot[j * factors + k]!;
    return sum;
  };
  return Float64Array.from(columns, (_, i) => hat(i, column) / (Math.sqrt(hat(i, i) * hat(column, column)) || 1));
}
