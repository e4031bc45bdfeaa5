import type { BasketEntry } from './basket-table.ts';
import type { Model, ModelState, TrainingSet } from './model.ts';
import { topNByFoldIn } from './scored-model.ts';
import { forEachRow, productCount, rowWeights } from './training-rows.ts';

/** Entries of this band in an acquisition table name the product that was acquired; the others are what was held before it. */
export const acquiredBand = 255;

/** What is counted as popular. */
export type PopularityOf =
  /** Holders. */
  | 'holders'
  /** Acquisitions of an acquisition table: recent ones, if it holds only those. */
  | 'recent'
  /** Acquisitions by customers who already held something. */
  | 'upsell';

/** Parameters of popularity. */
export interface PopularityParameters {
  of?: PopularityOf;
  /** Names of pseudo-products (clusters, segments): each has its own counts, with `prior` x the shares of all added. */
  contexts?: readonly string[];
  /** Pseudo-counts with which a context leans on all customers. Default 10. */
  prior?: number;
}

/**
 * Popularity: the score of a product is the share of customers (or of acquisitions) with it, of all or of the first context that
 * the basket holds.
 * For `recent` and `upsell` the training table is one of acquisitions (see `acquiredBand`).
 */
export function fitPopularity(training: TrainingSet, parameters: PopularityParameters = {}): Model {
  const { of = 'holders', contexts = [], prior = 10 } = parameters;
  const { table, range } = training;
  const width = table.columns.length;
  const products = productCount(table);
  const lineOf = new Int32Array(width).fill(-1);
  for (const [i, name] of contexts.entries()) {
    const column = table.columns.indexOf(name, products);
    if (column >= 0) lineOf[column] = i + 1;
  }
  const counts = new Float64Array((contexts.length + 1) * width);
  const weight = rowWeights(training);
  forEachRow(table, range, (entries, row) => {
    if (of === 'upsell' && !holdsBefore(entries, products)) return;
    const lines = [0];
    for (const packed of entries) if (lineOf[packed >>> 8]! > 0) lines.push(lineOf[packed >>> 8]!);
    for (const packed of entries) {
      const column = packed >>> 8;
      if (column >= products || (of !== 'holders' && (packed & 0xff) !== acquiredBand)) continue;
      for (const line of lines) counts[line * width + column]! += weight[row - range.from]!;
    }
  });
  const shares = toShares(counts, width, prior);
  const { columns, pseudoColumns } = table;
  return createPopularity({ columns, pseudoColumns, lineOf, shares, parameters: { of, contexts, prior } });
}

function holdsBefore(entries: Uint32Array, products: number): boolean {
  return entries.some((packed) => packed >>> 8 < products && (packed & 0xff) !== acquiredBand);
}

function toShares(counts: Float64Array, width: number, prior: number): Float64Array {
  const shares = new Float64Array(counts.length);
  const total = (line: number) => counts.subarray(line * width, (line + 1) * width).reduce((sum, n) => sum + n, 0);
  const all = total(0);
  for (let column = 0; column < width; column++) shares[column] = all === 0 ? 0 : counts[column]! / all;
  for (let line = 1; line < counts.length / width; line++) {
    const weight = total(line) + prior;
    for (let column = 0; column < width; column++) {
      const count = counts[line * width + column]!;
      shares[line * width + column] = weight === 0 ? 0 : (count + prior * shares[column]!) / weight;
    }
  }
  return shares;
}

interface PopularityParts {
  columns: readonly string[];
  pseudoColumns: number;
  /** Line of `shares` that each column, as a context, has; -1: none. */
  lineOf: Int32Array;
  /** f64[(contexts + 1) x columns]; line 0 is of all. */
  shares: Float64Array;
  parameters: Readonly<Record<string, unknown>>;
}

function createPopularity({ columns, pseudoColumns, lineOf, shares, parameters }: PopularityParts): Model {
  const width = columns.length;
  const lineFor = (basket: readonly BasketEntry[]) => {
    const context = basket.find(({ column }) => lineOf[column]! > 0);
    return context === undefined ? 0 : lineOf[context.column]!;
  };
  const foldIn = (basket: readonly BasketEntry[]) => shares.slice(lineFor(basket) * width, (lineFor(basket) + 1) * width);
  return {
    kind: 'popularity',
    columns,
    pseudoColumns,
    topN: (request) => topNByFoldIn({ columns, foldIn }, request),
    foldIn,
    explain: (basket, column) => {
      const score = shares[lineFor(basket) * width + column]!;
      return { score, baseline: score, contributions: [] };
    },
    state(): ModelState {
      const matrices = {
        shares: { rows: shares.length / width, columns: width, values: shares },
        lineOf: { rows: 1, columns: width, values: Float64Array.from(lineOf) },
      };
      return { kind: 'popularity', columns, pseudoColumns, parameters, matrices };
    },
  };
}

/** Gives back the model that `state()` of a popularity model described. */
export function popularityOf({ columns, pseudoColumns, parameters, matrices }: ModelState): Model {
  const lineOf = Int32Array.from(matrices.lineOf!.values);
  return createPopularity({ columns, pseudoColumns, parameters, lineOf, shares: Float64Array.from(matrices.shares!.values) });
}
