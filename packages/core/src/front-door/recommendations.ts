import { compareCodes } from '../baskets/basket-order.ts';
import type { BasketEntry } from '../baskets/basket-table.ts';
import { longestList } from '../baskets/topn.ts';
import { AppError } from '../error.ts';
import type { HeldProduct, Model } from '../models/model.ts';
import type { Baskets } from './baskets.ts';

/** Recommended product. */
export interface Recommendation {
  product: string;
  /** Score on the model's own scale: higher is better. */
  score: number;
  /** Held product with the largest contribution to the score. Null if no contribution is above 0, or this kind of model has none. */
  reason: string | null;
}

/** Options of a list. */
export interface ListOptions {
  /** Length of a list, 1 to 64. Default 5. */
  n?: number;
  /** Codes of the products that can be recommended. Default: all products. Held products are never recommended. */
  among?: Iterable<string>;
}

/** Lists of many customers, one per distinct basket. */
export interface AllLists {
  n: number;
  /** Code of each product. */
  products: readonly string[];
  /** Index of each customer's list, u32[customers]. */
  listOf: Uint32Array;
  /** Length of each list, u32[lists], at most n. */
  count: Uint32Array;
  /** Recommended products of each list, best first, u32[lists x n]: positions in `products`. */
  product: Uint32Array;
  /** Score of each recommended product, f32[lists x n]. */
  score: Float32Array;
}

/** Explanation of a product's score. */
export interface ProductExplanation {
  score: number;
  /** Part of the score that comes from no single held product. */
  baseline: number;
  /** Contribution of each held product, largest first. Baseline and contributions sum to the score, within 1e-5 of it. */
  contributions: readonly { product: string; value: number }[];
}

/**
 * Length of the lists.
 * @throws AppError usage for a length that is not 1 to 64
 */
export function listLength({ n = 5 }: ListOptions): number {
  if (Number.isInteger(n) && n >= 1 && n <= longestList) return n;
  throw new AppError('usage', `lists of ${n} products`, `Ask for lists of 1 to ${longestList} products.`);
}

/** Computes lists and explanations of single baskets by a model. */
export class Lister {
  readonly #model: Model;
  readonly #columnOf: Map<string, number>;

  constructor(model: Model) {
    this.#model = model;
    this.#columnOf = new Map(model.columns.map((code, column) => [code, column]));
  }

  /** Codes of the products that the model can recommend. */
  get products(): readonly string[] {
    const { columns, pseudoColumns } = this.#model;
    return columns.slice(0, columns.length - pseudoColumns);
  }

  /** Column of a product in the model. @throws AppError usage for a product unknown to the model */
  column(product: string): number {
    const column = this.#columnOf.get(product);
    if (column !== undefined) return column;
    throw new AppError('usage', `the model does not know product '${product}'`, 'Name one of its products.');
  }

  /**
   * The n best of `candidates` for a basket, highest score first (ties: by code), as kernels order lists. Products unknown to the
   * model have score 0.
   */
  list(held: readonly HeldProduct[], candidates: readonly string[], n: number): Recommendation[] {
    const basket = this.#basketOf(held);
    const scores = this.#model.foldIn(basket);
    const isHeld = new Set(held.map(({ product }) => product));
    const scoreOf = (product: string) => {
      const column = this.#columnOf.get(product);
      return column === undefined ? 0 : scores[column]!;
    };
    return candidates
      .filter((product) => !isHeld.has(product))
      .map((product) => ({ product, score: scoreOf(product) }))
      .filter(({ score }) => score > Number.NEGATIVE_INFINITY)
      .sort((a, b) => b.score - a.score || compareCodes(a.product, b.product))
      .slice(0, n)
      .map(({ product, score }) => ({ product, score, reason: this.#reasonOf(basket, product) }));
  }

  /** Explanation of a product's score for a basket. Null if this kind of model has no contributions. */
  explain(held: readonly HeldProduct[], product: string): ProductExplanation | null {
    const explanation = this.#model.explain(this.#basketOf(held), this.column(product));
    if (!explanation) return null;
    const { score, baseline, contributions, exact = 0 } = explanation;
    return {
      score,
      baseline: baseline + exact,
      contributions: contributions.map(({ column, value }) => ({ product: this.#model.columns[column]!, value })),
    };
  }

  #reasonOf(basket: readonly BasketEntry[], product: string): string | null {
    const column = this.#columnOf.get(product);
    const [most] = column === undefined ? [] : (this.#model.explain(basket, column)?.contributions ?? []);
    return most && most.value > 0 ? this.#model.columns[most.column]! : null;
  }

  /** Basket as columns of the model, ascending, without products unknown to the model. */
  #basketOf(held: readonly HeldProduct[]): BasketEntry[] {
    return held
      .flatMap(({ product, band = 0 }) => {
        const column = this.#columnOf.get(product);
        return column === undefined ? [] : [{ column, band }];
      })
      .sort((a, b) => a.column - b.column);
  }
}

/** Lists of customers, each computed on demand. */
export class Recommendations {
  readonly #baskets: Baskets;
  readonly #lister: Lister;
  readonly #candidates: readonly string[];
  readonly #n: number;
  readonly #all: () => Promise<AllLists>;
  readonly #lists = new Map<number, Recommendation[]>();

  /** @internal */
  constructor(baskets: Baskets, lister: Lister, options: ListOptions, all: () => Promise<AllLists>) {
    const among = options.among && new Set(options.among);
    this.#baskets = baskets;
    this.#lister = lister;
    this.#n = listLength(options);
    this.#candidates = among ? baskets.products.filter((product) => among.has(product)) : baskets.products;
    this.#all = all;
  }

  /**
   * List of a customer, best product first. It has fewer than n products if the customer's holdings leave fewer candidates.
   * @throws AppError usage for an unknown customer
   */
  of(customer: number): readonly Recommendation[] {
    const held = this.#baskets.of(customer);
    const row = this.#baskets.basketOf[customer]!;
    const cached = this.#lists.get(row);
    if (cached) return cached;
    const list = this.#lister.list(held, this.#candidates, this.#n);
    this.#lists.set(row, list);
    return list;
  }

  /**
   * Lists of all customers without reasons, computed by kernels on all workers in single precision. Meant for many customers.
   */
  all(): Promise<AllLists> {
    return this.#all();
  }
}
