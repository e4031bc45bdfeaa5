// Texts that evaluations, tunings and the report of a run share.

import { join } from 'node:path';
import {
  countWords,
  type PublishedCount,
  publishedCount,
  publishedMiddle,
  publishedValue,
  readShaped,
} from '@basketwise/data/base';
import type { CampaignVerdict } from '@basketwise/recommend';
import type { GivenModel } from '../config/schema-model.ts';
import { sixDecimals } from './figures.ts';

import {
  type ComparedFigures,
  type EvaluationFigures,
  evaluationShape,
  type TuningFigures,
  tuningShape,
} from './quality-shapes.ts';

/** Figures of the last evaluation and the last tuning in an output folder. `evaluation` or `tuning` is null if its file is absent. */
export type QualityFigures = Awaited<ReturnType<typeof readQuality>>;

/** Reads evaluation.json and tune.json of an output folder. Files that are damaged or of another version count as absent, with a warning. */
export async function readQuality(output: string, warn: (warning: string) => void) {
  const absent = (problem: string) => warn(`${problem}: it counts as absent`);
  const evaluation = await readShaped(join(output, 'evaluation.json'), evaluationShape, absent);
  const tuning = await readShaped(join(output, 'tune.json'), tuningShape, absent);
  return {
    evaluation: evaluation ? evaluationFigures(evaluation) : null,
    tuning: tuning ? tuningFigures(tuning) : null,
  };
}

const rounded = <T extends Readonly<Record<'mean' | 'low' | 'high', number>>>(interval: T | null) =>
  interval && { ...interval, mean: sixDecimals(interval.mean), low: sixDecimals(interval.low), high: sixDecimals(interval.high) };

function comparedFigures({ name, metrics, ndcg, interval, minusPopularity, minusBest }: ComparedFigures) {
  return {
    name,
    metrics: Object.fromEntries(Object.entries(metrics).map(([metric, value]) => [metric, sixDecimals(value)])),
    ndcg: sixDecimals(ndcg),
    interval: rounded(interval),
    minusPopularity: rounded(minusPopularity),
    minusBest: rounded(minusBest),
  };
}

function evaluationFigures({ windows, probabilities, pooled, campaigns }: EvaluationFigures) {
  return {
    windows,
    probabilities: probabilities && publishedScores(probabilities),
    pooled: pooled.map((pool) => ({ ...pool, models: pool.models.map(comparedFigures) })),
    campaigns: campaigns.map(({ campaign, targets, tested, models, breakdowns, notes, withoutHistory, unknown }) => ({
      ...{ campaign, targets, tested, withoutHistory, unknown, notes },
      models: models.map(comparedFigures),
      breakdowns: breakdowns.map(({ groups, ...breakdown }) => ({
        ...breakdown,
        groups: groups.map((group) => ({ ...group, models: group.models.map(comparedFigures) })),
      })),
    })),
  };
}

function tuningFigures({ window, metric, campaigns }: TuningFigures) {
  return {
    window,
    metric,
    campaigns: campaigns.map(({ campaign, tested, current, trials, evidence }) => ({
      campaign,
      tested,
      trials: trials.length,
      current: current === null ? null : sixDecimals(current),
      best: trials[0]
        ? { parameters: Object.fromEntries(flatParameters(trials[0].parameters)), score: sixDecimals(trials[0].score) }
        : null,
      minusCurrent: rounded(evidence?.minusCurrent ?? null),
      minusPopularity: rounded(evidence?.minusPopularity ?? null),
    })),
  };
}

/** Rounds a verdict for publication. */
export function publishedVerdict(found: CampaignVerdict): Omit<CampaignVerdict, 'tested'> & { tested: PublishedCount } {
  const round = (value: number) => Number(value.toFixed(4));
  const { gap, ndcg, tested } = found;
  const rounded = { ...gap, mean: round(gap.mean), low: round(gap.low), high: round(gap.high) };
  return { ...found, tested: publishedCount(tested), ndcg: round(ndcg), gap: rounded };
}

/**
 * Rounds the Brier scores of probabilities for publication, because exact scores would reveal the number of purchases.
 * `brierOfRate`, the score of the common rate r, is r (1 - r), with r from published numbers. `brier`, the score of the
 * probabilities, is `brierOfRate` times the ratio of the exact scores. Both are null if purchases are too few to publish.
 */
export function publishedScores<T extends Record<'pairs' | 'bought' | 'expected' | 'brier' | 'brierOfRate', number>>(
  quality: T,
): Omit<T, 'brier' | 'brierOfRate'> & { brier: number | null; brierOfRate: number | null } {
  const { pairs, bought, expected, brier, brierOfRate } = quality;
  const rounded = { ...quality, expected: publishedCount(expected) ?? 0 };
  if (pairs === 0 || bought === 0) return { ...rounded, brier: null, brierOfRate: null };
  const rate = Math.min(1, publishedMiddle(bought) / publishedMiddle(pairs));
  const ofRate = rate * (1 - rate);
  const ratio = brierOfRate === 0 ? 1 : brier / brierOfRate;
  return { ...rounded, brier: publishedValue(publishedValue(ratio) * ofRate), brierOfRate: publishedValue(ofRate) };
}

/** Sentence on the customers and purchases that all figures exclude. */
export function apartText({ withoutHistory, unknown }: Record<'withoutHistory' | 'unknown', PublishedCount>): string {
  return `Excluded: ${countWords(withoutHistory)} customers without any holding, and ${countWords(unknown)} purchases of products without earlier holders.\n`;
}

/** Parameters of a trial by name. Parameters of inner models have a path, such as `base.regularization`. */
export function flatParameters(given: GivenModel): Map<string, string | number> {
  const flat = new Map<string, string | number>();
  const add = (value: unknown, path: string) => {
    if (value === undefined) return;
    if (typeof value === 'object' && value !== null) {
      for (const [name, part] of Object.entries(value)) add(part, path === '' ? name : `${path}.${name}`);
    } else flat.set(path, typeof value === 'number' ? value : String(value));
  };
  add(given, '');
  return flat;
}

/** Parts of a report that say which campaigns have offers, and whether their lists are worse than best sellers. */
interface OffersBehind {
  campaigns: readonly { campaign: string; verdict: Pick<CampaignVerdict, 'verdict'> | null }[];
  offers: { campaigns: readonly { campaign: string; offered: PublishedCount }[] } | null;
}

/**
 * Warning beside the offers: campaigns with offers whose lists are worse than best sellers, with 95 % confidence. Empty if there are
 * none.
 */
export function offersBehindText({ campaigns, offers }: OffersBehind): string {
  const isWorse = (name: string) => campaigns.some(({ campaign, verdict }) => campaign === name && verdict?.verdict === 'worse');
  const behind = offers?.campaigns.filter(({ campaign, offered }) => offered !== 0 && isWorse(campaign)) ?? [];
  return behind.length === 0
    ? ''
    : `Lists that are proven worse than best sellers, and have offers: ${behind.map(({ campaign }) => campaign).join(', ')}. Do not contact these customers before the campaign has the model that its warning names.`;
}
