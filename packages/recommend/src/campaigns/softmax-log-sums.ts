import {
  blocksOf,
  exp,
  type KernelMemory,
  type KernelPool,
  log,
  longestList,
  type Model,
  type RowRange,
  scaled,
  type TopN,
} from '@basketwise/core/parts';
import type { CampaignTable } from './baskets.ts';
import { preparedLists, type ScoredLists } from './lists.ts';
import type { CampaignModels } from './train.ts';

/** Lists of a campaign's models, and the slopes of their utilities (see `utilityTerms`). */
interface SoftmaxRequest {
  pool: KernelPool;
  signal: AbortSignal | undefined;
  campaign: CampaignTable;
  models: CampaignModels;
  lists: ScoredLists;
  slopes: readonly number[];
}

/** Utility of a candidate of a list. */
type UtilityOf = (score: number, rank: number) => number;

/** Logs of the sums over all candidates of exp(utility), f64[rows of the table]. NaN for lists whose first entry is not of a model. */
interface SoftmaxLogSums {
  logSums: Float64Array;
  utilityOf: UtilityOf;
}

/** Most bytes of scores at once, in kernel memory and beside it. */
const mostScoreBytes = 2 ** 26;
/** Bytes of a list's entry in kernel memory: column, score and reason, which a next-purchase model always writes. */
const entryBytes = 12;

/** Upper bound of the bytes of scores at once, in kernel memory and again beside it. @param rows of the table */
export function scoreBytes(rows: number, candidates: number): number {
  return Math.min(mostScoreBytes, rows * Math.max(4 * candidates, entryBytes * Math.min(longestList, candidates)));
}

/**
 * Computes the logs of the sums over all candidates, which lists only name in part. Candidates are scored in parts, as a list has at most
 * `longestList` entries.
 */
export async function softmaxLogSums(request: SoftmaxRequest): Promise<SoftmaxLogSums> {
  const { campaign, models, lists } = request;
  const sums = new Float64Array(campaign.table.rows);
  const utilityOf = utilityBy(request.slopes);
  const firstUtility = (row: number) => utilityOf(lists.score[lists.start[row]!]!, 1);
  const isOfModel = (row: number) => lists.start[row]! < lists.start[row + 1]! && lists.source[lists.start[row]!] === 0;
  /** Adds falling scores of a row, of which the first has a rank. */
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

/** Utility of a candidate: the sum of its terms, each times its slope. */
function utilityBy([ofScore = 0, ofLog = 0, ofRank = 0]: readonly number[]): UtilityOf {
  if (ofLog === 0 && ofRank === 0) return (score) => ofScore * score;
  return (score, rank) => ofScore * score + ofLog * scaled(score, 'log') - (ofRank > 0 ? ofRank * log(rank) : 0);
}

/** Model of some rows, and the products that rules withhold from their customers. */
type ListsMadeBy = { model: Model } & Pick<CampaignTable['groups'][number], 'withheld'>;

/** Rows of targets with lists, by model and withheld products. */
function rangesByModel({ groups }: CampaignTable, { byCluster, all }: CampaignModels): (ListsMadeBy & { ranges: RowRange[] })[] {
  const found: (ListsMadeBy & { ranges: RowRange[] })[] = [];
  for (const { cluster, target, failed, withheld, range } of groups) {
    const model = byCluster.get(cluster) ?? all;
    if (!target || failed.length > 0 || model === null) continue;
    const same = found.find((one) => one.model === model && one.withheld === withheld);
    if (same) same.ranges.push(range);
    else found.push({ model, withheld, ranges: [range] });
  }
  return found;
}

/**
 * Visits rows with scores of candidates, falling: all of them if a utility depends on the rank, else once for each part. The outer loop is over
 * the parts, so that what their rows share is stored once.
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
        const own = table.memory.mark();
        forEachList(table.memory, await listsOf(range), range, whole ? whole.add : visit);
        table.memory.release(own);
      }
      table.memory.release(mark);
    }
    whole?.visit(visit);
  }
}

/** Visits the rows of lists with their scores. */
function forEachList(
  memory: KernelMemory,
  { count, score, n, rows }: TopN,
  { from }: RowRange,
  visit: (row: number, scores: Float32Array) => void,
): void {
  const [counts, scores] = [memory.u32(count, rows), memory.f32(score, rows * n)];
  for (let i = 0; i < rows; i++) visit(from + i, scores.subarray(i * n, i * n + counts[i]!));
}

/** Scores of all candidates of a block of rows, collected part by part. */
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
      const own = this.#scores.subarray(i * this.#width, i * this.#width + count);
      visit(this.#from + i, own.sort().reverse());
    }
  }
}
