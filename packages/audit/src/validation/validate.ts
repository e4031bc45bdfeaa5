import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, type EvaluationWindow, evaluationWindows, learningWindows, type PlainDate } from '@basketwise/core';
import { publishedRelation, type Snapshot } from '@basketwise/data';
import { hashFile, ifThere, writeWhole } from '@basketwise/data/base';
import {
  type FinishedRun,
  isTooFew,
  openFinishedRun,
  type ScoredWindow,
  type TestedCampaign,
  testCampaigns,
} from '@basketwise/insight';
import {
  checkProtected,
  type Lock,
  needCampaigns,
  type ProtectedColumn,
  pathText,
  probabilityMeaning,
  programHash,
  protectedColumns,
  publishedNights,
  publishedRuns,
  readJournal,
  type Settings,
  sealOf,
  settingsPath,
  successfulRun,
  takeOutput,
  validationFile,
  writeSealed,
} from '@basketwise/pipeline';
import { signingEntry } from '../archive/check-pack.ts';
import { CampaignTally } from './campaign-tally.ts';
import { type Dimension, dimensionsOf, protectedDimension } from './customer-groups.ts';
import { featureExposures, publishedExposure, readExposure } from './exposure.ts';
import { testRobustness } from './lost-holdings.ts';
import type { Moments } from './moments.ts';
import { publishedBrier, publishedCalibration } from './published-calibration.ts';
import { addCases, type CampaignCases, publishedLosses } from './published-losses.ts';
import { publishedQualities } from './published-quality.ts';
import { comparedLength } from './realised-quality.ts';
import { compareWithRun } from './run-drift.ts';
import { runChecks } from './run-facts.ts';
import { readRunSections } from './run-sections.ts';
import { boundsOf, overdueReview, triggersOf } from './triggers.ts';
import type { Validation, ValidationFile } from './validation-file.ts';
import { type SliceTest, sliceTests, untestedSlices, weakSlices } from './weak-slices.ts';
import { type CommonCustomers, commonCustomers, customersSince, listsSince } from './window-drift.ts';

/** Options of a validation. */
export interface ValidateOptions {
  /** Name of the run to validate, such as a prepared run. Absent: `asOf` selects the run. */
  run?: string | undefined;
  /**
   * Last date of the purchases used. It also selects the newest published run up to this date.
   * Absent: the latest run is validated, with purchases up to its reference date.
   */
  asOf?: PlainDate | undefined;
  /** Name of an earlier run with which the run is compared, besides the newest earlier runs. */
  against?: string | undefined;
  signal?: AbortSignal | undefined;
  /** Receives progress messages. */
  step?: ((text: string) => void) | undefined;
}

/** Number of newest earlier runs with which a pack compares its run, besides a named run. */
const comparedRuns = 2;

/**
 * Validates a run. Writes validation.json, validation.html and validation-card.md into the output folder.
 * If the run is not signed, also writes validation.json into the folder of the run.
 * @throws AppError config without section `validation` or with pushdown, missing-input if the run does not exist, errors of `evaluate`
 */
export async function validate(settings: Settings, options: ValidateOptions = {}): Promise<Validation> {
  const { config } = settings;
  needCampaigns(config);
  const { validation } = config;
  if (validation === undefined) {
    const hint = 'Add `validation: { owner: ..., purpose: ..., tier: ... }`; docs/audit.md describes it.';
    throw new AppError('config', 'validation: required, and missing', hint);
  }
  const output = settingsPath(settings, config.output.dir);
  await readJournal(output); // a damaged one ends the command before its work
  const run = await chosenRun(output, options);
  const finished = await openFinishedRun(settings, run);
  try {
    if (options.against !== undefined) await needEarlier(output, options.against, finished);
    const figures = await figuresOf(settings, finished, options);
    const { bounds } = validation;
    const judged = {
      bounds: boundsOf(figures, bounds),
      triggers: [...overdueReview(figures.inventory), ...triggersOf(figures, bounds)],
    };
    const file: ValidationFile = { ...figures, ...judged };
    const written = await writePack(output, file);
    const unsignable = await signablePack(output, finished, file);
    return { ...file, seal: sealOf(file), ...written, ...(unsignable !== null && { unsignable }) };
  } finally {
    await finished.close();
  }
}

/**
 * Run to validate: the run with the given name. Without a name: the newest published run up to the given date.
 * Without a name and a date: the latest run. @throws AppError missing-input if there is no such run
 */
async function chosenRun(output: string, { run: named, asOf }: ValidateOptions): Promise<string> {
  if (named !== undefined || asOf === undefined) return successfulRun(output, named);
  const run = (await publishedNights(output)).findLast(({ date }) => date <= asOf)?.run;
  if (run === undefined) throw new AppError('missing-input', `there is no run up to ${asOf}`, 'Name a later date, or run first.');
  return successfulRun(output, run);
}

/**
 * Writes the pack into the folder of its run, so that approvals sign the pack, too.
 * Does not write it if approvals or a rejection sign the run's files, because a new pack would make these signatures invalid.
 * A run that was published with a pack keeps that pack.
 * @returns reason why the pack was not written into that folder; null if it was
 */
async function signablePack(output: string, { name, folder }: FinishedRun, file: ValidationFile): Promise<string | null> {
  let lock: Lock;
  try {
    lock = await takeOutput(output);
  } catch (error) {
    if (error instanceof AppError && error.code === 'locked') return `${error.message}. ${error.hint}`;
    throw error;
  }
  try {
    const signed = await signingEntry(output, name);
    if (signed !== undefined) return `run ${name} is signed: \`${signed.what}\` by ${signed.who}`;
    const path = join(folder, validationFile);
    const isPublished = (await publishedRuns(output)).some(({ run }) => run === name);
    if (isPublished && (await ifThere(path, stat(path))) !== undefined) return `run ${name} is published with an earlier pack`;
    await writeSealed(path, file);
    return null;
  } finally {
    await lock.release();
  }
}

async function writePack(output: string, file: ValidationFile): Promise<{ page: string; card: string }> {
  const { modelCard, validationPage } = await import('./validation-page.ts'); // the library of charts takes long to load
  const [page, card] = [join(output, 'validation.html'), join(output, 'validation-card.md')];
  const json = join(output, validationFile);
  await writeSealed(json, file);
  const hash = await hashFile(json);
  await writeWhole(page, validationPage(file, hash));
  await writeWhole(card, modelCard(file, hash));
  return { page, card };
}

async function figuresOf(
  settings: Settings,
  finished: FinishedRun,
  options: ValidateOptions,
): Promise<Omit<ValidationFile, 'triggers' | 'bounds'>> {
  const missing: string[] = [];
  const length = comparedLength(finished.config.top_n);
  const asOf = options.asOf ?? finished.referenceDate;
  const ofRun = settingsOfRun(settings, finished);
  const sections = await readRunSections(settings, finished, asOf);
  const windows = await testWindows(ofRun, { finished, asOf, first: sections.data.first }, options, missing);
  const { tallies } = windows;
  missing.push(...inputNotes(sections.data.files, windows.inputs));
  const sameProgram = sections.inventory.program === (await programHash(settings.config));
  if (!sameProgram)
    missing.push('Program: the present one made the figures on later purchases, and another one the run. Run again.');
  const campaigns = sections.inventory.campaigns;
  const probability = probabilityMeaning(ofRun.config);
  if (probability === 'next product')
    missing.push(
      'Calibration by groups and their weak slices: holdings have no dates, so that lists are tested on one product held out of each tested customer.',
    );
  const exposure = await exposures(settings, finished, tallies, missing);
  const resampling = { resamples: ofRun.config.evaluate.bootstrap, seed: ofRun.config.evaluate.seed };
  const calibration = [...tallies].flatMap(([campaign, tally]) => publishedCalibration(campaign, tally));
  return {
    ...{ version: 1, ...sections, probability, length, windows: windows.windows },
    products: await productNames(finished, calibration),
    quality: publishedQualities(windows.campaigns, length, resampling, windows.windows),
    calibration,
    brier: [...tallies].flatMap(([campaign, tally]) => publishedBrier(campaign, tally) ?? []),
    slices: weakSlices(windows.slices.tests, windows.slices.untested),
    featureExposure: await featureExposures(finished, campaigns, tallies),
    checks: await runChecks(finished, resampling, { sameProgram, sameInputs: sameFiles(sections.data.files, windows.inputs) }),
    ...{ exposure, drift: await drifts(settings, finished, options, { campaigns, newest: windows.newest }, missing) },
    ...{ since: windows.since, robustness: windows.robustness, missing },
    losses: publishedLosses(windows.cases, resampling),
  };
}

/** Whether the input files of the tests are those of the run; null if it is not known. */
function sameFiles(run: string | null, tests: string | null | undefined): boolean | null {
  return run === null || !tests ? null : run === tests;
}

/** Names of the products that calibration reports, by code. */
async function productNames({ snapshot }: FinishedRun, calibration: ValidationFile['calibration']) {
  const shown = calibration.filter(({ by }) => by === 'product').flatMap(({ groups }) => groups);
  const codes = new Set(shown.map(({ label }) => label));
  const products = (await snapshot.products()).filter(({ code }) => codes.has(code));
  return Object.fromEntries(products.map(({ code, name }) => [code, name]));
}

/**
 * Notes on the input tables of the tests, which are read in their present state and may differ from the run's input.
 * @param run hash of the run's input files; null if the input is on a server
 */
function inputNotes(run: string | null, tests: string | null | undefined): string[] {
  if (tests === undefined || (run !== null && run === tests)) return [];
  return [
    run === null
      ? 'Tables: figures on later purchases are of the present tables of a server. It is not known whether they changed since the run.'
      : 'Tables: they have changed since the run. Figures on later purchases are of the present ones.',
  ];
}

/**
 * Settings with the config of a run, so that the run's own models and windows are tested even if the config was changed since.
 * Places of files, protected columns, the number of test windows and the lengths of lists come from the present config.
 * @throws AppError config if a model of the run can use a column that the present config protects
 */
export function settingsOfRun(settings: Settings, { name, config: ofRun }: Pick<FinishedRun, 'name' | 'config'>): Settings {
  const { source, output, workers, guards, log, release, validation } = settings.config;
  const { windows, at } = settings.config.evaluate;
  const evaluate = { ...ofRun.evaluate, windows, at };
  const config = { ...ofRun, source, output, workers, guards, log, release, validation, evaluate };
  checkProtected(config, (path, problem) => {
    throw new AppError('config', `run \`${name}\`: ${pathText(path)}: ${problem}`, 'Run again with the present config.');
  });
  return { ...settings, config };
}

/** Results of the test windows. */
interface TestedWindows {
  windows: EvaluationWindow[];
  /** Tested campaigns; empty if too few customers purchased. */
  campaigns: readonly TestedCampaign[];
  tallies: Map<string, CampaignTally>;
  /** Tests of slices on the newest window, and the number of slices that are too small for a test. */
  slices: { tests: SliceTest[]; untested: number };
  /** NDCG of the test customers of the newest window, by campaign. */
  newest: Map<string, Moments>;
  robustness: ValidationFile['robustness'];
  /** Results of robustness tests by campaign, over all windows. */
  cases: ReadonlyMap<string, CampaignCases>;
  since: ValidationFile['since'];
  /** Hash of the input files; null if the tables are on a server, undefined if no table was read. */
  inputs?: string | null | undefined;
}

/** Most windows that are tested, and the most customers of all windows together that `evaluate.windows` does not name. */
const [mostWindows, mostTested] = [4, 400_000];

/** Run to validate, end of the last test window, and month of the first dated holding; null without dates. */
interface TestedRun {
  finished: FinishedRun;
  asOf: PlainDate;
  first: string | null;
}

/** Number of windows to test besides those of the config: each has as many learning windows before it as the newest one. */
export function furtherWindows({ config }: Settings, { finished, asOf, first }: TestedRun): number {
  if (first === null) return 0;
  const { window, gap, windows } = config.evaluate;
  const most = Math.min(mostWindows, Math.floor(mostTested / Math.max(1, finished.snapshot.customerCount)));
  const learnable = evaluationWindows(asOf, window, gap, Math.max(windows, most)).filter(
    ({ at }) => evaluationWindows(at, window, gap, learningWindows).at(-1)!.at.slice(0, first.length) > first,
  );
  return Math.max(0, Math.min(most, learnable.length) - windows);
}

/** Evaluates the campaigns in the test windows, by groups of customers. If it cannot, adds the reason to `missing`. */
async function testWindows(
  settings: Settings,
  run: TestedRun,
  { signal, step }: ValidateOptions,
  missing: string[],
): Promise<TestedWindows> {
  const tallies = new Map<string, CampaignTally>();
  const slices: TestedWindows['slices'] = { tests: [], untested: 0 };
  const newest: TestedWindows['newest'] = new Map();
  const robustness: ValidationFile['robustness'] = [];
  const cases = new Map<string, CampaignCases>();
  let since: ValidationFile['since'] = null;
  let common: CommonCustomers | undefined;
  const dimensions = new DimensionReader(protectedColumns(settings.config.validation));
  const window = async (scored: ScoredWindow) => {
    const { name } = scored.plan;
    const isNewest = !tallies.has(name);
    const tally = tallies.get(name) ?? new CampaignTally(scored.probabilities);
    tallies.set(name, tally);
    tally.add(scored, await dimensions.of(scored), isNewest);
    const found = await testRobustness(scored);
    cases.set(name, addCases(cases.get(name), found.cases));
    if (!isNewest) return;
    // Older windows are not added: they would dilute a weakness of the present lists.
    slices.tests.push(...sliceTests(name, tally));
    slices.untested += untestedSlices(tally);
    newest.set(name, { ...tally.tested });
    if (found.lists !== null) robustness.push(found.lists);
    // A run from before the training date of the window is not compared with it.
    if (scored.window.folds !== undefined || scored.window.at > run.finished.referenceDate) return;
    since ??= { at: scored.window.at, variables: await customersSince(scored, run.finished), lists: [] };
    common ??= await commonCustomers(scored.snapshot, run.finished.snapshot);
    const { variables, lists } = await listsSince(scored, run.finished, common);
    since.variables.push(...variables);
    since.lists.push(...lists);
  };
  let inputs: string | null | undefined;
  const watch = {
    window,
    inputs: (hash: string | null) => {
      inputs = hash;
    },
  };
  const further = furtherWindows(settings, run);
  const progress = { ...(signal && { signal }), ...(step && { step }) };
  const tested = testCampaigns(settings, { referenceDate: run.asOf, watch, further, ...progress });
  try {
    return { ...(await tested), tallies, slices, newest, robustness, cases, since, inputs };
  } catch (reason) {
    if (!isTooFew(reason)) throw reason;
    missing.push(`Out-of-time quality: ${reason.message}. ${reason.hint}`);
    return { windows: [], campaigns: [], tallies: new Map(), slices, newest, robustness: [], cases: new Map(), since };
  }
}

/** Reader of the dimensions of customers. Caches them per window, and protected dimensions per snapshot. */
class DimensionReader {
  readonly #columns: readonly ProtectedColumn[];
  #last: { snapshot: Snapshot; dimensions: readonly Dimension[] } | undefined;
  #made: { bank: ScoredWindow['bank']; dimensions: readonly Dimension[] } | undefined;

  constructor(columns: readonly ProtectedColumn[]) {
    this.#columns = columns;
  }

  async of(scored: ScoredWindow): Promise<readonly Dimension[]> {
    if (this.#made?.bank !== scored.bank)
      this.#made = { bank: scored.bank, dimensions: [...dimensionsOf(scored), ...(await this.#protected(scored))] };
    return this.#made.dimensions;
  }

  async #protected({ snapshot }: ScoredWindow): Promise<readonly Dimension[]> {
    if (this.#last?.snapshot !== snapshot) {
      const found: Dimension[] = [];
      for (const column of this.#columns) {
        const dimension = await protectedDimension(snapshot, column);
        if (dimension !== null) found.push(dimension);
      }
      this.#last = { snapshot, dimensions: found };
    }
    return this.#last!.dimensions;
  }
}

/** Exposure of the run's lists by each protected column. Adds columns that the run did not read to `missing`. */
async function exposures(
  { config }: Settings,
  { snapshot, folder, config: ofRun, trainings }: FinishedRun,
  tallies: ReadonlyMap<string, CampaignTally>,
  missing: string[],
): Promise<ValidationFile['exposure']> {
  const found: ValidationFile['exposure'] = [];
  const lists = publishedRelation(snapshot.engine.dialect, folder, ofRun.output);
  const campaigns = trainings.map(({ campaign }) => campaign);
  for (const column of protectedColumns(config.validation)) {
    const groups = await readExposure(snapshot, lists, column, campaigns);
    if (groups === null) missing.push(`Exposure by ${column.column}: the run did not read the column. Run again.`);
    for (const [campaign, own] of groups ?? [])
      found.push(publishedExposure(column.column, campaign, own, tallies.get(campaign)));
  }
  return found;
}

/** Whether the folder of a published run still exists. (`output.keep` removes old run folders.) */
async function isThere(output: string, run: string): Promise<boolean> {
  const manifest = join(output, 'runs', run, 'manifest.json');
  return (await ifThere(manifest, stat(manifest))) !== undefined;
}

/** Checks that a named run to compare with has an earlier reference date. @throws AppError usage; also the errors of `successfulRun` */
async function needEarlier(output: string, against: string, now: FinishedRun): Promise<void> {
  const date = (await successfulRun(output, against)).slice(0, 10);
  if (date < now.referenceDate) return;
  const problem = `--against ${against}: its reference date is ${date}, that of the validated run ${now.referenceDate}`;
  throw new AppError('usage', problem, 'Name a run with an earlier reference date.');
}

/** Comparisons of a run with a named earlier run, and with the newest runs of earlier reference dates. */
async function drifts(
  settings: Settings,
  now: FinishedRun,
  { against }: ValidateOptions,
  { campaigns, newest }: Pick<TestedWindows, 'newest'> & { campaigns: readonly string[] },
  missing: string[],
): Promise<ValidationFile['drift']> {
  const output = settingsPath(settings, settings.config.output.dir);
  const earlier = (await publishedNights(output)).filter(({ date }) => date < now.referenceDate).map(({ run }) => run);
  const found: ValidationFile['drift'] = [];
  const compare = async (run: string) => {
    const reference = await openFinishedRun(settings, run);
    try {
      found.push(await compareWithRun({ reference, now }, campaigns, newest));
    } finally {
      await reference.close();
    }
  };
  if (against !== undefined) await compare(against);
  for (const run of earlier.reverse()) {
    if (found.filter((one) => one.against !== against).length === comparedRuns) break;
    if (run === against || !(await isThere(output, run))) continue;
    await compare(run).catch((reason: unknown) => {
      if (!(reason instanceof AppError && reason.code === 'bad-data')) throw reason;
      missing.push(`Drift against ${run}: ${reason.message}. ${reason.hint}`);
    });
  }
  if (found.length === 0) missing.push('Drift against an earlier run: there is none to compare with.');
  return found;
}
