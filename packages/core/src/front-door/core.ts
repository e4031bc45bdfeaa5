import { AppError } from '../error.ts';
import { modelFromState } from '../kinds/kinds.ts';
import { loadModel } from '../models/model-file.ts';
import type { KernelPool } from '../wasm/pool.ts';
import { type Baskets, distinctBaskets, type Holdings } from './baskets.ts';
import { type FitProgress, fitChoice, type ModelChoice } from './fit.ts';
import { FittedModel, type Turn } from './fitted-model.ts';

/** Entry point of the library: collapses holdings into baskets, fits models to them and loads saved models. */
export interface Core {
  /** Workers and kernel memory, for low-level calls. Callers must not use the pool while another call of this object runs. */
  readonly pool: KernelPool;
  /**
   * Collapses holdings into distinct baskets.
   * @throws AppError usage if array lengths do not match; config if bands do not ascend; bad-data if a number is out of range
   */
  baskets(holdings: Holdings): Promise<Baskets>;
  /**
   * Fits a model. The result does not depend on the number of workers.
   * @throws AppError usage for an unknown kind of model; config if a parameter is out of range; bad-data if a system cannot be
   * solved
   */
  fit(baskets: Baskets, choice: ModelChoice, progress?: FitProgress): Promise<FittedModel>;
  /**
   * Loads a model saved by this library or by the batch job.
   * @throws AppError bad-data if the bytes are damaged or of another version
   */
  load(bytes: Uint8Array): Promise<FittedModel>;
  /** Ends the workers after all queued calls. Fitted models can still list products for single customers. */
  close(): Promise<void>;
}

/** Creates a core over a pool. Closing the core closes the pool. */
export function createCore(pool: KernelPool): Core {
  // Kernel memory is a stack. Calls therefore run one after the other, and each call releases its allocations.
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
      turn(async (turnPool) => {
        return new FittedModel(await fitChoice(turnPool, baskets, choice, progress), turn);
      }),
    load: async (bytes) => new FittedModel(await modelFromState((await loadModel(bytes)).state), turn),
    async close() {
      isClosed = true;
      await last;
      await pool.close();
    },
  };
}
