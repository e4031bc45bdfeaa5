import { exp, type KernelPool, log, longestList, type Model, type RowRange, required, scaled } from '@basketwise/core/parts';
import type { CampaignTable } from './baskets.ts';
import type { Calibration } from './calibration.ts';
import type { ScoredLists } from './lists.ts';
import type { CampaignModels } from './train.ts';

/**
 * Map from the scores of lists to the probabilities that the next product of the customer is this one, for holdings without dates
 * (docs/probabilities.md): share x exp(utility) over its sum over the candidates that the customer does not hold.
 */
export interface NextProduct {
  /** Share of next products that are candidates of the campaign, 0 to 1. */
  share: number;
  /** Slopes of the terms of a utility (see `utilityTerms`), each at least 0. */
  slopes: readonly number[];
  /** Customers who hold a candidate, by group key: the weights in lists by popularity, which have no scores. */
  holders: Readonly<Record<string, number>>;
}

/** Whether a calibration is of the next product, not of purchases in a window. */
export function isNextProduct(calibration: Calibration | NextProduct): calibration is NextProduct {
  return 'share' in calibration;
}

/** Terms of a candidate's utility: its score, the log of its score as a share, and the negative log of its rank. None rises with the rank. */
export function utilityTerms(score: number, rank: number): [number, number, number] {
  return [score, scaled(score, 'log'), -log(rank)];
}

/** Utility of a candidate: the sum of its terms, each times its slope. */
function utilityOf([ofScore, ofLog, ofRank]: NextProduct['slopes'], score: number, rank: number): number {
  return ofScore! * score + (ofLog! > 0 ? ofLog! * scaled(score, 'log') : 0) - (ofRank! > 0 ? ofRank! * log(rank) : 0);
}

/** Resources for scores of all candidates. */
interface ScoringResources {
  pool: KernelPool;
  signal?: AbortSignal | undefined;
}

/** Most scores in memory, 4 bytes each. */
const mostScores = 1 << 24;

/** Probabilities of all entries of a campaign's lists. Within a list they do not rise with the rank. */
export async function nextProductProbabilities(
  { pool, signal }: ScoringResources,
  campaign: CampaignTable,
  models: CampaignModels,
  lists: ScoredLists,
  next: NextProduct,
): Promise<Float32Array> {
  const found = new Float32Array(lists.product.length);
  const popular = new PopularShares(campaign, next.holders);
  const rowsAtOnce = Math.ceil(mostScores / Math.max(longestList, campaign.columns.recommended.size));
  for (const { cluster, target, failed, range } of campaign.groups) {
    if (!target || failed.length > 0) continue;
    const model = models.byCluster.get(cluster) ?? models.all;
    for (let from = range.from; from < range.to; from += rowsAtOnce) {
      signal?.throwIfAborted();
      const rows = { from, to: Math.min(range.to, from + rowsAtOnce) };
      const sums = model ? await softmaxSums({ pool, campaign, model, lists, slopes: next.slopes }, rows) : null;
      for (let row = rows.from; row < rows.to; row++) writeRow(found, lists, row, next, sums?.[row - rows.from] ?? 1, popular);
    }
  }
  return found;
}

/** Writes the probabilities of one list: of the model's entries, then of backfill. */
function writeRow(
  found: Float32Array,
  { start, source, score, product }: ScoredLists,
  row: number,
  { share, slopes }: NextProduct,
  sum: number,
  popular: PopularShares,
): void {
  const [from, to] = [start[row]!, start[row + 1]!];
  if (from === to) return;
  const top = utilityOf(slopes, score[from]!, 1);
  let before = 1;
  for (let at = from; at < to; at++) {
    const isModels = source[at] === 0;
    const part = isModels ? exp(utilityOf(slopes, score[at]!, at - from + 1) - top) / sum : popular.of(row, product[at]!);
    before = Math.min(before, share * part);
    found[at] = before;
  }
}

/** Model, lists and slopes of a group of rows. */
interface SoftmaxRequest {
  pool: KernelPool;
  campaign: CampaignTable;
  model: Model;
  lists: ScoredLists;
  slopes: NextProduct['slopes'];
}

/** Sum over all candidates of exp(utility - utility of the first entry), f64[rows]. 1 for lists without entries of the model. */
async function softmaxSums(request: SoftmaxRequest, range: RowRange): Promise<Float64Array> {
  const { lists, slopes } = request;
  const { start, source, score: listed } = lists;
  const { scores, counts, width } = await candidateScores(request, range);
  return Float64Array.from(counts, (count, i) => {
    const first = start[range.from + i]!;
    if (first === start[range.from + i + 1] || source[first] !== 0) return 1;
    const own = scores.subarray(i * width, i * width + count);
    if (slopes[2]! > 0 && width > longestList) own.sort().reverse();
    const top = utilityOf(slopes, listed[first]!, 1);
    let sum = 0;
    for (let at = 0; at < own.length; at++) sum += exp(utilityOf(slopes, own[at]!, at + 1) - top);
    return sum;
  });
}

/**
 * Scores of all candidates of rows, f32[rows x width], and their number, u32[rows]. The candidates are scored in parts, as a list has at most
 * `longestList` entries. The scores of a part fall.
 */
async function candidateScores(
  { pool, campaign: { table, columns, contexts }, model }: SoftmaxRequest,
  range: RowRange,
): Promise<{ scores: Float32Array; counts: Uint32Array; width: number }> {
  const { memory } = table;
  const rows = range.to - range.from;
  const candidates = table.columns.flatMap((key, column) => (columns.recommended.has(key) ? [column] : []));
  const width = candidates.length;
  const [scores, counts] = [new Float32Array(rows * width), new Uint32Array(rows)];
  for (let from = 0; from < width; from += longestList) {
    const part = candidates.slice(from, from + longestList);
    const allowed = new Uint8Array(table.columns.length);
    for (const column of part) allowed[column] = 1;
    const n = part.length;
    const mark = memory.mark();
    const made = await model.topN({ pool, table, range, n, allowed, ...(contexts && { contexts }) });
    const [count, score] = [memory.u32(made.count, rows), memory.f32(made.score, rows * n)];
    for (let i = 0; i < rows; i++) {
      scores.set(score.subarray(i * n, i * n + count[i]!), i * width + counts[i]!);
      counts[i]! += count[i]!;
    }
    memory.release(mark);
  }
  return { scores, counts, width };
}

/** Weight of a product without holders, in customers. */
const leastHolders = 0.5;

/** Shares of products among the holders of all candidates that a customer does not hold. */
class PopularShares {
  readonly #campaign: CampaignTable;
  /** Weight of each column; 0 if it cannot be recommended. */
  readonly #weight: Float64Array;
  readonly #columnOf = new Map<number, number>();
  readonly #total: number;

  constructor(campaign: CampaignTable, holders: NextProduct['holders']) {
    this.#campaign = campaign;
    const { table, columns } = campaign;
    this.#weight = Float64Array.from(table.columns, (key, column) => {
      const product = columns.recommended.get(key);
      if (product === undefined) return 0;
      this.#columnOf.set(product, column);
      return Math.max(leastHolders, holders[key] ?? 0);
    });
    this.#total = this.#weight.reduce((sum, weight) => sum + weight, 0);
  }

  of(row: number, product: number): number {
    const { memory, start, entry, rows, entries } = this.#campaign.table;
    const [from, to] = memory.u32(start, rows + 1).subarray(row, row + 2);
    let total = this.#total;
    for (const packed of memory.u32(entry, entries).subarray(from, to)) total -= this.#weight[packed >>> 8]!;
    return this.#weight[required(this.#columnOf, product)]! / total;
  }
}
