import { join } from 'node:path';
import { AppError, type EvaluationWindow, evaluationWindows, isPlainDate, type PlainDate, required } from '@basketwise/core';
import { writeJson, writeWhole } from '@basketwise/data/base';
import {
  type EvaluationNeeds,
  evaluationVersion,
  type ListCalibration,
  needCampaigns,
  planCampaigns,
  probabilityMeaning,
  readEligibility,
  recordsOf,
  type Settings,
  settingsPath,
} from '@basketwise/pipeline';
import {
  type AdviceTools,
  type BankSource,
  bandWeightsOf,
  bankOfRecords,
  type CampaignChoice,
  type CampaignPlan,
  calibrateAt,
  calibrateNextProduct,
  chooseAt,
  type EvaluationSet,
  folds,
  listTools,
  loadBankAt,
} from '@basketwise/recommend';
import { testGroups } from './customer-groups.ts';
import { testWindow } from './evaluate-campaign.ts';
import type { EvaluationFile } from './evaluation-summary.ts';
import { evaluationText } from './evaluation-text.ts';
import { ProbabilityJudge } from './judge-probabilities.ts';
import { pooledEvaluations } from './pooled.ts';
import { refuseEmpty, refuseFew } from './refusals.ts';
import { type SnapshotAt, withSnapshotAt } from './snapshot-at.ts';
import { type OwnModel, publishedQuality, summarise, type TestedCampaign, testedCampaign } from './summarise.ts';
import { type CampaignTests, type EvaluationWatcher, noTests } from './tested.ts';

/** Results of an evaluation, with its windows and its report. */
export interface EvaluationReport extends EvaluationFile {
  /** Report as Markdown, with tables. */
  file: string;
}

/** Options of an evaluation. */
export interface EvaluateOptions {
  referenceDate?: PlainDate;
  /** Names of the campaigns to evaluate. Absent: all. */
  campaigns?: readonly string[];
  signal?: AbortSignal;
  /** Called with messages about the progress. */
  step?: (text: string) => void;
  watch?: EvaluationWatcher;
  /** Whether to measure how well scores separate the purchasers of each product (`ProductResponse`). */
  products?: boolean;
  /** Greatest number of windows before those of the config. They end before the first one without purchases or features. Default 0. */
  further?: number;
}

/**
 * Evaluates all campaigns by the purchases in the test windows (docs/models.md). Writes evaluation.json and evaluation.md to
 * the output folder.
 * @throws AppError as `testCampaigns`
 */
export async function evaluate(settings: Settings, options: EvaluateOptions = {}): Promise<EvaluationReport> {
  const { at, bootstrap: resamples, seed } = settings.config.evaluate;
  const { windows, campaigns } = await testCampaigns(settings, { ...options, products: true });
  const comparison = { at, resamples, seed, topN: settings.config.top_n };
  const summaries = campaigns.map((tested) => summarise(tested, comparison));
  const members = summaries.map(({ member }) => member);
  const judge = new ProbabilityJudge();
  for (const { tests } of campaigns) judge.addAll(tests.probabilities);
  const evaluation = {
    version: evaluationVersion,
    windows,
    pooled: pooledEvaluations(members, comparison),
    probabilities: publishedQuality(judge),
    campaigns: summaries.map(({ found }) => found),
  } satisfies EvaluationFile & EvaluationNeeds;
  const output = settingsPath(settings, settings.config.output.dir);
  const file = join(output, 'evaluation.md');
  await writeJson(join(output, 'evaluation.json'), evaluation);
  await writeWhole(file, evaluationText(evaluation));
  return { ...evaluation, file };
}

/**
 * Tests all campaigns in the test windows, without comparing models.
 * @throws AppError bad-data if a window has no purchase, or if all windows together have too few; usage for an unknown campaign
 */
export async function testCampaigns(
  settings: Settings,
  options: EvaluateOptions = {},
): Promise<{ windows: EvaluationWindow[]; campaigns: TestedCampaign[] }> {
  const { config } = settings;
  needCampaigns(config);
  const { window, gap, windows: count, bootstrap: resamples } = config.evaluate;
  const { further = 0 } = options;
  const plans = plansOf(settings, options.campaigns);
  const reference = referenceOf(settings, options.referenceDate);
  const isDated = config.tables.holdings.date !== null;
  const wanted: EvaluationWindow[] = isDated
    ? evaluationWindows(reference, window, gap, count + further)
    : [{ at: reference, from: reference, to: reference, folds }];
  const found: Findings = { tested: new Map(plans.map((plan) => [plan.name, noTests()])), own: new Map(), last: new Map() };
  const windows: EvaluationWindow[] = [];
  for (const test of wanted) {
    const isFurther = windows.length >= count;
    const isTested = await withSnapshotAt(
      settings,
      test.at,
      { ...options, inputs: options.watch?.inputs, tableDate: reference },
      (source) => testOn(source, settings, options, plans, { ...test, isFurther }, found),
    );
    if (!isTested) break;
    windows.push(test);
  }
  const { tested, own, last } = found;
  const customers = plans.map(({ name }) => ({
    campaign: name,
    customers: required(tested, name).cases.filter(({ hasHistory }) => hasHistory).length,
  }));
  refuseFew(customers, { from: windows.at(-1)!.from, to: windows[0]!.to }, resamples);
  const campaigns = plans.map((plan) => {
    const { name } = plan;
    return testedCampaign({ plan, tests: required(tested, name), own: required(own, name), last: required(last, name) });
  });
  return { windows, campaigns };
}

/** Results of the windows tested so far, by campaign. */
interface Findings {
  tested: Map<string, CampaignTests>;
  /** For each campaign, its own model and evaluation set of the newest window. */
  own: Map<string, OwnModel>;
  last: Map<string, EvaluationSet>;
}

/**
 * Tests all campaigns on a window. Without dates, tests them on all folds of customers.
 * @returns false for a further window (see `EvaluateOptions`) that cannot be tested
 */
async function testOn(
  { pool, snapshot, contexts }: SnapshotAt,
  settings: Settings,
  options: EvaluateOptions,
  plans: readonly CampaignPlan[],
  { isFurther, ...test }: EvaluationWindow & { isFurther: boolean },
  { tested, own, last }: Findings,
): Promise<boolean> {
  const { config } = settings;
  const { memory } = pool;
  const { signal, step } = options;
  const records = recordsOf(snapshot, config, signal);
  const eligible = await readEligibility(snapshot, config, signal);
  const groups = await testGroups({ pool, snapshot }, settings, test);
  const { clusters, dated } = groups;
  const facts = async () => ({ clusters, eligible });
  const source = bankOfRecords({ pool, records, settings: config, plans, date: test.at, facts, contexts, dated });
  const known = { clusters, eligible, contexts: (await contexts?.at(test.at)) ?? undefined };
  if (isFurther && contexts !== null && known.contexts === undefined) return false;
  const advice = { pool, settings: config, signal, step };
  const tools = { pool, bandWeights: bandWeightsOf(config), signal };
  const scoring = listTools(config, pool, config.evaluate.at);
  const before = memory.mark();
  for (const fold of test.folds === undefined ? [undefined] : Array(test.folds).keys()) {
    const hide = fold === undefined ? undefined : { tested: fold };
    const bank = await loadBankAt(pool, records, config, plans, test, { ...known, hide });
    if (bank.added.size === 0) {
      if (isFurther) return false;
      refuseEmpty(test);
    }
    const choices = await chooseAt(source, plans, test.at, advice, fold);
    const calibrations = await calibrationsOf(source, plans, choices, { settings, date: test.at, fold }, advice);
    for (const [i, plan] of plans.entries()) {
      signal?.throwIfAborted();
      step?.(`${plan.name}, ${fold === undefined ? `${test.from} to ${test.to}` : `fold ${fold + 1} of ${folds}`}`);
      const mark = memory.mark();
      const about = { topN: config.top_n, calibration: calibrations[i]!, choice: choices[i]! };
      const { evaluationSet, ...ownModel } = await testWindow(
        plan,
        { tools, scoring, bank, groups, snapshot, watch: options.watch, products: options.products === true, ...about },
        required(tested, plan.name),
      );
      if (!last.has(plan.name)) {
        last.set(plan.name, evaluationSet);
        own.set(plan.name, ownModel);
      }
      memory.release(mark);
    }
    memory.release(before);
  }
  return true;
}

/** Calibration of each campaign's lists, as a run on the date would fit it. Null for a campaign without probabilities. */
async function calibrationsOf(
  source: BankSource,
  plans: readonly CampaignPlan[],
  choices: readonly CampaignChoice[],
  { settings: { config }, date, fold }: { settings: Settings; date: PlainDate; fold: number | undefined },
  advice: AdviceTools,
): Promise<ListCalibration[]> {
  const meaning = probabilityMeaning(config);
  if (meaning === null) return plans.map(() => null);
  if (meaning === 'window') return calibrateAt(source, plans, choices, date, advice, false);
  return calibrateNextProduct(source, plans, choices, date, advice, fold);
}

/**
 * Campaigns with the given names. All campaigns if `names` is absent.
 * @throws AppError usage for a name that no campaign has
 */
export function plansOf({ config }: Settings, names: readonly string[] | undefined): CampaignPlan[] {
  const plans = planCampaigns(config);
  for (const name of names ?? []) {
    if (plans.some((plan) => plan.name === name)) continue;
    throw new AppError('usage', `no campaign is named ${name}`, `There are: ${plans.map((plan) => plan.name).join(', ')}.`);
  }
  return plans.filter((plan) => names === undefined || names.includes(plan.name));
}

/**
 * End of the last test window.
 * @throws AppError config if there is no reference date
 */
export function referenceOf({ config }: Settings, given: PlainDate | undefined): PlainDate {
  const date = given ?? config.reference_date;
  if (date && !isPlainDate(date)) throw new AppError('usage', `reference date ${date}: no such day`, 'Write it as YYYY-MM-DD.');
  if (!date) throw new AppError('config', 'reference_date: required, and missing', 'Set it, or give --reference-date.');
  return date;
}
