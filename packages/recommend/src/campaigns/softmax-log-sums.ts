import {
  blocksOf,
  exp,
  type KernelMemory,
  type KernelPool,
  log,
  longestList,
  type Model,
  type RowRange,
  type TopN,
} from '@basketwise/core';
import type { CampaignTable } from './baskets.ts';
import { preparedLists, type ScoredLists } from './lists.ts';
import type { CampaignModels } from './train.ts';

/** Lists of a campaign with the models that made them, and the slopes of the utilities (see `utilityTerms`). */
interface SoftmaxRequest {
  pool: KernelPool;
  signal: AbortSignal | undefined;
  campaign: CampaignTable;
  models: CampaignModels;
  lists: ScoredLists;
  slopes: readonly number[];
  /** Constant that is added to a score before its logarithm. */
  offset: number;
}

/** Function from a candidate's score and its rank in the list to its utility. */
type UtilityOf = (score: number, rank: number) => number;

/**
 * Denominators of the softmax over candidates: log of the sum of exp(utility) over all candidates, f64[rows]. NaN for rows whose first entry is not
 * the model's.
 */
interface SoftmaxLogSums {
  logSums: Float64Array;
  utilityOf: UtilityOf;
}

/** Maximum bytes of scores in kernel memory at a time. The heap can have as many again. */
const mostScoreBytes = 2 ** 26;
/** Bytes of a list entry in kernel memory: column, score and reason. Next-purchase models write reasons even if no caller needs them. */
const entryBytes = 12;

/** Upper bound of the bytes of scores in kernel memory at a time. The heap can have as many again. @param rows number of rows of the table */
export function scoreBytes(rows: number, candidates: number): number {
  return Math.min(mostScoreBytes, rows * Math.max(4 * candidates, entryBytes * Math.min(longestList, candidates)));
}

/**
 * Computes the log of the sum of exp(utility) over all candidates, for each row. The sum needs all candidates, but a list has at most `longestList`
 * entries. Larger sets of candidates are therefore scored in parts.
 */
export async function softmaxLogSums(request: SoftmaxRequest): Promise<SoftmaxLogSums> {
  const { campaign, models, lists } = request;
  const sums = new Float64Array(campaign.table.rows);
  const utilityOf = utilityBy(request.slopes, request.offset);
  const firstUtility = (row: number) => utilityOf(lists.score[lists.start[row]!]!, 1);
  const isOfModel = (row: number) => lists.start[row]! < lists.start[row + 1]! && lists.source[lists.start[row]!] === 0;
  /** Adds exp(utility) for each score of a row. The scores are in falling order, and the first has rank 1. */
  const add = (row: number, scores: Float32Array) => {
    if (!isOfModel(row)) return;
    const first = firstUtility(row);
    for (let at = 0; at < scores.length; at++) sums[row]! += exp(utilityOf(scores[at]!, at + 1) - first);
  };
  for (const { model, withheld, ranges } of rangesByModel(campaign, models)) {
    await visitScores(request, { model, withheld }, ranges, add);
  }
  for (let row = 0; row < sums.length; row++) sums[row] = isOfModel(row) ? firstUtility(row) + log(sums[row]!) : Number.NaN;
  return { utilityOf, logSums: sums };
}

/** Logarithm of a score plus an offset above 0. Scores below 0 count as 0. */
export function logOfScore(score: number, offset: number): number {
  return log(Math.max(score, 0) + offset);
}

/** Returns the utility function: the sum of the utility terms, each times its slope. */
function utilityBy([ofScore = 0, ofLog = 0, ofRank = 0]: readonly number[], offset: number): UtilityOf {
  if (ofLog === 0 && ofRank === 0) return (score) => ofScore * score;
  return (score, rank) => ofScore * score + ofLog * logOfScore(score, offset) - (ofRank > 0 ? ofRank * log(rank) : 0);
}

/** Model that makes the lists of some rows, and the products that rules withhold from the rows' customers. */
type ListsMadeBy = { model: Model } & Pick<CampaignTable['groups'][number], 'withheld'>;

/** Ranges of the target rows with lists, by model and withheld products. */
function rangesByModel({ groups }: CampaignTable, { byCluster, all }: CampaignModels): (ListsMadeBy & { ranges: RowRange[] })[] {
  const byModel: (ListsMadeBy & { ranges: RowRange[] })[] = [];
  for (const { cluster, target, failed, withheld, range } of groups) {
    const model = byCluster.get(cluster) ?? all;
    if (!target || failed.length > 0 || model === null) continue;
    const same = byModel.find((one) => one.model === model && one.withheld === withheld);
    if (same) same.ranges.push(range);
    else byModel.push({ model, withheld, ranges: [range] });
  }
  return byModel;
}

/**
 * Calls `visit` with the scores of each row's candidates, in falling order. If utilities depend on the rank, one call has all candidates. Otherwise
 * each part of the candidates has its own call. The outer loop is over the parts, so that terms shared by the rows of a part are stored once.
 */
async function visitScores(
  { pool, signal, campaign, slopes }: SoftmaxRequest,
  { model, withheld }: ListsMadeBy,
  ranges: readonly RowRange[],
  visit: (row: number, scores: Float32Array) => void,
): Promise<void> {
  const { table, columns, contexts } = campaign;
  const candidates = table.columns.flatMap((key, column) =>
    columns.recommended.has(key) && !withheld?.has(key) ? [column] : [],
  );
  const isWhole = slopes[2]! > 0 && candidates.length > longestList;
  const width = isWhole ? candidates.length : 0;
  const n = Math.min(longestList, candidates.length);
  const blocks = ranges.flatMap((range) => blocksOf(range, Math.ceil(mostScoreBytes / Math.max(4 * width, entryBytes * n))));
  for (const batch of isWhole ? blocks.map((block) => [block]) : [blocks]) {
    const whole = isWhole ? new WholeScores(batch[0]!, width) : null;
    for (let from = 0; from < candidates.length; from += longestList) {
      const part = candidates.slice(from, from + longestList);
      const allowed = new Uint8Array(table.columns.length);
      for (const column of part) allowed[column] = 1;
      const mark = table.memory.mark();
      const listsOf = preparedLists(model, { pool, table, n: part.length, allowed, ...(contexts && { contexts }) });
      for (const range of batch) {
        signal?.throwIfAborted();
        const rangeMark = table.memory.mark();
        forEachList(table.memory, await listsOf(range), range, whole ? whole.add : visit);
        table.memory.release(rangeMark);
      }
      table.memory.release(mark);
    }
    whole?.visit(visit);
  }
}

/** Calls `visit` with the scores of each list, row by row. */
function forEachList(
  memory: KernelMemory,
  { count, score, n, rows }: TopN,
  { from }: RowRange,
  visit: (row: number, scores: Float32Array) => void,
): void {
  const [counts, scores] = [memory.u32(count, rows), memory.f32(score, rows * n)];
  for (let i = 0; i < rows; i++) visit(from + i, scores.subarray(i * n, i * n + counts[i]!));
}

/** Scores of all candidates for a block of rows, collected from the parts of the candidates. */
class WholeScores {
  readonly #from: number;
  readonly #width: number;
  readonly #scores: Float32Array;
  readonly #counts: Uint32Array;

  constructor({ from, to }: RowRange, width: number) {
    this.#from = from;
    this.#width = width;
    this.#scores = new Float32Array((to - from) * width);
    this.#counts = new Uint32Array(to - from);
  }

  readonly add = (row: number, scores: Float32Array): void => {
    const i = row - this.#from;
    this.#scores.set(scores, i * this.#width + this.#counts[i]!);
    this.#counts[i]! += scores.length;
  };

  visit(visit: (row: number, scores: Float32Array) => void): void {
    for (const [i, count] of this.#counts.entries()) {
      const rowScores = this.#scores.subarray(i * this.#width, i * this.#width + count);
      visit(this.#from + i, rowScores.sort().reverse());
    }
  }
}
