import type { BasketTable } from '../baskets/basket-table.ts';
import { forEachRow } from '../baskets/training-rows.ts';
import { pow } from '../numbers/elementary.ts';
import type { RowRange } from '../wasm/blocks.ts';

// Regularization that grows with how much is known, as in iALS (Rendle et al., Revisiting the performance of iALS on item recommendation
// benchmarks, 2021). The mass of a customer or product is the sum of its confidences over all cells:
//   lambda_b = lambda (mass_b / mean mass of customers)^nu,   lambda_i = lambda (mass_i / mean mass of products)^nu
// so that lambda means the same with and without it. What multiplies lambda is called a factor here.

/** Scales that the factors of any row are made with: kept with the model. */
export interface FrequencyScale {
  /** nu: above 0, at most 1. */
  exponent: number;
  /** Mean mass of the customers that trained. */
  meanMass: number;
}

/** Factors of rows and columns in training. */
export interface FrequencyFactors {
  scale: FrequencyScale;
  /** f64[rows of the range]. */
  row: Float64Array;
  /** f64[columns]. */
  column: Float64Array;
}

/** The factors of a training set whose rows have these weights: f64[rows of the range]. */
export function frequencyFactors(
  table: BasketTable,
  range: RowRange,
  weights: Float64Array,
  confidence: Float64Array,
  exponent: number,
): FrequencyFactors {
  const masses = rowMasses(table, range, confidence);
  const customers = weights.reduce((sum, weight) => sum + weight, 0);
  const column = new Float64Array(table.columns.length).fill(customers);
  let mass = 0;
  forEachRow(table, range, (entry, from, to, row) => {
    const weight = weights[row - range.from]!;
    mass += weight * masses[row - range.from]!;
    for (let at = from; at < to; at++) column[entry[at]! >>> 8]! += weight * (confidence[entry[at]! & 0xff]! - 1);
  });
  const scale = { exponent, meanMass: customers > 0 ? mass / customers : 1 };
  const columnMean = column.reduce((sum, value) => sum + value, 0) / column.length || 1;
  return {
    scale,
    row: masses.map((value) => factorOf(value, scale)),
    column: column.map((value) => factorOf(value, { exponent, meanMass: columnMean })),
  };
}

/** Mass of each row of the range: columns + sum of (c - 1) over what it holds. */
function rowMasses(table: BasketTable, range: RowRange, confidence: Float64Array): Float64Array {
  const masses = new Float64Array(range.to - range.from);
  forEachRow(table, range, (entry, from, to, row) => {
    const bands = Array.from(entry.subarray(from, to), (packed) => packed & 0xff);
    masses[row - range.from] = massOf(bands, table.columns.length, confidence);
  });
  return masses;
}

/** Mass of a basket that holds products in these bands, of so many columns. */
export function massOf(bands: Iterable<number>, columns: number, confidence: Float64Array): number {
  let mass = columns;
  for (const band of bands) mass += confidence[band]! - 1;
  return mass;
}

/** (mass / mean mass)^nu. */
export function factorOf(mass: number, { exponent, meanMass }: FrequencyScale): number {
  return pow(mass / meanMass, exponent);
}

/** Factors of the range's rows of any table under a model of so many columns: f64, first row first. */
export function rowFactors(
  table: BasketTable,
  range: RowRange,
  confidence: Float64Array,
  columns: number,
  scale: FrequencyScale,
): Float64Array {
  const surplus = columns - table.columns.length;
  return rowMasses(table, range, confidence).map((mass) => factorOf(mass + surplus, scale));
}
