import { log, type RowRange } from '@basketwise/core';
import type { CampaignTable } from './baskets.ts';
import type { Lists, ScoredLists } from './lists.ts';

/** Sample of the scores in the lists of some customers, from which quantiles are computed. */
export interface ScoreSample {
  /** Sampled scores, f64[scores], ascending. */
  scores: Float64Array;
  /** For each score, the number of sampled recommendations with a lower score, f64[scores + 1]. The last element is the number of all samples. */
  below: Float64Array;
}

/**
 * Score samples of a cluster. Customers with holdings and customers without are sampled separately: the scores of the latter lack the terms of
 * holdings, so the two are not comparable.
 */
export interface ScorePlaces {
  holding: ScoreSample;
  empty: ScoreSample;
}

/** Maximum number of recommendations in a sample. */
const mostScores = 20_000;

/** Samples the scores of a campaign's lists, by cluster. */
export function scorePlaces(campaign: CampaignTable, lists: ScoredLists): Map<number, ScorePlaces> {
  const clusters = new Set(campaign.groups.map(({ cluster }) => cluster));
  return new Map([...clusters].map((cluster) => [cluster, placesOf(campaign, lists, cluster)]));
}

function placesOf(campaign: CampaignTable, lists: ScoredLists, cluster: number): ScorePlaces {
  return { holding: sampleScores(campaign, lists, cluster, false), empty: sampleScores(campaign, lists, cluster, true) };
}

/** Samples the scores of a cluster's customers with holdings or, with `isEmpty`, of those without. */
function sampleScores(
  { table, groups, entriesOfNone }: CampaignTable,
  { start, score, source }: ScoredLists,
  cluster: number,
  isEmpty: boolean,
): ScoreSample {
  const multiplicity = table.memory.u32(table.multiplicity, table.rows);
  const basket = table.memory.u32(table.start, table.rows + 1);
  const ranges = groups.flatMap((group) => (group.cluster === cluster && group.target ? [group.range] : []));
  const isSampled = (row: number) => (basket[row + 1]! - basket[row]! === entriesOfNone) === isEmpty;
  const met = { multiplicity, start, score, source, isSampled };
  let all = 0;
  for (const { from, to } of ranges) {
    for (let row = from; row < to; row++) if (isSampled(row)) all += multiplicity[row]! * (start[row + 1]! - start[row]!);
  }
  // Every `step`-th recommendation is sampled. A basket is thus sampled in proportion to its customers.
  const step = Math.max(1, all / mostScores);
  const some: ScoreMet[] = [];
  let since = step / 2;
  for (const range of ranges) since = meetScores(some, met, range, step, since);
  some.sort((a, b) => a.score - b.score);
  const scores = new Float64Array(some.length);
  const below = new Float64Array(some.length + 1);
  for (const [i, { score, met }] of some.entries()) {
    scores[i] = score;
    below[i + 1] = below[i]! + met;
  }
  return { scores, below };
}

/** Sampled score; `met` is the number of samples with it. */
interface ScoreMet {
  score: number;
  met: number;
}

/** Lists of rows, the number of customers of each row (`multiplicity`), and whether a row is sampled. */
type MetLists = Pick<Lists, 'start' | 'score' | 'source'> & { multiplicity: Uint32Array; isSampled: (row: number) => boolean };

/**
 * Samples the score of every `step`-th recommendation in a range of rows. `since` recommendations were counted after the last sample. Returns the new
 * count.
 */
function meetScores(
  some: ScoreMet[],
  { multiplicity, start, score, source, isSampled }: MetLists,
  { from, to }: RowRange,
  step: number,
  since: number,
): number {
  let passed = since;
  for (let row = from; row < to; row++) {
    if (!isSampled(row)) continue;
    for (let at = start[row]!; at < start[row + 1]!; at++) {
      if (source[at] !== 0) continue;
      passed += multiplicity[row]!;
      const met = Math.floor(passed / step);
      if (met > 0) some.push({ score: score[at]!, met });
      passed -= met * step;
    }
  }
  return passed;
}

/** Relative rounding difference between single-precision sums of the same terms in different orders. */
const rounding = 2e-6;

/** Number of equal parts of the score range. The part of a score narrows the binary search. */
const searchRanges = 1 << 14;

/**
 * Computes the quantile q of a score among sampled scores as log odds: log((q + 0.01) / (1.01 - q)). The log odds are 0 at the median, about 4.6 at
 * the top. Scores that differ only by rounding get equal quantiles.
 */
export class ScorePlacer {
  readonly #scores: Float64Array;
  readonly #below: Float64Array;
  readonly #all: number;
  /** Log odds of scores that lie between two sampled scores, by the position of the upper one. NaN until first requested. */
  readonly #between: Float64Array;
  /** Number of parts per unit of score. 0 if all sampled scores are equal. */
  readonly #density: number;
  /** Position of the first sampled score in each part, u32[searchRanges + 1]. */
  readonly #first = new Uint32Array(searchRanges + 1);

  constructor({ scores, below }: ScoreSample) {
    this.#scores = scores;
    this.#below = below;
    this.#all = below[below.length - 1]!;
    this.#between = new Float64Array(below.length).fill(Number.NaN);
    const range = scores.length === 0 ? 0 : scores.at(-1)! - scores[0]!;
    this.#density = range > 0 && Number.isFinite(searchRanges / range) ? searchRanges / range : 0;
    for (let part = 0, position = 0; part <= searchRanges; part++) {
      while (position < scores.length && this.#partOf(scores[position]!) < part) position++;
      this.#first[part] = position;
    }
  }

  placeOf(score: number): number {
    if (this.#all === 0) return 0;
    const off = rounding * Math.max(1, Math.abs(score));
    const from = this.#firstAbove(score - off, false);
    // Usually no sampled score equals this one up to rounding. The first score above `score - off` is then also above `score + off`.
    const isBetween = from === this.#scores.length || this.#scores[from]! > score + off;
    if (!isBetween) return this.#oddsOf(from, this.#firstAbove(score + off, true));
    if (Number.isNaN(this.#between[from]!)) this.#between[from] = this.#oddsOf(from, from);
    return this.#between[from]!;
  }

  #oddsOf(from: number, to: number): number {
    const below = this.#below;
    const share = (below[from]! + below[to]!) / 2 / this.#all;
    return log((share + 0.01) / (1.01 - share));
  }

  /** Part of the score range that contains a score. The part number never decreases as scores rise. */
  #partOf(score: number): number {
    const part = (score - this.#scores[0]!) * this.#density;
    return part > 0 ? (part < searchRanges ? Math.floor(part) : searchRanges - 1) : 0;
  }

  /** Position of the first sampled score that is at least `score`, or greater than `score` if `above`. */
  #firstAbove(score: number, above: boolean): number {
    const scores = this.#scores;
    const part = this.#partOf(score);
    let [low, high] = [this.#first[part]!, this.#first[part + 1]!];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (scores[middle]! < score || (above && scores[middle] === score)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
