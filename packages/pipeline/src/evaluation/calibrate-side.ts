import { type Model, noBasket, offset } from '@basketwise/core';
import {
  type Calibration,
  type CalibrationQuality,
  fitCalibration,
  judgeCalibration,
  type ScoredPairs,
  sumOfParts,
} from '../campaigns/calibration.ts';
import type { ModelSpec } from '../models/kind.ts';
import type { CampaignSide } from './campaign-side.ts';
import { hash } from './hash.ts';

/** A campaign's calibration on the purchases of a window. */
export interface CampaignCalibration {
  /** The model whose scores it is for: no other model's scores mean the same. */
  spec: ModelSpec;
  /** What else its scores depend on, as a hash. */
  scope: string;
  calibration: Calibration;
  /** Recommendations that would have been made, and how many of them were bought in the window. */
  pairs: number;
  bought: number;
  /** Null where a part of the customers is too small to judge by. */
  quality: CalibrationQuality | null;
}

/** Parts of the customers that a calibration is cross-fitted on. */
const parts = 5;

/**
 * Calibrates a model on what it would have recommended to the targets of a side, against what they bought.
 * @param n length of the lists
 * @returns null with fewer than ten purchases among the recommendations
 */
export async function calibrateSide(
  { data, table, cases, units }: CampaignSide,
  model: Model,
  { spec, scope }: Pick<CampaignCalibration, 'spec' | 'scope'>,
  n: number,
): Promise<CampaignCalibration | null> {
  const { pool } = data.holdings;
  const { memory, rows, columns } = table.table;
  const partOf = (customer: number) => hash(customer, 505) % parts;
  const customers = new Uint32Array(rows * parts);
  for (const [customer, row] of table.basketOf.entries()) if (row !== noBasket) customers[row * parts + partOf(customer)]!++;
  const bought = new Map<number, number>();
  for (const { customer, targets } of cases.cases) {
    for (const column of targets) {
      const key = (table.basketOf[customer]! * columns.length + column) * parts + partOf(customer);
      bought.set(key, (bought.get(key) ?? 0) + 1);
    }
  }
  const scores: number[] = [];
  const pairs: number[] = [];
  const purchases: number[] = [];
  const mark = memory.mark();
  for (const range of units) {
    const { contexts } = table;
    const lists = await model.topN({ pool, table: table.table, range, n, allowed: cases.allowed, ...(contexts && { contexts }) });
    const [count, column] = [memory.u32(lists.count, lists.rows), memory.u32(lists.column, lists.rows * n)];
    const score = memory.f32(lists.score, lists.rows * n);
    for (let i = 0; i < lists.rows; i++) {
      const row = range.from + i;
      if (isEmpty(table, row)) continue;
      for (let at = i * n; at < i * n + count[i]!; at++) {
        scores.push(score[at]!);
        for (let part = 0; part < parts; part++) {
          pairs.push(customers[row * parts + part]!);
          purchases.push(bought.get((row * columns.length + column[at]!) * parts + part) ?? 0);
        }
      }
    }
    memory.release(mark);
  }
  const score = Float64Array.from(scores);
  const points = Array.from({ length: parts }, (_, part): ScoredPairs => {
    const own = (values: readonly number[]) => Float64Array.from(score, (_, at) => values[at * parts + part]!);
    return { score, pairs: own(pairs), bought: own(purchases) };
  });
  const all = sumOfParts(points);
  const calibration = fitCalibration(all);
  if (calibration === null) return null;
  const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
  return { spec, scope, calibration, pairs: sum(all.pairs), bought: sum(all.bought), quality: judgeCalibration(points) };
}

/** Whether a row holds nothing but pseudo-products: popularity serves those. */
function isEmpty({ table, entriesOfNone }: CampaignSide['table'], row: number): boolean {
  const [from, to] = table.memory.u32(offset(table.start, row * 4), 2);
  return to! - from! <= entriesOfNone;
}
