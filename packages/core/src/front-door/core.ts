import { AppError } from '../error.ts';
import { modelFromState } from '../kinds/kinds.ts';
import { loadModel } from '../models/model-file.ts';
import type { KernelPool } from '../wasm/pool.ts';
import { type Baskets, distinctBaskets, type Holdings } from './baskets.ts';
import { type FitProgress, fitChoice, type ModelChoice } from './fit.ts';
import { FittedModel, type Turn } from './fitted-model.ts';

/** The library's front door: makes baskets of holdings, fits models on them and loads those that were saved. */
export interface Core {
  /** Workers and kernel memory, for work below this level: not while a call of this object is under way. */
  readonly pool: KernelPool;
  /**
   * Makes distinct baskets of holdings.
   * @throws AppError usage where arrays do not fit each other, config where bands do not rise, bad-data where a number is out of range
   */
  baskets(holdings: Holdings): Promise<Baskets>;
  /**
   * Fits a model. The result does not depend on the number of workers.
   * @throws AppError usage for a kind of model that there is not, config where a parameter is out of range, bad-data where a system cannot be solved
   */
  fit(baskets: Baskets, choice: ModelChoice, progress?: FitProgress): Promise<FittedModel>;
  /**
   * Gives back a model that was saved, by this library or by the nightly job.
   * @throws AppError bad-data where bytes are damaged or of another version
   */
  load(bytes: Uint8Array): Promise<FittedModel>;
  /** Ends the workers, after all that was asked for before. Models go on listing single customers. */
  close(): Promise<void>;
}

/** Opens the front door over a pool, which it closes with itself. */
export function createCore(pool: KernelPool): Core {
  // Kernel memory is a stack: one call after the other takes it and gives it back.
  let last: Promise<unknown> = Promise.resolve();
  let isClosed = false;
  const turn: Turn = (work) => {
    if (isClosed) return Promise.reject(new AppError('usage', 'the core is closed', 'Open another one.'));
    const result = last.then(async () => {
      const mark = pool.memory.mark();
      try {
        return await work(pool);
      } finally {
        pool.memory.release(mark);
      }
    });
    last = result.catch(() => undefined);
    return result;
  };
  return {
    pool,
    baskets: (holdings) => turn((own) => distinctBaskets(own, holdings)),
    fit: (baskets, choice, progress = {}) =>
      turn(async (own) => {
        return new FittedModel(await fitChoice(own, baskets, choice, progress), turn);
      }),
    load: async (bytes) => new FittedModel(await modelFromState((await loadModel(bytes)).state), turn),
    async close() {
      isClosed = true;
      await last;
      await pool.close();
    },
  };
}
