import { rowWeights, type TrainingSet } from '../baskets/training-rows.ts';
import { AppError } from '../error.ts';
import { coOccurrence } from '../models/co-occurrence.ts';
import { codeRanks, seededDraw } from '../models/seeded-start.ts';
import { offset } from '../wasm/memory.ts';
import { allocateItemMatrices, loadFactors } from './als-item-matrices.ts';

/** Number of steps of the orthogonal iteration. It is fixed, because the start factors need not be exact singular vectors. */
const eigenSteps = 20;
/** Largest number of columns for this start. With 4096 columns the co-occurrence matrix, f64[columns x columns], takes 128 MiB. */
const mostColumns = 4096;

/**
 * Deterministic start of the item factors: Y = V S^(1/2), f64[columns x factors].
 * V and S are the leading right singular vectors and values of the customer-by-product matrix of 0 and 1.
 * A basket row enters that matrix once for each customer that it stands for.
 * @throws AppError config with more than 4096 columns
 */
export async function eigenStart(training: TrainingSet, factors: number): Promise<Float64Array> {
  const { pool, table } = training;
  const { memory, columns, pseudoColumns } = table;
  if (columns.length > mostColumns) {
    const remedy = `Take the seeded start: svd is for at most ${mostColumns} columns.`;
    throw new AppError('config', `model: start is svd with ${columns.length} columns`, remedy);
  }
  const mark = memory.mark();
  try {
    const items = allocateItemMatrices(memory, columns.length, factors, false);
    const { products, width } = items;
    const pairs = memory.allocateZeroed(products ** 2 * 8);
    const gram = await coOccurrence(training, rowWeights(training), new Float64Array(256).fill(1));
    for (let i = 0; i < columns.length; i++) {
      const line = memory.f64(offset(gram, i * columns.length * 8), columns.length);
      memory.f64(offset(pairs, i * products * 8), products).set(line);
    }
    const q = memory.f64(items.v, width * products).fill(0);
    drawLines(q, codeRanks(columns, pseudoColumns), { factors, products });
    const call = { pairs, products, factors, width, steps: eigenSteps, q: items.v, y: items.y };
    await pool.run('alsEigenStart', [call], width * products * 8);
    return loadFactors(memory, items, columns.length);
  } finally {
    memory.release(mark);
  }
}

/**
 * Fills the start matrix of the iteration, f64[factors x products], with seeded random numbers.
 * The numbers of a product depend only on the rank of its code among all codes.
 */
function drawLines(q: Float64Array, ranks: Uint32Array, { factors, products }: { factors: number; products: number }): void {
  for (let k = 0; k < factors; k++) {
    for (let i = 0; i < ranks.length; i++) q[k * products + i] = seededDraw(0, ranks[i]!, k);
  }
}
