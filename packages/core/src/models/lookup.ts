import type { BasketEntry } from '../baskets/basket-table.ts';
import { forEachRow, productCount, rowWeights, type TrainingSet } from '../baskets/training-rows.ts';
import { BasketIndex, type Fingerprint, fingerprint, withColumn, withoutColumn } from './basket-index.ts';
import type { Model, ModelState } from './model.ts';
import { acquiredBand, newestBand, newestOfRow } from './popularity.ts';
import { topNByFoldIn } from './scored-model.ts';

/** Parameters of both lookups. */
export interface LookupParameters {
  /** Pseudo-customers with which an exact basket leans on the base model: > 0. */
  prior: number;
  /** `lookup-next`: tell apart baskets whose newest holdings are of different recency bands. */
  byRecency?: boolean;
}

/**
 * `lookup`: of the customers who hold exactly this basket and one product more, the share with product j; backed off to a base model.
 *   score(j | S) = (customers who hold exactly S + {j} + prior x share of j in the base model) / (all such customers + prior)
 * Only a table of distinct baskets makes this cheap: one count per entry of the table.
 * @param base a model of the same columns (the same table, or one with as many products in the same order).
 */
export function fitLookup(training: TrainingSet, base: Model, { prior }: LookupParameters): Model {
  const { table, range } = training;
  const products = productCount(table);
  const weight = rowWeights(training);
  const index = new BasketIndex();
  forEachRow(table, range, (entries, row) => {
    let set: Fingerprint = { low: 0, high: 0 };
    for (const packed of entries) if (packed >>> 8 < products) set = withColumn(set, packed >>> 8);
    for (const packed of entries) {
      if (packed >>> 8 < products) index.add(withoutColumn(set, packed >>> 8), packed >>> 8, weight[row - range.from]!);
    }
  });
  return createLookup({ kind: 'lookup', index, base, prior, byRecency: false });
}

/**
 * `lookup-next`: of what customers took next who held exactly this basket, the share of product j; backed off to a base model, which
 * usually is up-sell popularity. The formula is that of `lookup`.
 * @param acquisitions rows are baskets before an acquisition, with what was acquired as an entry of `acquiredBand`.
 */
export function fitLookupNext(acquisitions: TrainingSet, base: Model, { prior, byRecency = false }: LookupParameters): Model {
  const { table, range } = acquisitions;
  const products = productCount(table);
  const weight = rowWeights(acquisitions);
  const index = new BasketIndex();
  forEachRow(table, range, (entries, row) => {
    let set: Fingerprint = { low: 0, high: 0 };
    for (const packed of entries) {
      if (packed >>> 8 < products && (packed & 0xff) !== acquiredBand) set = withColumn(set, packed >>> 8);
    }
    // what was acquired is of the oldest band there is, and so never the newest
    if (byRecency) set = withColumn(set, products + newestOfRow(entries, products));
    for (const packed of entries) {
      if ((packed & 0xff) === acquiredBand) index.add(set, packed >>> 8, weight[row - range.from]!);
    }
  });
  return createLookup({ kind: 'lookup-next', index, base, prior, byRecency });
}

interface LookupParts {
  kind: 'lookup' | 'lookup-next';
  index: BasketIndex;
  base: Model;
  prior: number;
  byRecency: boolean;
}

/** Key by which a basket is looked up: its products, and the recency of the newest where that matters. */
function keyOf(basket: readonly BasketEntry[], products: number, byRecency: boolean): Fingerprint {
  const set = fingerprint(basket, products);
  return byRecency ? withColumn(set, products + newestBand(basket, products)) : set;
}

function createLookup({ kind, index, base, prior, byRecency }: LookupParts): Model {
  const { columns, pseudoColumns } = base;
  const products = columns.length - pseudoColumns;
  const foldIn = (basket: readonly BasketEntry[]) => {
    const scores = shares(base.foldIn(basket), basket, products);
    let total = prior;
    for (let column = 0; column < products; column++) scores[column]! *= prior;
    index.forEach(keyOf(basket, products, byRecency), (column, count) => {
      scores[column]! += count;
      total += count;
    });
    const all = total;
    for (let column = 0; column < scores.length; column++) scores[column]! /= all;
    return scores;
  };
  return {
    kind,
    columns,
    pseudoColumns,
    topN: (request) => topNByFoldIn({ columns, foldIn }, request),
    foldIn,
    explain: () => null,
    state(): ModelState {
      const lines = index.toMatrix();
      const inner = base.state();
      const matrices = Object.entries(inner.matrices).map(([name, matrix]) => [`base.${name}`, matrix]);
      return {
        kind,
        columns,
        pseudoColumns,
        parameters: { prior, byRecency, base: { kind: inner.kind, parameters: inner.parameters } },
        matrices: { ...Object.fromEntries(matrices), counts: { rows: lines.length / 4, columns: 4, values: lines } },
      };
    },
  };
}

/** Gives back the model that `state()` of a lookup described; `baseOf` does so for its base. */
export function lookupOf(state: ModelState, baseOf: (state: ModelState) => Model): Model {
  const { kind, columns, pseudoColumns, parameters, matrices } = state;
  const { prior, byRecency, base } = parameters as {
    prior: number;
    byRecency: boolean;
    base: Pick<ModelState, 'kind' | 'parameters'>;
  };
  const inner = Object.entries(matrices).flatMap(([name, matrix]) => (name.startsWith('base.') ? [[name.slice(5), matrix]] : []));
  const baseModel = baseOf({ ...base, columns, pseudoColumns, matrices: Object.fromEntries(inner) });
  const index = BasketIndex.fromMatrix(matrices.counts!.values);
  return createLookup({ kind: kind as LookupParts['kind'], index, base: baseModel, prior, byRecency });
}

/** Scores of what is not held as shares: cut at 0 and scaled to a sum of 1; what is left of the order below 0 is a billionth of it. */
function shares(scores: Float64Array, basket: readonly BasketEntry[], products: number): Float64Array {
  const isHeld = new Uint8Array(scores.length);
  for (const { column } of basket) isHeld[column] = 1;
  let sum = 0;
  for (let column = 0; column < products; column++) if (isHeld[column] === 0 && scores[column]! > 0) sum += scores[column]!;
  const scale = sum > 0 ? 1 / sum : 0;
  const shared = new Float64Array(scores.length);
  for (let column = 0; column < scores.length; column++) shared[column] = scores[column]! * (scores[column]! > 0 ? scale : 1e-9);
  return shared;
}
