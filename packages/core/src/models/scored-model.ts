import { type BasketEntry, type BasketTable, columnMap, unpackEntry } from '../baskets/basket-table.ts';
import { fillLists, partOfTopN, type ScoreRequest, type TopN, type TopNRequest, topNDense, topNSteps } from '../baskets/topn.ts';
import { forEachRow } from '../baskets/training-rows.ts';
import { stepFirst } from '../generated/layouts.ts';
import type { Address } from '../wasm/memory.ts';
import { blocksOf } from '../wasm/pool.ts';
import type { Model } from './model.ts';
import { ScorePlan } from './score-plan.ts';

/**
 * Makes lists from a model that kernels score in steps. If the model has no steps, or if its columns differ from the table's,
 * lists come from `foldIn`.
 */
export function topNBySteps(model: Pick<Model, 'columns' | 'foldIn' | 'addSteps'>, request: TopNRequest): Promise<TopN> {
  if (model.addSteps === undefined || !hasColumns(request.table, model.columns)) return topNByFoldIn(model, request);
  return fillLists(request, async (lists) => {
    const plan = new ScorePlan(request);
    const { candidates } = plan;
    const { line, part } = await model.addSteps!(plan, candidates, 'raw');
    // A term alone is a sum of one.
    if (part > 0 && lists.reason !== undefined) addOne(plan, line, part);
    const { failure, ...stored } = plan.finish();
    if (!(await topNSteps({ ...request, lists, candidates, stored }))) throw failure();
  });
}

function addOne(plan: ScorePlan, from: number, part: number): void {
  const { padded } = plan.candidates;
  const line = plan.line(plan.candidates);
  plan.add({ kind: stepFirst, line, from, padded, weight: plan.number(1), part });
}

function hasColumns({ columns }: BasketTable, wanted: readonly string[]): boolean {
  return columns === wanted || (columns.length === wanted.length && columns.every((column, i) => column === wanted[i]));
}

/** Largest number of scores in memory at a time: 2^24 floats, 64 MiB. */
const scoresAtOnce = 2 ** 24;

/**
 * Makes lists from `foldIn`. Rows are scored in blocks. A column unknown to the model scores 0.
 * No reasons are written; `explain` gives them for one product at a time.
 */
function topNByFoldIn(model: Pick<Model, 'columns' | 'foldIn'>, asked: TopNRequest): Promise<TopN> {
  const request = { ...asked, reasons: false };
  const { table, range } = request;
  const { memory } = table;
  const width = table.columns.length;
  return fillLists(request, async (lists) => {
    const mark = memory.mark();
    for (const { from, to } of blocksOf(range, Math.max(1, Math.floor(scoresAtOnce / width)))) {
      const scores = storeScores(model, request, from, to);
      const part = partOfTopN(lists, { from: from - range.from, to: to - range.from });
      await topNDense({ ...request, range: { from, to }, scores, stride: width, lists: part });
      memory.release(mark);
    }
  });
}

function storeScores(model: Pick<Model, 'columns' | 'foldIn'>, { table }: ScoreRequest, from: number, to: number): Address {
  const width = table.columns.length;
  const map = columnMap(model.columns, table);
  const address = table.memory.allocateZeroed((to - from) * width * 4);
  const target = table.memory.f32(address, (to - from) * width);
  const isSame = map.every((place, column) => place === column) && model.columns.length === width;
  forEachRow(table, { from, to }, (entry, first, end, row) => {
    const scores = model.foldIn(modelBasket(entry, first, end, map));
    const line = (row - from) * width;
    if (isSame) target.set(scores, line);
    else for (let column = 0; column < width; column++) if (map[column]! >= 0) target[line + column] = scores[map[column]!]!;
  });
  return address;
}

/** Entries of a row, renumbered by the model's columns. Entries of columns unknown to the model are dropped. */
function modelBasket(entry: Uint32Array, from: number, to: number, map: Int32Array): BasketEntry[] {
  const basket: BasketEntry[] = [];
  for (let at = from; at < to; at++) {
    const { column, band } = unpackEntry(entry[at]!);
    if (map[column]! >= 0) basket.push({ column: map[column]!, band });
  }
  return basket;
}
