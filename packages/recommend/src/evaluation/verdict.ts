import { type EvaluationWindow, mean, windowText } from '@basketwise/core';
import { bestSellers } from './best-sellers.ts';
import { type Gap, gapBetween, leastResamples } from './bootstrap.ts';

/**
 * Comparison of a campaign's lists with the best popularity baseline in past windows. The lists are made as of each window's start. The baseline is the
 * one with the best result over the windows.
 */
export interface CampaignVerdict {
  /** Result. `unknown`: the lists are ahead, but their clusters come from today's customer columns, which can depend on later purchases. */
  verdict: 'better' | 'level' | 'worse' | 'unknown';
  against: string;
  /** Newest window. */
  window: EvaluationWindow;
  /** Number of windows: the newest, and those before it. */
  windows: number;
  /** Number of test customers over all windows. */
  tested: number;
  /** Mean NDCG@5 of the lists. */
  ndcg: number;
  /** Paired difference of NDCG@5: lists minus baseline. */
  gap: Gap;
}

/** NDCG@5 of each test customer under the lists with this name. */
export interface TestedValues {
  name: string;
  values: Float64Array;
}

/** Settings of a verdict. */
export interface VerdictOptions extends Pick<CampaignVerdict, 'window' | 'windows'> {
  /** Whether the lists depend on clusters from today's customer columns. */
  clustered: boolean;
  /** Number of bootstrap resamples. A number too small for an interval is replaced by 2,000. */
  resamples: number;
  seed: number;
}

/** Compares lists with the best of several other lists, by NDCG@5. Null if there are too few test customers. */
export function verdictOf(own: Float64Array, others: readonly TestedValues[], options: VerdictOptions): CampaignVerdict | null {
  const { window, windows, clustered, seed } = options;
  const best = others.reduce((a, b) => (mean(b.values) > mean(a.values) ? b : a));
  const resamples = options.resamples >= leastResamples ? options.resamples : 2000;
  const gap = gapBetween(own, best.values, { resamples, seed });
  if (gap === null) return null;
  const ahead = clustered ? 'unknown' : 'better';
  const verdict = gap.level ? 'level' : gap.mean > 0 ? ahead : 'worse';
  return { verdict, against: best.name, window, windows, tested: own.length, ndcg: mean(own), gap };
}

/** Warning with a remedy, if the lists are significantly worse than the best popularity baseline. Otherwise an empty array. */
export function verdictWarnings(campaign: string, found: CampaignVerdict | null): string[] {
  if (found?.verdict !== 'worse') return [];
  const { against, gap, window, windows } = found;
  const { spec } = bestSellers(true).find(({ name }) => name === against)!;
  const keys = Object.entries(spec).map(([key, value]) => `${key}: ${value}`);
  const earlier = windows === 1 ? '' : `, and ${windows - 1} before`;
  const remedy = `set model: { ${keys.join(', ')} } until \`basketwise evaluate\` shows a better one`;
  return [
    `campaigns.${campaign}: worse than ${against} by ${(-gap.mean).toFixed(3)} NDCG@5 (${windowText(window)}${earlier}): ${remedy}`,
  ];
}

/** Text of a verdict: the difference, its direction and its interval. */
export function verdictText(found: Pick<CampaignVerdict, 'verdict' | 'against' | 'gap'> | null): string {
  if (found === null) return 'not known: no test with enough customers';
  const { verdict, against, gap } = found;
  const name = verdict === 'unknown' ? 'not known, as clusters use columns of today' : verdict;
  return `${name}: ${gapText(gap, against)}`;
}

/** Difference with its direction: "NDCG@5 0.050 higher than popularity (95 %: 0.030 to 0.070)", or "the same lists as popularity". */
function gapText({ mean: middle, low, high }: Pick<Gap, 'mean' | 'low' | 'high'>, against: string): string {
  if (low === 0 && high === 0) return `the same lists as ${against}`;
  const size = (value: number) => Math.abs(value).toFixed(3);
  const direction = middle < 0 ? 'lower' : 'higher';
  const isSigned = low * high >= 0;
  const ends = isSigned ? [low, high].map(size).sort().join(' to ') : `${size(low)} lower to ${size(high)} higher`;
  return `NDCG@5 ${size(middle)} ${direction} than ${against} (95 %: ${ends})`;
}

/** Verdict in a word: better, level, worse or not known. */
export function verdictName(found: Pick<CampaignVerdict, 'verdict'> | null): string {
  return found === null || found.verdict === 'unknown' ? 'not known' : found.verdict;
}

/** Sentence on all verdicts of a run: numbers of campaigns whose lists are better, level, worse or not known. */
export function verdictsText(campaigns: readonly { verdict: Pick<CampaignVerdict, 'verdict'> | null }[]): string {
  if (campaigns.every(({ verdict }) => verdict === null)) return 'No campaign was tested against best sellers.';
  const parts = ['better', 'level', 'worse', 'not known'].flatMap((name) => {
    const count = campaigns.filter(({ verdict }) => verdictName(verdict) === name).length;
    return count > 0 || name === 'better' ? [`${count} ${name === 'better' ? 'better than best sellers' : name}`] : [];
  });
  return `Of ${campaigns.length} campaigns: ${parts.join(', ')}.`;
}
