import { allocateItemSide, deriveItemSide, spans, storeFactors, storeHatF32 } from './als-item-side.ts';
import type { FittedAls } from './als-model.ts';
import { longScratch, singular } from './als-training.ts';
import type { BasketTable } from './basket-table.ts';
import type { Address } from './memory.ts';
import type { ScoreRequest, TopN } from './model.ts';
import { allocateTopN, topNLinear } from './topn.ts';

/** Rows of one kernel call: fixed. */
const blockRows = 4096;
/** Above this many columns rows are solved from factors, so that K is needed in single precision only. */
const mostHatColumns = 4096;

/** Lists of an ALS model: dual weights of every row, then the linear top-N with K. */
export async function scoreAls(fitted: FittedAls, confidence: Float64Array, request: ScoreRequest): Promise<TopN> {
  const { table } = request;
  const { memory } = table;
  const mark = memory.mark();
  const lists = await scoreAbove(fitted, confidence, request).catch((error) => {
    memory.release(mark);
    throw error;
  });
  return moveDown(table, mark, lists);
}

/** The lists, with weights and matrices left below them. */
async function scoreAbove(fitted: FittedAls, confidence: Float64Array, request: ScoreRequest): Promise<TopN> {
  const { pool, table, range } = request;
  const { memory } = table;
  const [first, end] = [range.from, range.to].map((row) => memory.u32(table.start, table.rows + 1)[row]!);
  // Weights only of the range's entries, addressed as if they were the whole table's.
  const weights = memory.allocate((end! - first!) * 4) - first! * 4;
  const hat = memory.allocate(Math.ceil(table.columns.length / 8) ** 2 * 64 * 4);
  const inner = memory.mark();
  const { regularization } = fitted.parameters;
  const withHat = table.columns.length <= mostHatColumns;
  const side = allocateItemSide(memory, table.columns.length, fitted.factors, withHat);
  storeFactors(memory, side, factorsFor(fitted, table));
  const confidenceAt = memory.store(confidence);
  if (!(await deriveItemSide(pool, side, regularization))) throw singular('the item factors', regularization);
  await storeHatF32(pool, side, hat);
  const longest = withHat ? fitted.factors - 1 : 0;
  const solved = await pool.run(
    'alsWeights',
    spans(range.to - range.from, blockRows).map(({ from, to }) => [
      ...[table.start, table.entry, range.from + from, range.from + to, longest, side.hat, side.products],
      ...[side.a, side.y, side.width, confidenceAt, weights],
    ]),
    Math.max(longScratch(side.width), longest * (longest + 2) * 8),
  );
  if (solved.some((ok) => ok !== 1)) throw singular('a basket', regularization);
  memory.release(inner);
  return topNLinear({ ...request, matrix: hat, stride: side.products, weights });
}

/** Y in the table's columns: products by code, pseudo-products by name; zeros for those the model never saw. */
function factorsFor({ columns, pseudoColumns, factors, itemFactors }: FittedAls, table: BasketTable): Float64Array {
  const products = columns.length - pseudoColumns;
  const tableProducts = table.columns.length - table.pseudoColumns;
  const rowOf = new Map(columns.map((code, row) => [`${row < products}/${code}`, row]));
  const values = new Float64Array(table.columns.length * factors);
  for (const [i, code] of table.columns.entries()) {
    const row = rowOf.get(`${i < tableProducts}/${code}`);
    if (row !== undefined) values.set(itemFactors.subarray(row * factors, (row + 1) * factors), i * factors);
  }
  return values;
}

/** Frees what lies between `mark` and the lists by moving the lists to `mark`. */
function moveDown({ memory }: BasketTable, mark: Address, lists: TopN): TopN {
  memory.release(mark);
  const { rows, n } = lists;
  const moved = allocateTopN(memory, rows, n);
  const all = new Uint8Array(memory.memory.buffer);
  all.copyWithin(moved.count, lists.count, lists.count + rows * 4);
  all.copyWithin(moved.column, lists.column, lists.column + rows * n * 4);
  all.copyWithin(moved.score, lists.score, lists.score + rows * n * 4);
  return moved;
}
