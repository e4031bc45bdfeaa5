import { type CalendarSpan, minusSpan, type PlainDate } from '@basketwise/core/advice';
import { type DuckdbEngine, publishedRelation, queryRows } from '@basketwise/data';
import { baseName } from '../config/schema-offers.ts';
import { type EarlierRun, earlierRuns, runDates } from '../run/earlier-runs.ts';
import { nightRuns } from '../run/latest.ts';
import { type PublishedRun, publishedNights } from '../run/published-runs.ts';
import type { Arm } from './intervals.ts';
import { type Compared, figuresOf, type OutcomeFigures } from './outcome-figures.ts';

/**
 * Purchases of those who were offered something, against those who might have been. By `experiment`, those of a variant stand against those of the others who
 * were offered something; by `effect`, too, and the difference is that of their differences against their own controls.
 */
export interface Outcome extends Compared, OutcomeFigures {
  /** `all` for all runs together, each customer once. */
  run: string;
  /** The grouping of offers, and `value`, the group. */
  by: 'all' | 'campaign' | 'product' | 'rank' | 'cluster' | 'model' | 'variant' | 'experiment' | 'effect';
  value: string;
}

/** Published probabilities against what was bought, of offers in the order of their probability. */
interface CalibrationBand {
  run: string;
  band: number;
  offers: number;
  expected: number;
  bought: number;
}

/** The read-out of earlier runs. */
export interface Outcomes {
  date: PlainDate;
  window: CalendarSpan;
  runs: readonly { run: string; date: PlainDate; hasOffers: boolean }[];
  outcomes: readonly Outcome[];
  calibration: readonly CalibrationBand[];
}

/** Finds the published runs whose window was over on a date, as far as they are still there. */
export function readOutRuns(output: string, date: PlainDate, window: CalendarSpan): Promise<EarlierRun[]> {
  return earlierRuns(output, minusSpan(date, window));
}

/** Finds the published nights whose window was over on a date. */
export async function readOutNights(output: string, date: PlainDate, window: CalendarSpan): Promise<PublishedRun[]> {
  const until = minusSpan(date, window);
  return (await publishedNights(output)).filter((night) => night.date <= until);
}

/**
 * A warning where the runs that are kept do not reach back as far as the window, so that none is ever read out; null where they do, or where there is room
 * for more runs.
 */
export async function keepWarning(output: string, keep: number, date: PlainDate, window: CalendarSpan): Promise<string | null> {
  const runs = await nightRuns(output);
  if (runs.length < keep) return null;
  const dates = await runDates(output, runs);
  const [first] = dates;
  if (first === undefined || first <= minusSpan(date, window)) return null;
  return `output.keep: ${keep} runs reach back to ${first}, less than a window (evaluate.window): no offers are read out before they go. Keep more runs`;
}

/**
 * Reads out earlier runs: which customers bought, within the window after the run, what they were offered (or would have been), by holdings as they
 * are known now. Each customer counts once in a group, however many offers they had.
 * @param engine has customers, products and holdings of a snapshot that is as of the end of all windows or later
 */
export async function readOut(
  engine: DuckdbEngine,
  date: PlainDate,
  window: CalendarSpan,
  runs: readonly EarlierRun[],
): Promise<Outcomes> {
  const outcomes: Outcome[] = [];
  const calibration: CalibrationBand[] = [];
  const pooled: string[] = [];
  for (const run of runs) {
    const table = engine.temporaryTable();
    await engine.run(`CREATE TABLE ${table} AS ${offeredRows(engine, run, window)}`);
    if (run.hasOffers) pooled.push(table);
    outcomes.push(...(await outcomesOf(engine, run.run, `SELECT * FROM ${table}`, run.hasOffers)));
    calibration.push(...(await calibrationOf(engine, run.run, table)));
  }
  if (pooled.length > 1) {
    const all = pooled.map((table) => `SELECT * FROM ${table}`).join(' UNION ALL ');
    outcomes.push(...(await outcomesOf(engine, 'all', all, true)));
  }
  return {
    date,
    window,
    runs: runs.map(({ run, date: on, hasOffers }) => ({ run, date: on, hasOffers })),
    outcomes,
    calibration,
  };
}

/** A row for each offer of a run, or recommendation: id, arm, groups, probability, whether it was bought. */
function offeredRows(engine: DuckdbEngine, run: EarlierRun, window: CalendarSpan): string {
  const { dialect } = engine;
  const lists = publishedRelation(dialect, run.folder, run.output);
  const offers = publishedRelation(dialect, run.folder, run.output, 'offers');
  const from = dialect.date(run.date);
  const until = `CAST(${from} + INTERVAL ${window.months} MONTH + INTERVAL ${window.days} DAY AS DATE)`;
  const bought =
    `SELECT DISTINCT c.id AS buyer, p.group_key FROM holdings h JOIN customers c ON h.customer = c.customer JOIN products p ON h.product = p.product` +
    ` WHERE h.opened > ${from} AND h.opened <= ${until}`;
  const withBought = (rows: string) =>
    `SELECT o.customer, o.campaign, o.product_code, o.place, o.probability, o.arm, o.variant, o.cluster, o.source, b.buyer IS NOT NULL AS bought, ${dialect.text(run.run)} AS run FROM (${rows}) o` +
    ` LEFT JOIN products p ON o.product_code = p.code LEFT JOIN (${bought}) b ON b.buyer = o.customer AND b.group_key = p.group_key`;
  if (run.hasOffers)
    return withBought(
      `SELECT o.customer, o.campaign, o.product_code, CAST(o."order" AS INTEGER) AS place, CAST(o.probability AS DOUBLE) AS probability, o.arm, ${variantSql} AS variant, r.cluster, r.source` +
        ` FROM ${offers} o LEFT JOIN ${lists} r ON o.customer = r.customer AND o.campaign = r.campaign AND o.product_code = r.product_code`,
    );
  const listed = `SELECT customer, campaign, product_code, rank AS place, probability, 'offered' AS arm, NULL AS variant, cluster, source FROM ${lists}`;
  // who is not listed in a campaign has one row of it, whichever of its products they bought
  const ofCampaign = `SELECT DISTINCT l.campaign, p.group_key FROM ${lists} l JOIN products p ON p.code = l.product_code`;
  const buyers = `SELECT DISTINCT b.buyer, k.campaign FROM (${bought}) b JOIN (${ofCampaign}) k ON b.group_key = k.group_key`;
  return (
    `${withBought(listed)} UNION ALL SELECT c.id, l.campaign, NULL, NULL, NULL, 'control', NULL, NULL, NULL, y.buyer IS NOT NULL, NULL FROM customers c` +
    ` CROSS JOIN (SELECT DISTINCT campaign FROM ${lists}) l LEFT JOIN (SELECT DISTINCT customer, campaign FROM ${lists}) x ON x.customer = c.id AND x.campaign = l.campaign` +
    ` LEFT JOIN (${buyers}) y ON y.buyer = c.id AND y.campaign = l.campaign WHERE x.customer IS NULL`
  );
}

/** Variant of an offer's customer, in SQL; null in a run without an experiment. */
const variantSql =
  `CASE WHEN max(strpos(o.arm, ' ')) OVER () = 0 THEN NULL WHEN strpos(o.arm, ' ') = 0 THEN '${baseName}'` +
  ` ELSE substr(o.arm, strpos(o.arm, ' ') + 1) END`;

/** Who is in an arm, in SQL: the arms of a variant have its name behind them. */
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
  // who was not listed has no rank, cluster or model; in all campaigns together nearly everybody is listed in one
  const wanted = groupings.filter(([by]) => isProof || by === 'campaign');
  const found: Outcome[] = [];
  for (const [by, value] of wanted) {
    const missing = by === 'cluster' ? 'cluster IS NULL' : `${value} IS NULL`;
    const arm = (name: 'offered' | 'control') =>
      `${countedSql(inArm(name))} AS ${name}, ${countedSql(`${inArm(name)} AND bought`)} AS ${name}_bought`;
    const sql = `SELECT ${value} AS value, ${arm('offered')}, ${arm('control')} FROM (${rows}) WHERE NOT (${missing}) GROUP BY 1 ORDER BY 1`;
    for (const row of await queryRows(engine, sql)) {
      const offered = { customers: Number(row.offered), bought: Number(row.offered_bought) };
      const control = { customers: Number(row.control), bought: Number(row.control_bought) };
      found.push(outcomeOf({ run, by, value: String(row.value), isProof }, { offered, control, controls: null }));
    }
  }
  return isProof ? [...found, ...(await experimentsOf(engine, run, rows))] : found;
}

function countedSql(where: string): string {
  return `CAST(count(DISTINCT customer) FILTER (WHERE ${where}) AS DOUBLE)`;
}

function outcomeOf(
  about: Pick<Outcome, 'run' | 'by' | 'value' | 'isProof'>,
  arms: Pick<Compared, 'offered' | 'control' | 'controls'>,
): Outcome {
  const compared = { ...about, ...arms };
  return { ...compared, ...figuresOf(compared) };
}

/** Holds the customers of each variant against the others of the runs that had it. */
async function experimentsOf(engine: DuckdbEngine, run: string, rows: string): Promise<Outcome[]> {
  const variants = `SELECT *, max(variant) FILTER (WHERE variant <> '${baseName}') OVER (PARTITION BY run) AS experiment FROM (${rows})`;
  const arm = (name: 'offered' | 'control', of: string) => {
    const where = `${inArm(name)} AND variant ${of} '${baseName}'`;
    return [countedSql(where), countedSql(`${where} AND bought`)].map(
      (sql, i) => `${sql} AS ${name}${of === '=' ? '_base' : ''}${i}`,
    );
  };
  const arms = (['offered', 'control'] as const).flatMap((name) => ['<>', '='].flatMap((of) => arm(name, of)));
  const sql = `SELECT experiment, ${arms.join(', ')} FROM (${variants}) WHERE experiment IS NOT NULL GROUP BY 1 ORDER BY 1`;
  return (await queryRows(engine, sql)).flatMap((row) => {
    const armOf = (name: string) => ({ customers: Number(row[`${name}0`]), bought: Number(row[`${name}1`]) });
    const [offered, control, base, baseControl] = ['offered', 'control', 'offered_base', 'control_base'].map(armOf) as [
      Arm,
      Arm,
      Arm,
      Arm,
    ];
    const about = { run, value: String(row.experiment), isProof: true };
    const bought = outcomeOf({ ...about, by: 'experiment' }, { offered, control: base, controls: null });
    if (control.customers === 0 || baseControl.customers === 0) return [bought];
    const controls = { offered: control, control: baseControl };
    return [bought, outcomeOf({ ...about, by: 'effect' }, { offered, control: base, controls })];
  });
}

async function calibrationOf(engine: DuckdbEngine, run: string, table: string): Promise<CalibrationBand[]> {
  const sql =
    `SELECT band, CAST(count(*) AS DOUBLE) AS offers, avg(probability) AS expected, avg(CAST(bought AS INTEGER)) AS bought FROM` +
    ` (SELECT probability, bought, ntile(10) OVER (ORDER BY probability, customer, campaign, product_code) AS band FROM ${table}` +
    ` WHERE ${inArm('offered')} AND probability IS NOT NULL) GROUP BY band ORDER BY band`;
  return (await queryRows(engine, sql)).map((row) => {
    return {
      run,
      band: Number(row.band),
      offers: Number(row.offers),
      expected: Number(row.expected),
      bought: Number(row.bought),
    };
  });
}
