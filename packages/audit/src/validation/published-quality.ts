import { difference, type EvaluationWindow, required } from '@basketwise/core';
import { publishedCount, publishedParts } from '@basketwise/data/base';
import {
  type CampaignTests,
  compareModels,
  levelNotes,
  type ModelValues,
  metricValues,
  ownModel,
  type TestedCampaign,
  valuesOfRows,
} from '@basketwise/insight';
import {
  automaticKind,
  type BootstrapOptions,
  bootstrap,
  type Gap,
  isDifferent,
  leastResamples,
  type MeanInterval,
  minimumCustomers,
  type RateInterval,
} from '@basketwise/recommend';
import type { ValidationFile } from './validation-file.ts';

type Quality = ValidationFile['quality'][number];

/** Rounds a figure to four decimals. */
const round = (value: number) => Number(value.toFixed(4));

function roundedInterval({ mean, low, high }: MeanInterval): RateInterval {
  return { value: round(mean), low: round(low), high: round(high) };
}

function publishedGap(gap: Gap | null): Quality['gain'] {
  return gap && { mean: round(gap.mean), low: round(gap.low), high: round(gap.high), level: gap.level };
}

type IsIn = (one: CampaignTests['cases'][number]) => boolean;

/** Metrics of some test customers, by model. Models that lack the metrics of some customers are left out. */
function valuesOf({ models, cases }: CampaignTests, length: number, isIn: IsIn): ModelValues[] {
  const rows = [...cases.keys()].filter((at) => isIn(cases[at]!));
  return [...models.values()]
    .filter(({ outcomes }) => outcomes.length === cases.length)
    .map(({ name, outcomes }) => valuesOfRows({ name, values: metricValues(outcomes, [length], length) }, rows));
}

/** Paired differences between one model's values and each other model's, from the same bootstrap resamples. Nulls for too few customers. */
function gapsTo(own: Float64Array, others: readonly Float64Array[], resampling: BootstrapOptions): (Gap | null)[] {
  if (own.length < minimumCustomers || resampling.resamples < leastResamples) return others.map(() => null);
  const found = bootstrap(
    others.map((other) => difference(own, other)),
    resampling,
  );
  return found.map((interval) => ({ ...interval, level: !isDifferent(interval) }));
}

/** Compares a campaign's own model with its challengers on the same customers, by NDCG of the first `length` entries. */
function comparedQuality(
  tests: CampaignTests,
  length: number,
  resampling: BootstrapOptions,
): Omit<Quality, 'campaign' | 'tested' | 'windows' | 'newCustomers'> {
  const values = valuesOf(tests, length, ({ hasHistory }) => hasHistory);
  const compared = compareModels(values, { at: [length], ...resampling });
  const at = (name: string) => compared.findIndex((model) => model.name === name);
  const own = [ownModel, automaticKind].map(at).find((position) => position >= 0);
  if (own === undefined) return { ndcg: null, interval: null, recall: null, gain: null, challengers: [], notes: [] };
  const ndcgs = values.map((one) => required(one.values, `ndcg@${length}`));
  const gaps = gapsTo(ndcgs[own]!, ndcgs, resampling);
  const { ndcg, interval, minusBestSellers } = compared[own]!;
  const recalls = required(values[own]!.values, `recall@${length}`);
  const isEnough = recalls.length >= minimumCustomers && resampling.resamples >= leastResamples;
  return {
    ndcg: round(ndcg),
    recall: isEnough ? roundedInterval(bootstrap([recalls], resampling)[0]!) : null,
    interval: interval && roundedInterval(interval),
    gain: publishedGap(minusBestSellers),
    notes: levelNotes(compared, (i) => (i === own ? 'the lists' : compared[i]!.name)),
    challengers: compared.flatMap((model, i) =>
      i === own ? [] : [{ name: model.name, ndcg: round(model.ndcg), minus: publishedGap(gaps[i]!) }],
    ),
  };
}

/** Quality of the lists of some test customers. Nulls for fewer than 20 of them. */
function ownQuality(
  tests: CampaignTests,
  length: number,
  resampling: BootstrapOptions,
  isIn: IsIn,
): Omit<Quality['windows'][number], 'from' | 'to'> {
  const count = tests.cases.filter(isIn).length;
  const tested = publishedCount(count);
  if (count < minimumCustomers) return { tested, ndcg: null, interval: null, gain: null };
  const compared = compareModels(valuesOf(tests, length, isIn), { at: [length], ...resampling });
  const own = [ownModel, automaticKind].flatMap((name) => compared.find((model) => model.name === name) ?? [])[0];
  if (own === undefined) return { tested, ndcg: null, interval: null, gain: null };
  const { ndcg, interval, minusBestSellers } = own;
  return {
    ...{ tested, ndcg: round(ndcg), gain: publishedGap(minusBestSellers) },
    interval: interval && roundedInterval(interval),
  };
}

/** Quality of a campaign's lists by window, and that of customers without any product before. */
function partQualities(
  tests: CampaignTests,
  length: number,
  resampling: BootstrapOptions,
  windows: readonly EvaluationWindow[],
): Pick<Quality, 'windows' | 'newCustomers'> {
  const several = windows.length > 1 ? windows : [];
  const found = several.map(({ at, from, to }) => {
    const inWindow: IsIn = ({ key, hasHistory }) => hasHistory && key.startsWith(`${at} `);
    return { from, to, ...ownQuality(tests, length, resampling, inWindow) };
  });
  const sizes = publishedParts(
    several.map(({ at }) => tests.cases.filter(({ key, hasHistory }) => hasHistory && key.startsWith(`${at} `)).length),
  );
  // Only the lists themselves: comparing all models would take long in large banks.
  const models = new Map([...tests.models].filter(([name]) => name === ownModel || name === automaticKind).slice(0, 1));
  const { gain: _, ...newCustomers } = ownQuality({ ...tests, models }, length, resampling, ({ hasHistory }) => !hasHistory);
  return { windows: found.map((one, i) => ({ ...one, tested: sizes[i]! })), newCustomers };
}

/**
 * Publishable quality of the evaluated campaigns. Each challenger is compared with the campaign's own model on the same customers.
 * @param length number of list entries that NDCG uses
 */
export function publishedQualities(
  campaigns: readonly Pick<TestedCampaign, 'campaign' | 'tested' | 'tests' | 'notes'>[],
  length: number,
  resampling: BootstrapOptions,
  windows: readonly EvaluationWindow[],
): Quality[] {
  return campaigns.map(({ campaign, tested, tests, notes }) => {
    const none = { ndcg: null, interval: null, recall: null, gain: null, challengers: [], notes: [] };
    // A mean over few customers would reveal their purchases.
    const found = (tested ?? 0) < minimumCustomers ? none : comparedQuality(tests, length, resampling);
    return {
      campaign,
      tested,
      ...found,
      ...partQualities(tests, length, resampling, windows),
      notes: [...notes, ...found.notes],
    };
  });
}
