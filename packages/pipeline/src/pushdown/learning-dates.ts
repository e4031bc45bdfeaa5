import {
  type EvaluationWindow,
  evaluationWindows,
  isLearned,
  learningWindows,
  memberMonths,
  minusSpan,
  monthsWithin,
  needsAcquisitions,
  type PlainDate,
  spanDays,
  usualSample,
} from '@basketwise/core/advice';
import type { LearningDates, WindowDates } from '@basketwise/data';
import type { CampaignPlan } from '../config/campaign-plan.ts';
import type { Config } from '../config/schema.ts';
import { specOfConfig } from '../config/spec-of-config.ts';

/** Acquisitions of campaigns before the reference date, and those before windows: columns campaign (null: of windows), sample, w, cluster, months, product, held, day, customers. */
export const acquiredFile = 'acquired.parquet';
/** Customers of the windows, grouped: columns sample, w, state, added, skipped, customers. */
export const windowsFile = 'windows.parquet';

/** Customers who are looked at to learn from windows. */
export interface WindowSample {
  size: number;
  seed: number;
}

/** Numbers of months that learned models look back. */
export const learnedMonths = memberMonths();

/** Whether a campaign's model learns from dated acquisitions. */
export function learnsFromDates({ model }: CampaignPlan): boolean {
  return isLearned(model) || needsAcquisitions(specOfConfig(model));
}

/** Numbers of months whose acquisitions a campaign's model tells apart, rising; the last is 12. */
export function campaignMonths({ model }: CampaignPlan): readonly number[] {
  return isLearned(model) ? learnedMonths : monthsWithin([specOfConfig(model)]);
}

/** The samples of the campaigns whose models are learned. */
export function windowSamples(plans: readonly CampaignPlan[]): WindowSample[] {
  const samples: WindowSample[] = [];
  for (const { model } of plans) {
    const { sample: size = usualSample.sample, seed = usualSample.seed } = model;
    if (isLearned(model) && !samples.some((one) => one.size === size && one.seed === seed)) samples.push({ size, seed });
  }
  return samples;
}

/** The windows that models learn from. */
export function windowsBefore({ evaluate: { window, gap } }: Config, date: PlainDate): EvaluationWindow[] {
  return evaluationWindows(date, window, gap, learningWindows);
}

/** The windows with the first days of recency bands as of each. */
export function windowDates(config: Config, date: PlainDate): WindowDates[] {
  return windowsBefore(config, date).map(({ at, from, to }) => ({
    ...{ at, from, to },
    cutoffs: config.recency.bands.flatMap(({ within }) => (within ? [minusSpan(at, within)] : [])),
  }));
}

/** The dates whose acquisitions are grouped: those of the windows, then one for each campaign that learns from them, with its months. */
export function learningDates(config: Config, date: PlainDate, learning: readonly CampaignPlan[]): LearningDates {
  const since = (at: PlainDate, months: readonly number[]) =>
    months.map((number) => ({ months: number, day: minusSpan(at, { months: number, days: 0 }) }));
  const windows = windowSamples(learning).length === 0 ? [] : windowsBefore(config, date);
  const ofReference = distinctMonths(learning).map((months) => ({ at: date, since: since(date, months) }));
  return {
    acquisitions: [...windows.map(({ at }) => ({ at, since: since(at, learnedMonths) })), ...ofReference],
    ages: config.recency.bands.flatMap(({ within }) => (within ? [spanDays(within)] : [])),
  };
}

/** The different numbers of months of campaigns. */
function distinctMonths(learning: readonly CampaignPlan[]): (readonly number[])[] {
  return [...new Map(learning.map((plan) => [campaignMonths(plan).join(' '), campaignMonths(plan)])).values()];
}

/** The place of a campaign's date among the learning dates. */
export function placeOfCampaign(plan: CampaignPlan, learning: readonly CampaignPlan[]): number {
  const windows = windowSamples(learning).length === 0 ? 0 : learningWindows;
  const months = campaignMonths(plan).join(' ');
  return windows + distinctMonths(learning).findIndex((one) => one.join(' ') === months);
}
