import {
  daysSinceEpoch,
  type EvaluationWindow,
  evaluationWindows,
  learningWindows,
  memberMonths,
  minusSpan,
  monthsWithin,
  type PlainDate,
} from '@basketwise/core';
import { type Config, calibrates, planCampaigns } from '@basketwise/pipeline';
import { bestSellers, type CampaignPlan, learnsFromDates, recentSpan, usualSample, windowParts } from '@basketwise/recommend';
import type { CountedDate } from '../server/purchase-counts.ts';
import type { LearningDates, WindowDates } from '../server/window-cells.ts';

/**
 * File of grouped purchases: those of campaigns before the reference date, and those before each window. Columns: campaign (null:
 * before a window), sample, w, clusters, months, product, held, day, customers.
 */
export const acquiredFile = 'acquired.parquet';
/** File of the customers of the windows, grouped. Columns: sample, w, clusters, context, state, added, skipped, customers. */
export const windowsFile = 'windows.parquet';

/** Sample of customers whose windows are training data. */
export interface WindowSample {
  size: number;
  seed: number;
  /** Number of windows that use the sample, counted from the newest. */
  windows: number;
  /** Whether probabilities are learned from the newest window. Its customers are then grouped by their clusters, too. */
  calibrates: boolean;
}

/** Training data that a config needs, and how the server groups them. */
export interface Learning {
  /** Campaigns whose models learn from purchases in the year before the reference date. */
  campaigns: readonly CampaignPlan[];
  samples: readonly WindowSample[];
  /** Windows of all samples, newest first. */
  windows: readonly EvaluationWindow[];
  /** Cluster schemes by which the customers of the newest window are also grouped, for probabilities. */
  schemes: readonly string[];
}

/** Determines the training data that a config needs as of a date. */
export function learningOf(config: Config, date: PlainDate): Learning {
  const plans = planCampaigns(config);
  const campaigns = plans.filter(learnsFromDates);
  const samples = windowSamples(campaigns, plans.length > 0 && calibrates(config));
  const { window, gap } = config.evaluate;
  const count = Math.max(0, ...samples.map(({ windows }) => windows));
  const isCalibrated = samples.some((sample) => sample.calibrates);
  const schemes = new Set(isCalibrated ? plans.flatMap(({ scheme }) => scheme ?? []) : []);
  return { campaigns, samples, windows: evaluationWindows(date, window, gap, count), schemes: [...schemes] };
}

/** Numbers of recent months whose purchases are counted by learned models. */
const learnedMonths = memberMonths();

/** Numbers of recent months for which a campaign's model counts purchases separately, ascending. The last number is 12. */
export function campaignMonths({ spec }: CampaignPlan): readonly number[] {
  return spec === null ? learnedMonths : monthsWithin([spec]);
}

/**
 * Numbers of recent months by which the purchases before a window are grouped. The newest window tests all kinds of models, so it
 * has the months of all of them.
 * @param w position of the window
 */
export function windowMonths({ campaigns, samples }: Learning, w: number): readonly number[] {
  if (w > 0 || !samples.some((sample) => sample.calibrates)) return learnedMonths;
  const ofModels = campaigns.flatMap(campaignMonths);
  const months = new Set([...learnedMonths, ...monthsWithin(bestSellers(true).map(({ spec }) => spec)), ...ofModels]);
  return [...months].sort((a, b) => a - b);
}

/** Samples for the campaigns with learned models, and a sample for probabilities if they are learned. */
function windowSamples(plans: readonly CampaignPlan[], isCalibrated: boolean): WindowSample[] {
  const samples: WindowSample[] = [];
  for (const { model, spec } of plans) {
    const { sample: size = usualSample.sample, seed = usualSample.seed } = model;
    if (spec === null && !samples.some((one) => one.size === size && one.seed === seed))
      samples.push({ size, seed, windows: learningWindows, calibrates: false });
  }
  if (!isCalibrated) return samples;
  const { sample: size, seed } = usualSample;
  const usual = samples.find((one) => one.size === size && one.seed === seed);
  if (usual) usual.calibrates = true;
  else samples.push({ size, seed, windows: 1, calibrates: true });
  return samples;
}

/** Windows of a sample, each with the first days of its recency bands. */
export function windowDates(config: Config, { windows }: Learning, sample: WindowSample): WindowDates[] {
  return windows.slice(0, sample.windows).map(({ at, from, to }, w) => ({
    ...{ at, from, to },
    cutoffs: config.recency.bands.flatMap(({ within }) => (within ? [minusSpan(at, within)] : [])),
    ...(w === 0 && sample.calibrates && { recentSince: minusSpan(at, recentSpan) }),
  }));
}

/**
 * Dates before which purchases are grouped: those of the windows, then the reference date. The reference date is repeated for
 * each different set of months that campaigns count.
 */
export function learningDates(config: Config, date: PlainDate, learning: Learning): LearningDates {
  const since = (at: PlainDate, months: readonly number[]) =>
    months.map((number) => ({ months: number, day: minusSpan(at, { months: number, days: 0 }) }));
  const ofWindows = learning.windows.map(({ at }, w) => ({ at, since: since(at, windowMonths(learning, w)) }));
  return {
    acquisitions: [...ofWindows, ...referenceMonths(learning).map((months) => ({ at: date, since: since(date, months) }))],
    bands: config.recency.bands.flatMap(({ within }) => within ?? []),
  };
}

/**
 * Different sets of months that campaigns count before the reference date. If no campaign counts purchases, one set of 12 months,
 * because the purchases of the year are counted anyway.
 */
function referenceMonths({ campaigns }: Learning): (readonly number[])[] {
  if (campaigns.length === 0) return [[12]];
  return [...new Map(campaigns.map((plan) => [campaignMonths(plan).join(' '), campaignMonths(plan)])).values()];
}

/** Position, in `learningDates`, of the date of a campaign. */
export function placeOfCampaign(plan: CampaignPlan, learning: Learning): number {
  const months = campaignMonths(plan).join(' ');
  return learning.windows.length + referenceMonths(learning).findIndex((one) => one.join(' ') === months);
}

/**
 * Dates before which purchases are counted: that of the newest window (`past`), and the reference date (`now`). Also returns the
 * length of the newest window.
 */
export function countedPurchases(
  { windows }: Learning,
  date: PlainDate,
): { past: CountedDate; now: CountedDate; window: { days: number; parts: number } } {
  const { at, from } = windows[0]!;
  const days = daysSinceEpoch(date) - daysSinceEpoch(from);
  const past = { w: 0, day: daysSinceEpoch(at) };
  const now = { w: windows.length, day: daysSinceEpoch(date) };
  return { past, now, window: { days, parts: windowParts(days).parts } };
}
