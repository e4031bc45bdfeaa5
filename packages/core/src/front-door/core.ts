import type { AlsOptions } from '../als/als.ts';
import { compareCodes } from '../baskets/basket-order.ts';
import { AppError } from '../error.ts';
import { kinds, type ModelSpec, modelFromState } from '../kinds/kinds.ts';
import { fitSpec, type NamedChoice, specOf } from '../kinds/spec-of.ts';
import type { HeldProduct, Model } from '../models/model.ts';
import { loadModel, saveModel } from '../models/model-file.ts';
import type { KernelPool } from '../wasm/pool.ts';
import { type Baskets, distinctBaskets, type Holdings, storeBaskets } from './baskets.ts';
import {
  type AllLists,
  Lister,
  type ListOptions,
  listLength,
  type ProductExplanation,
  type Recommendation,
  Recommendations,
} from './recommendations.ts';

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

/** Callbacks and abort signal of a fit. Only ALS reports its iterations. */
export type FitProgress = Pick<AlsOptions, 'onIteration' | 'onWarning' | 'signal'>;

/** Model to fit. Omitted parameters have their usual values (docs/reference/config.md). */
export type ModelChoice = NamedChoice & {
  /** Weight of each recency band of the baskets, for models that weight holdings. Default: 1 for all bands. */
  weights?: readonly number[];
};

/**
 * Fits the chosen model to baskets, which it copies into kernel memory.
 * @throws AppError usage for an unknown kind, or a kind that needs more data than baskets; config if a parameter is out of range
 */
async function fitChoice(
  pool: KernelPool,
  baskets: Baskets,
  { weights, ...choice }: ModelChoice,
  options: FitProgress,
): Promise<Model> {
  const spec = specOfChoice(choice);
  if (choice.kind === 'next-purchase' && choice.members === undefined)
    throw new AppError(
      'usage',
      'next-purchase needs dates to learn its weights',
      'Call recommendTo of @basketwise/recommend, or name its members with their weights.',
    );
  const table = storeBaskets(pool.memory, baskets);
  const holdings = { pool, table, range: { from: 0, to: table.rows } };
  const bandWeights = weights ?? new Array<number>(baskets.bands).fill(1);
  return fitSpec({ holdings, bandWeights }, spec, options);
}

/** Spec of a named model. @throws AppError usage for an unknown kind */
export function specOfChoice(choice: NamedChoice): ModelSpec {
  if (kinds.some(({ kind }) => kind === choice.kind)) return specOf(choice);
  const names = kinds.map(({ kind }) => kind).join(', ');
  throw new AppError('usage', `there is no kind of model '${choice.kind}'`, `There are: ${names}.`);
}

/** Product that is similar to another product. */
export interface SimilarProduct {
  product: string;
  /** Similarity on the model's own scale. For ALS a cosine, -1 to 1. */
  similarity: number;
}

/** Queues work that uses kernel memory. The work runs after all work queued earlier. */
type Turn = <Result>(work: (pool: KernelPool) => Promise<Result>) => Promise<Result>;

/** Fitted model: recommends, compares and explains products, and can be saved as bytes. */
export class FittedModel {
  readonly model: Model;
  readonly #turn: Turn;
  readonly #lister: Lister;

  /** @internal */
  constructor(model: Model, turn: Turn) {
    this.model = model;
    this.#turn = turn;
    this.#lister = new Lister(model);
  }

  /** Kind of the model, such as `als` or `ease`. */
  get kind(): string {
    return this.model.kind;
  }

  /** Codes of the products that the model knows. */
  get products(): readonly string[] {
    return this.#lister.products;
  }

  /**
   * Lists for the customers of the given baskets. The model may be trained on other baskets.
   * @throws AppError usage for a list length outside 1 to 64
   */
  recommend(baskets: Baskets, options: ListOptions = {}): Recommendations {
    return new Recommendations(baskets, this.#lister, options, () => this.#turn((pool) => this.#listAll(pool, baskets, options)));
  }

  /**
   * List for a single basket. The model may be trained on other baskets.
   * @throws AppError usage for a list length outside 1 to 64
   */
  recommendFor(held: readonly HeldProduct[], options: ListOptions = {}): Recommendation[] {
    const among = options.among && new Set(options.among);
    const candidates = among ? this.products.filter((product) => among.has(product)) : this.products;
    return this.#lister.list(held, candidates, listLength(options));
  }

  /**
   * Products most similar to `product`, most similar first (ties: by code).
   * @throws AppError usage for an unknown product, or a kind of model that does not compare products
   */
  similar(product: string, { n = 10 }: { n?: number } = {}): SimilarProduct[] {
    const column = this.#lister.column(product);
    const values = this.model.similarities?.(column);
    if (values === undefined)
      throw new AppError('usage', `a model of kind ${this.kind} compares no products`, 'Fit als or item-knn.');
    return this.products
      .map((code, i) => ({ product: code, similarity: values[i]! }))
      .filter((one, i) => i !== column && one.similarity !== 0)
      .sort((a, b) => b.similarity - a.similarity || compareCodes(a.product, b.product))
      .slice(0, n);
  }

  /**
   * Contribution of each held product to the score of `product`. Null if this kind of model has no contributions.
   * @throws AppError usage for an unknown product
   */
  explain(held: readonly HeldProduct[], product: string): ProductExplanation | null {
    return this.#lister.explain(held, product);
  }

  /** Bytes of a model file. Equal models give equal bytes. `dataHash` identifies the training data. */
  save({ dataHash = '' }: { dataHash?: string } = {}): Promise<Uint8Array<ArrayBuffer>> {
    return saveModel(this.model.state(), { dataHash });
  }

  async #listAll(pool: KernelPool, baskets: Baskets, options: ListOptions): Promise<AllLists> {
    const { memory } = pool;
    const { products, basketOf, distinct } = baskets;
    const n = listLength(options);
    const among = options.among && new Set(options.among);
    const allowed = Uint8Array.from(products, (product) => (among === undefined || among.has(product) ? 1 : 0));
    const table = storeBaskets(memory, baskets);
    const lists = await this.model.topN({ pool, table, range: { from: 0, to: distinct }, n, allowed });
    return {
      n,
      products,
      listOf: basketOf,
      count: memory.u32(lists.count, distinct).slice(),
      product: memory.u32(lists.column, distinct * n).slice(),
      score: memory.f32(lists.score, distinct * n).slice(),
    };
  }
}
