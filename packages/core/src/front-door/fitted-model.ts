import { compareCodes } from '../baskets/code-order.ts';
import { AppError } from '../error.ts';
import type { HeldProduct, Model } from '../models/model.ts';
import { saveModel } from '../models/model-file.ts';
import type { KernelPool } from '../wasm/pool.ts';
import { type Baskets, storeBaskets } from './baskets.ts';
import {
  type AllLists,
  Lister,
  type ListOptions,
  listLength,
  type ProductExplanation,
  type Recommendation,
  Recommendations,
} from './recommendations.ts';

/** Product that is similar to another product. */
export interface SimilarProduct {
  product: string;
  /** Similarity on the model's own scale. For ALS a cosine, -1 to 1. */
  similarity: number;
}

/** Queues work that uses kernel memory. The work runs after all work queued earlier. */
export type Turn = <Result>(work: (pool: KernelPool) => Promise<Result>) => Promise<Result>;

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
