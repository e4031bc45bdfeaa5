import { baseName, type PlainDate, required } from '@basketwise/core/parts';
import { type DuckdbEngine, queryRows } from '@basketwise/data';
import {
  type CalibrationBand,
  type Compared,
  figuresOf,
  lastReadOut,
  type Outcome,
  type Outcomes,
  type ReadOutWindow,
} from '@basketwise/offers';
import type { Arm } from '@basketwise/recommend';
import { type Draws, type EarlierRun, earlierRuns, runDates } from '../run/earlier-runs.ts';
import { nightRuns } from '../run/latest.ts';
import { carriedSql, offeredSql } from '../run/offered-before.ts';
import { type PublishedRun, publishedNights } from '../run/published-runs.ts';
import { offerLimits } from './offer-limits.ts';
import { offeredRows } from './offered-rows.ts';

/** Published runs whose purchase window ends on or before a date, and whose folders still exist. */
export function readOutRuns(output: string, date: PlainDate, over: ReadOutWindow): Promise<EarlierRun[]> {
  return earlierRuns(output, lastReadOut(date, over));
}

/** Published run of each reference date whose purchase window ends on or before a date. Its folder may have been removed. */
export async function readOutNights(output: string, date: PlainDate, over: ReadOutWindow): Promise<PublishedRun[]> {
  const until = lastReadOut(date, over);
  return (await publishedNights(output)).filter((night) => night.date <= until);
}

/**
 * Warning that no run will ever be evaluated: `output.keep` removes each run before its gap and window have passed. Null if a
 * retained run is old enough, or if fewer than `keep` runs exist so far.
 */
export async function keepWarning(output: string, keep: number, date: PlainDate, over: ReadOutWindow): Promise<string | null> {
  const runs = await nightRuns(output);
  if (runs.length < keep) return null;
  const dates = await runDates(output, runs);
  const [first] = dates;
  if (first === undefined || first <= lastReadOut(date, over)) return null;
  const least = 'a window (evaluate.window) and the gap before it (evaluate.gap)';
  return `output.keep: ${keep} runs reach back to ${first}, less than ${least}: no offers are read out before they go. Keep more runs`;
}

/**
 * Evaluates the offers of earlier runs. Counts the customers who purchased an offered product within the run's window. Purchases
 * come from the holdings as known now. In each group a customer counts once, at their first offer.
 * @param engine has the tables customers, products and holdings of a snapshot. Its date is not before the end of any window.
 * @param runs ascending by date. The first run's file names the customers of all offers before it.
 */
export async function readOut(
  engine: DuckdbEngine,
  date: PlainDate,
  over: ReadOutWindow,
  runs: readonly EarlierRun[],
): Promise<Outcomes> {
  const outcomes: Outcome[] = [];
  const calibration: CalibrationBand[] = [];
  const described: Outcomes['runs'][number][] = [];
  const limits: Outcomes['limits'][number][] = [];
  const tables = new Map<EarlierRun, string>();
  const before = engine.temporaryTable();
  const oldest = runs.find(({ hasOffers }) => hasOffers);
  await engine.run(`CREATE TABLE ${before} AS ${await carriedSql(engine, oldest)}`);
  for (const run of runs) {
    const table = engine.temporaryTable();
    await engine.run(`CREATE TABLE ${table} AS ${offeredRows(engine, run, over, before)}`);
    const found = await outcomesOf(engine, run.run, `SELECT * FROM ${table}`, isDrawn(run));
    outcomes.push(...found);
    limits.push(...(await offerLimits(engine, run, { table, sqlOf: new Map(groupings), inArm: inArm('offered') }, found)));
    calibration.push(...(await calibrationOf(engine, run.run, table)));
    const { run: name, date: on, hasOffers } = run;
    described.push({ run: name, date: on, hasOffers, offeredBefore: await offeredBefore(engine, table) });
    if (!hasOffers) continue;
    tables.set(run, table);
    await engine.run(`INSERT INTO ${before} ${offeredSql(engine, run)}`);
  }
  const pooled = pooledRuns([...tables.keys()]);
  if (pooled.length > 0) {
    const together = await outcomesOf(engine, 'all', pooledRows(tables, pooled), true);
    outcomes.push(...together.map((whole) => ({ ...whole, sums: sumsOf(whole, pooled) })));
  }
  const [names, together] = [await namesOf(engine, outcomes), pooled.map(({ run }) => run)];
  return { date, window: over.window, gap: over.gap, runs: described, pooled: together, limits, outcomes, calibration, names };
}

async function namesOf(engine: DuckdbEngine, outcomes: readonly Outcome[]): Promise<Outcomes['names']> {
  const codes = new Set(outcomes.flatMap(({ by, value }) => (by === 'product' ? [value] : [])));
  if (codes.size === 0) return {};
  const list = [...codes].map((code) => engine.dialect.text(code)).join(', ');
  const rows = await queryRows(engine, `SELECT code, name FROM products WHERE code IN (${list}) ORDER BY code`);
  return Object.fromEntries(rows.map(({ code, name }) => [String(code), String(name)]));
}

/** Whether the arms of a run were drawn at random. Only then can their difference prove an effect. */
const isDrawn = ({ hasOffers, draws }: EarlierRun) => hasOffers && (draws.control ?? draws.experiment) !== undefined;

const isSame = (one: Draws['control'], other: Draws['control']) => one?.salt === other?.salt && one?.share === other?.share;

/**
 * Runs that are evaluated together: those with the same control (salt and share) as the last run. Empty if there are fewer than
 * two. The share must be equal, because otherwise runs with more purchases would have different weights in the two arms.
 */
function pooledRuns(runs: readonly EarlierRun[]): readonly EarlierRun[] {
  const drawn = runs.filter(isDrawn);
  const pooled = drawn.filter(({ draws }) => isSame(draws.control, drawn.at(-1)!.draws.control));
  return pooled.length < 2 ? [] : pooled;
}

/**
 * Whether the experiment of a run counts when runs are evaluated together. If salt or share of an experiment changed, only the
 * runs with the last values count.
 */
function hasLastDraw({ draws: { experiment } }: EarlierRun, pooled: readonly EarlierRun[]): boolean {
  const last = pooled.findLast(({ draws }) => draws.experiment?.name === experiment?.name);
  return isSame(experiment, last?.draws.experiment);
}

/** Query with the rows of all runs that are evaluated together. */
function pooledRows(tables: ReadonlyMap<EarlierRun, string>, pooled: readonly EarlierRun[]): string {
  const rows = (run: EarlierRun) =>
    `SELECT * ${hasLastDraw(run, pooled) ? '' : 'REPLACE (NULL AS experiment)'} FROM ${required(tables, run)}`;
  return pooled.map(rows).join(' UNION ALL ');
}

/** Names of the runs whose outcomes sum to an outcome of all runs together. */
function sumsOf({ by, value }: Outcome, pooled: readonly EarlierRun[]): string[] {
  const isCompared = by === 'experiment' || by === 'effect';
  return pooled.flatMap((run) =>
    !isCompared || (run.draws.experiment?.name === value && hasLastDraw(run, pooled)) ? [run.run] : [],
  );
}

/** SQL condition for the rows of an arm. The arm names of a variant end with the name of the variant. */
const inArm = (name: 'offered' | 'control') => `arm LIKE '${name}%'`;

const groupings = [
  ['all', "''"],
  ['campaign', 'campaign'],
  ['product', 'product_code'],
  ['rank', 'CAST(place AS VARCHAR)'],
  ['cluster', "concat(campaign, ' ', CAST(cluster AS VARCHAR))"],
  ['model', 'source'],
  ['variant', 'variant'],
] as const;

async function outcomesOf(engine: DuckdbEngine, run: string, rows: string, isProof: boolean): Promise<Outcome[]> {
  // Without drawn arms, `control` stands for the customers without a list, who have no rank, cluster or model. Only campaigns are
  // compared, because nearly all customers have a list of some campaign.
  const wanted = groupings.filter(([by]) => isProof || by === 'campaign');
  const found: Outcome[] = [];
  for (const [by, value] of wanted) {
    const missing = by === 'cluster' ? 'cluster IS NULL' : `${value} IS NULL`;
    const arm = (name: 'offered' | 'control') =>
      `${countedSql(inArm(name))} AS ${name}, ${countedSql(`${inArm(name)} AND bought`)} AS ${name}_bought`;
    const campaigns = 'string_agg(DISTINCT campaign, chr(10) ORDER BY campaign) AS campaigns';
    const sql = `SELECT ${value} AS value, ${campaigns}, ${arm('offered')}, ${arm('control')} FROM (${rows}) WHERE is_first AND NOT (${missing}) GROUP BY 1 ORDER BY 1`;
    for (const row of await queryRows(engine, sql)) {
      const offered = { customers: Number(row.offered), bought: Number(row.offered_bought) };
      const control = { customers: Number(row.control), bought: Number(row.control_bought) };
      const about = { run, by, value: String(row.value), campaigns: String(row.campaigns).split('\n'), isProof, sums: [] };
      found.push(outcomeOf(about, { offered, control, controls: null }));
    }
  }
  return isProof ? [...found, ...(await experimentsOf(engine, run, rows))] : found;
}

function countedSql(where: string): string {
  return `CAST(count(DISTINCT customer) FILTER (WHERE ${where}) AS DOUBLE)`;
}

function outcomeOf(
  about: Pick<Outcome, 'run' | 'by' | 'value' | 'campaigns' | 'isProof' | 'sums'>,
  arms: Pick<Compared, 'offered' | 'control' | 'controls'>,
): Outcome {
  const compared = { ...about, ...arms };
  return { ...compared, ...figuresOf(compared) };
}

/** Number of customers with an offer in a run who were in an earlier offer, by arm. */
async function offeredBefore(engine: DuckdbEngine, table: string): Promise<{ offered: number; control: number }> {
  const arm = (name: 'offered' | 'control') => `${countedSql(`${inArm(name)} AND NOT is_first`)} AS ${name}`;
  const [row] = await queryRows(engine, `SELECT ${arm('offered')}, ${arm('control')} FROM ${table}`);
  return { offered: Number(row!.offered), control: Number(row!.control) };
}

/** Compares the customers of each experiment's variant with all other customers (`base`). */
async function experimentsOf(engine: DuckdbEngine, run: string, rows: string): Promise<Outcome[]> {
  const arm = (column: string, where: string) =>
    `${countedSql(where)} AS ${column}, ${countedSql(`${where} AND bought`)} AS ${column}_bought`;
  const ofVariant = (which: 'variant' | 'base', first: string, name: 'offered' | 'control') =>
    `${first} AND ${inArm(name)} AND variant ${which === 'base' ? '=' : '<>'} '${baseName}'`;
  const columns = (['variant', 'base'] as const).flatMap((which) => [
    arm(`${which}_contacted`, ofVariant(which, 'is_first_in_experiment', 'offered')),
    arm(`${which}_offered`, ofVariant(which, 'is_first', 'offered')),
    arm(`${which}_control`, ofVariant(which, 'is_first', 'control')),
  ]);
  const sql = `SELECT experiment, ${columns.join(', ')} FROM (${rows}) WHERE experiment IS NOT NULL GROUP BY 1 ORDER BY 1`;
  return (await queryRows(engine, sql)).flatMap((row) => {
    const armOf = (column: string): Arm => ({ customers: Number(row[column]), bought: Number(row[`${column}_bought`]) });
    const about = { run, value: String(row.experiment), campaigns: [], isProof: true, sums: [] };
    const bought = outcomeOf(
      { ...about, by: 'experiment' },
      { offered: armOf('variant_contacted'), control: armOf('base_contacted'), controls: null },
    );
    const controls = { offered: armOf('variant_control'), control: armOf('base_control') };
    if (controls.offered.customers === 0 || controls.control.customers === 0) return [bought];
    const arms = { offered: armOf('variant_offered'), control: armOf('base_offered'), controls };
    return [bought, outcomeOf({ ...about, by: 'effect' }, arms)];
  });
}

async function calibrationOf(engine: DuckdbEngine, run: string, table: string): Promise<CalibrationBand[]> {
  const some = `FROM ${table} WHERE ${inArm('offered')} AND probability IS NOT NULL`;
  const sql =
    `SELECT band, CAST(count(*) AS DOUBLE) AS offers, avg(probability) AS expected, avg(CAST(bought AS INTEGER)) AS bought,` +
    ` CAST((SELECT max(n) FROM (SELECT count(*) AS n ${some} GROUP BY customer)) AS DOUBLE) AS each FROM` +
    ` (SELECT probability, bought, ntile(10) OVER (ORDER BY probability, customer, campaign, product_code) AS band ${some})` +
    ' GROUP BY band ORDER BY band';
  return (await queryRows(engine, sql)).map((row) => {
    return {
      run,
      band: Number(row.band),
      offers: Number(row.offers),
      expected: Number(row.expected),
      bought: Number(row.bought),
      each: Number(row.each),
    };
  });
}
