import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError, evaluationWindows, exitCodes, learningWindows, type PlainDate } from '@basketwise/core';
import {
  type CheckedSources,
  type ChoiceSizes,
  type ConsentColumn,
  checkSources,
  type DataFault,
  type DataFaults,
  findDataFaults,
  newestDay,
  type SourceCheck,
  type SourceRows,
} from '@basketwise/data';
import { percent, removePath } from '@basketwise/data/base';
import { labelledText } from '@basketwise/page';
import {
  checkLevelsOf,
  checkWritten,
  consentWarnings,
  extractRequest,
  featureDates,
  loadConfig,
  loadEngine,
  needConsent,
  needEngines,
  openSource,
  requestTo,
  type Settings,
  type Source,
  settingsPath,
  statusText,
  threadCount,
} from '@basketwise/pipeline';
import {
  attemptCheck,
  type Check,
  checkCores,
  checkHugePages,
  checkMemory,
  checkNode,
  checkOutput,
  checkSharedMemory,
  checkWebAssembly,
  failedCheck,
  found,
  kernelSelfTest,
} from './machine.ts';
import { estimateNeed } from './need.ts';
import { checkOfferedProducts } from './offer-check.ts';

/** Results of all checks. `exitCode` is the exit code of the first check that failed; 0 if no check failed. */
export interface Diagnosis {
  exitCode: number;
  checks: readonly Check[];
  /** All faults in the rows of the tables. Absent if they were not requested. */
  data?: DataFaults;
}

/** Options of `doctor`. */
export interface DiagnoseOptions {
  /** Whether to read all data as a run does, and to list all faults in them. */
  data?: boolean | undefined;
  /** Reference date in place of that of the config; `latest`: the newest day of the holdings. */
  referenceDate?: string | undefined;
  /** Folder to which a relative path of the config refers. Default: the working folder. */
  folder?: string | undefined;
}

/**
 * Checks everything that a run needs: Node, kernels, machine, config, tables and columns. Continues after a failed check. Reads
 * and counts rows. Writes only temporary files, in the temporary folder of the system.
 */
export async function diagnose(file: string, options: DiagnoseOptions = {}): Promise<Diagnosis> {
  const checks: Check[] = [checkNode()];
  let settings: Settings | undefined;
  const config = await attemptCheck('config', async () => {
    settings = await loadConfig(file, options.folder);
    return `${settings.file} is valid`;
  });
  const dated =
    settings &&
    options.referenceDate &&
    (await attemptCheck('reference_date', async () => {
      const day = options.referenceDate === 'latest' ? await newestDayOf(settings!) : (options.referenceDate as PlainDate);
      settings = { ...settings!, config: { ...settings!.config, reference_date: day } };
      return day;
    }));
  const threads = threadCount(settings?.config.workers ?? 'auto');
  const webAssembly = checkWebAssembly();
  checks.push(webAssembly, checkCores(threads), ...(await checkHugePages()));
  if (webAssembly.status !== 'failed') checks.push(await attemptCheck('kernels', () => kernelSelfTest(threads)));
  checks.push(config, ...(dated ? [dated] : []));
  if (settings) checks.push(...settings.warnings.map((warning) => found('config', warning, 'See docs/config.md.')));
  const job = settings && (await checkJob(settings, threads, options));
  checks.push(...(job?.checks ?? []));
  const exitCode = checks.find(({ status }) => status === 'failed')?.exitCode ?? 0;
  return { exitCode, checks, ...(job?.data && { data: job.data }) };
}

async function checkJob(
  settings: Settings,
  threads: number,
  options: DiagnoseOptions,
): Promise<Pick<Diagnosis, 'checks' | 'data'>> {
  const { config } = settings;
  const checks: Check[] = [];
  for await (const { name, text, failure } of checkSource(settings))
    checks.push(failure ? failedCheck(name, failure) : found(name, text));
  const isReachable = checks.every(({ status }) => status !== 'failed');
  const tables = isReachable ? await inspectTables(settings, threads, options) : { checks: [], rows: noRows, consents: [] };
  const written = () => checkWritten(settings).then(() => 'no file that is written or appended to is also read');
  const need = estimateNeed(config, tables.rows, tables.choices);
  const output = settingsPath(settings, config.output.dir);
  const consent = await attemptCheck('consent', async () => {
    needConsent(settings, tables.consents);
    return 'not left open';
  });
  const objections = consentWarnings(tables.consents).map((text) => found('consent', text, 'See docs/config.md#rules.'));
  const machine = [
    ...(consent.status === 'failed' ? [consent] : objections),
    await attemptCheck('paths', written),
    await checkSharedMemory(need.kernels),
    checkMemory(need.memory),
    await checkOutput(output, need.disk),
  ];
  return { checks: [...checks, ...tables.checks, ...machine], ...(tables.data && { data: tables.data }) };
}

/** Checks of the tables, and the number of rows of each. The number is absent if the table cannot be read. */
interface TableChecks {
  checks: Check[];
  rows: SourceRows;
  choices?: ChoiceSizes;
  consents: readonly ConsentColumn[];
  data?: DataFaults;
}

const noRows: SourceRows = { customers: 0, products: 0, holdings: 0 };

/** Checks tables, columns and expressions until the first fault. With `data`, reads all data and lists all faults. */
async function inspectTables(settings: Settings, threads: number, { data: isThorough }: DiagnoseOptions): Promise<TableChecks> {
  const counted = ({ customers, products, holdings }: SourceRows) =>
    `${customers} customers, ${products} products, ${holdings} holdings`;
  let rows = noRows;
  let choices: ChoiceSizes | undefined;
  let consents: readonly ConsentColumn[] = [];
  let apart: Check[] = [];
  if (!isThorough) {
    const check = await attemptCheck('tables', async () => {
      await withSource(settings, threads, async (source, spill) => {
        const checked = await checkTables(source, settings);
        ({ rows, choices, consents } = checked);
        apart = [...statusChecks(checked), ...(await inspectSettings(source, settings, spill))];
      });
      return `${counted(rows)}; no fault in columns or SQL`;
    });
    return { checks: [check, ...apart], rows, consents, ...(choices && { choices }) };
  }
  let inspected: Awaited<ReturnType<typeof checkData>> = {
    checks: [],
    data: { rows: {}, faults: [], consents: [], statuses: [] },
  };
  const check = await attemptCheck('tables', async () => {
    await withSource(settings, threads, async (source, spill) => {
      inspected = await checkData(source, settings);
      if (inspected.checks.some(({ status }) => status === 'failed')) return;
      apart = await inspectSettings(source, settings, spill);
      ({ choices } = await checkTables(source, settings));
    });
    rows = { ...noRows, ...inspected.data.rows };
    return `${counted(rows)}; ${inspected.data.faults.length === 0 ? 'nothing is wrong with them' : `faults: ${inspected.data.faults.length}`}`;
  });
  const { data } = inspected;
  apart.unshift(...statusChecks(data));
  return { checks: [check, ...inspected.checks, ...apart], rows, consents: data.consents, data, ...(choices && { choices }) };
}

/** Checks of holdings that count as held although their status may say that they have ended. */
function statusChecks({ statuses }: Pick<DataFaults, 'statuses'>): Check[] {
  return statuses.map((status) =>
    found('holdings', statusText(status), 'Name all values of the status, also those of a holding that is held.'),
  );
}

/** Checks the settings that can only be checked with the rows of the tables. */
async function inspectSettings(source: Source, settings: Settings, spill: string): Promise<Check[]> {
  return [...(await inspectFeatures(source, settings)), ...(await inspectOffers(source, settings, spill))];
}

/** Counts the values of the config's features. Empty if no feature need be counted. */
async function inspectFeatures(source: Source, { config }: Settings): Promise<Check[]> {
  let counted = 0;
  const check = await attemptCheck('features', async () => {
    counted = await checkLevelsOf(source, config, config.reference_date ?? lastDate);
    return `values of ${counted} ${counted === 1 ? 'feature' : 'features'} are levels`;
  });
  return check.status === 'failed' || counted > 0 ? [check] : [];
}

/** Checks the offers of the config against the products. Empty if the config has no offers. */
async function inspectOffers(source: Source, { config }: Settings, spill: string): Promise<Check[]> {
  if (!config.offers) return [];
  const check = await attemptCheck('offers', async () => {
    const unvalued = await checkOfferedProducts(source, config, config.reference_date ?? lastDate, spill);
    return unvalued ?? 'all products and classes exist, and all products on sale have a value';
  });
  return [check];
}

/** Checks the engines that a config names, and its source. Yields nothing if the engine leaves all checks to a run. */
export async function* checkSource(settings: Settings, signal?: AbortSignal): AsyncGenerator<SourceCheck> {
  const { config } = settings;
  try {
    await needEngines(settings);
  } catch (failure) {
    if (!(failure instanceof AppError)) throw failure;
    yield { name: 'engines', text: failure.message, failure };
    return;
  }
  const { check } = await loadEngine(config.source.engine);
  const request = extractRequest(config, config.reference_date ?? lastDate);
  yield* check?.({ source: config.source, path: (relative) => settingsPath(settings, relative) }, request, signal) ?? [];
}

/**
 * Opens the source while `work` runs. Temporary files are in `spill`, in the temporary folder of the system. Nothing is written
 * to output.dir.
 */
export async function withSource<T>(
  settings: Settings,
  threads: number,
  work: (source: Source, spill: string) => Promise<T>,
): Promise<T> {
  const spill = await mkdtemp(join(tmpdir(), 'basketwise-'));
  try {
    const source = await openSource(settings, threads, spill);
    return await work(source, spill).finally(() => source.close());
  } finally {
    await removePath(spill);
  }
}

/**
 * Checks those keys of a config that describe tables, and counts the rows of these tables.
 * @throws AppError in the cases in which a run throws it
 */
export function checkTables(source: Source, { config }: Settings, date?: PlainDate): Promise<CheckedSources> {
  const tableDate = date ?? config.reference_date ?? lastDate;
  const features = { dates: featureDates(config, tableDate), tableDate, kept: [] };
  const { window, gap } = config.evaluate;
  const since = evaluationWindows(tableDate, window, gap, learningWindows).at(-1)!.from;
  return checkSources(source.engine, requestTo(source, config, tableDate, features), {
    ...(tableDate !== lastDate && { since }),
  });
}

const marks = { ok: 'ok', warning: 'warning', failed: 'FAILED' } as const;
/**
 * Width, in terminal columns, of the names of checks. A longer name, such as the name of a server, is on a line of its own.
 */
const nameColumns = 16;

/** Results of all checks as text for the terminal. */
export function diagnosisText({ checks }: Diagnosis): string {
  const width = 2 + Math.min(nameColumns, Math.max(...checks.map(({ name }) => name.length)));
  return checks.map((check) => checkText(check, width)).join('');
}

function checkText({ status, name, text, hint }: Check, width: number): string {
  const label = (mark: string, title: string) => `${mark.padEnd(9)}${title.padEnd(width)}`;
  const [own, none] = [label(marks[status], name), label('', '')];
  const isBeside = name.length <= nameColumns;
  const lines = [...text.split('\n'), ...(hint === null ? [] : [hint])];
  const texts = lines.map((line, i) => labelledText(i === 0 && isBeside ? own : none, line));
  return `${isBeside ? '' : `${own}\n`}${texts.join('')}`;
}

/**
 * Newest day in the holdings of a config, which is the reference date `latest`.
 * @throws AppError config if holdings have no column of days, missing-input if no holding has a day
 */
export function newestDayOf(settings: Settings): Promise<PlainDate> {
  const { config } = settings;
  return withSource(settings, threadCount(config.workers), async (source) => {
    return (await newestDay(source.engine, requestTo(source, config, lastDate))) as PlainDate;
  });
}

/** Reference date if the config has none. No holding is later. */
const lastDate = '9999-12-30' as PlainDate;

/** Reads the data of a config as a run does, and returns all faults in them. */
async function checkData(source: Source, { config }: Settings): Promise<{ checks: Check[]; data: DataFaults }> {
  const date = config.reference_date ?? lastDate;
  const request = requestTo(source, config, date, { dates: featureDates(config, date), tableDate: date, kept: [] });
  const data = await findDataFaults(source.engine, request);
  const checks = data.faults.map((fault) => checkOf(fault, config.guards));
  if (config.reference_date === undefined)
    checks.unshift(
      found('reference_date', 'not set: a run needs it, or --reference-date', 'Set the day that the tables are of.'),
    );
  return { checks, data };
}

function checkOf(fault: DataFault, guards: Settings['config']['guards']): Check {
  const { table, what, rows, examples, effect, code, hint, guard } = fault;
  const more = rows !== null && rows > examples.length ? ', ...' : '';
  const where = examples.length === 0 ? '' : ` (row ${examples.join(', ')}${more})`;
  const share = guard && `, ${percent(guard.share)}`;
  const isOver = guard !== undefined && guard.share > guards[guard.name];
  const limit = isOver ? `; guards.${guard.name} is ${percent(guards[guard.name])}` : '';
  const isStop = effect === 'stops' || isOver;
  const text = `${what}${share ?? ''}${where}${limit}${effect === 'left out' && !isStop ? ': left out' : ''}`;
  return { name: table, status: isStop ? 'failed' : 'warning', text, hint, exitCode: isStop ? exitCodes[code] : 0 };
}
