import { allocateItemSide, loadFactors, spans } from './als-item-side.ts';
import { codeRanks, seededDraw } from './als-start.ts';
import { AppError } from './error.ts';
import type { TrainingSet } from './model.ts';

/** Steps of the orthogonal iteration: fixed, the result being a start and not an answer. */
const steps = 20;
/** N f64[columns x columns] and its parts stay within 256 MiB. */
const mostColumns = 4096;
const blockBytes = 2 ** 28;

/**
 * Start without chance: Y = V S^(1/2) from the leading singular vectors of the (customer x product) matrix of 0 and 1, weighted by
 * multiplicity; f64[columns x factors].
 * @throws AppError config with more than 4096 columns
 */
export async function eigenStart({ pool, table, range, weight = 0 }: TrainingSet, factors: number): Promise<Float64Array> {
  const { memory, columns, pseudoColumns } = table;
  if (columns.length > mostColumns) {
    const remedy = `Take the seeded start: svd is for at most ${mostColumns} columns.`;
    throw new AppError('config', `model: start is svd with ${columns.length} columns`, remedy);
  }
  const mark = memory.mark();
  try {
    const side = allocateItemSide(memory, columns.length, factors, false);
    const { products, width } = side;
    const bytes = products ** 2 * 8;
    const most = Math.max(2, Math.min(32, Math.floor(blockBytes / bytes)));
    const rows = range.to - range.from;
    const blocks = spans(rows, Math.max(64, Math.ceil(rows / most)));
    const pairs = memory.allocateZeroed(Math.max(1, blocks.length) * bytes);
    await pool.run(
      'countPairs',
      blocks.map(({ from, to }, i) => [
        ...[table.start, table.entry, table.multiplicity, weight, range.from + from, range.from + to],
        ...[products, pairs + i * bytes],
      ]),
    );
    const ranks = codeRanks(columns, pseudoColumns);
    const q = memory.f64(side.v, width * products).fill(0);
    for (let k = 0; k < factors; k++) {
      for (const [i, rank] of ranks.entries()) q[k * products + i] = seededDraw(0, rank, k);
    }
    await pool.run(
      'alsEigenStart',
      [[pairs, Math.max(1, blocks.length), products, factors, width, steps, side.v, side.y]],
      width * products * 8,
    );
    return loadFactors(memory, side, columns.length);
  } finally {
    memory.release(mark);
  }
}
