import { AppError } from '@basketwise/core';
import { createNodePool } from '@basketwise/core/node';
import { createInlinePool, fitAls, type KernelPool, kernelHash, tableFromRows } from '@basketwise/core/parts';

const testColumns = ['A', 'B', 'C', 'D', 'E'];
/** Distinct baskets of the test. Each is a list of columns. */
const testBaskets = [[0], [0, 1], [0, 1, 2], [0, 3], [1, 2, 4], [2, 3], [3, 4]];

/** Fits a small model. Returns its item factors and the objective after each sweep. */
async function smallFit(pool: KernelPool) {
  const rows = testBaskets.map((basket, i) => ({
    entries: basket.map((column) => ({ column, band: column % 2 })),
    multiplicity: i + 1,
  }));
  const table = tableFromRows(pool.memory, testColumns, rows);
  const parameters = { factors: 4, regularization: 1, alpha: 10, iterations: 6, seed: 0, weights: [1, 0.5] };
  const model = await fitAls({ pool, table, range: { from: 0, to: table.rows } }, parameters);
  return { factors: model.itemFactors, objectives: model.history.map(({ objective }) => objective!) };
}

/**
 * Runs the kernels on threads over shared memory, and without threads. Both fits must have the same bits, and the objective must
 * not rise.
 * @throws AppError bug otherwise
 */
export async function kernelSelfTest(threads: number): Promise<string> {
  const pool = await createNodePool(threads);
  try {
    const shared = await smallFit(pool);
    const single = await smallFit(createInlinePool());
    const same = shared.factors.every((value, i) => Object.is(value, single.factors[i]));
    const falls = shared.objectives.every((value, i, all) => i === 0 || value <= all[i - 1]! * (1 + 1e-6));
    if (same && falls && shared.factors.every(Number.isFinite))
      return `kernels ${kernelHash} agree on ${threads} threads and on one`;
    const what = same ? 'the objective rose' : 'threads and one thread differ';
    throw new AppError('bug', `kernel self-test: ${what}`, 'Do not run here: report this with the CPU and the version of Node.');
  } finally {
    await pool.close();
  }
}
