import { baseName, type PlainDate, replacedCampaign, required } from '@basketwise/core';
import { type DuckdbEngine, publishedRelation, queryRows } from '@basketwise/data';
import {
  type CalibrationBand,
  type Compared,
  figuresOf,
  lastReadOut,
  type OfferLimit,
  type Outcome,
  type Outcomes,
  purchaseDays,
  type ReadOutWindow,
} from '@basketwise/offers';
import type { Arm } from '@basketwise/recommend';
import { type CountedByCapacity, type Draws, type EarlierRun, earlierRuns, runDates } from '../run/earlier-runs.ts';
import { nightRuns } from '../run/latest.ts';
import { carriedSql, offeredSql } from '../run/offered-before.ts';
import { type PublishedRun, publishedNights } from '../run/published-runs.ts';

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
    limits.push(...offerLimits(run, found));
    calibration.push(...(await calibrationOf(engine, run.run, table)));
    const { run: name, date: on, hasOffers } = run;
    described.push({ run: name, date: on, hasOffers, offeredBefore: await offeredBefore(engine, table) });
    if (!hasOffers) continue;
    tables.set(run, table);
    await engine.run(`INSERT INTO ${before} ${offeredSql(engine, run)}`);
  }
  const pooled = pooledRuns([...tables.keys()]);
  if (pooled.length > 0) outcomes.push(...(await outcomesOf(engine, 'all', pooledRows(tables, pooled), true)));
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
      const about = { run, by, value: String(row.value), campaigns: String(row.campaigns).split('\n'), isProof };
      found.push(outcomeOf(about, { offered, control, controls: null }));
    }
  }
  return isProof ? [...found, ...(await experimentsOf(engine, run, rows))] : found;
}

function countedSql(where: string): string {
  return `CAST(count(DISTINCT customer) FILTER (WHERE ${where}) AS DOUBLE)`;
}

function outcomeOf(
  about: Pick<Outcome, 'run' | 'by' | 'value' | 'campaigns' | 'isProof'>,
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
    const about = { run, value: String(row.experiment), campaigns: [], isProof: true };
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

/**
 * Query with a row for each offer of a run: customer, arm, groups, probability, and whether the customer purchased the product. A
 * run without offers has a row for each recommendation instead. `is_first`: no earlier offer of either arm was drawn for the
 * customer with the salt of the control. `is_first_in_experiment`: the same with the salt of the experiment.
 * @param before table (salt, customer) with the customers of earlier offers
 */
function offeredRows(engine: DuckdbEngine, run: EarlierRun, over: ReadOutWindow, before: string): string {
  const { dialect } = engine;
  const { control, experiment } = run.draws;
  const lists = publishedRelation(dialect, run.folder, run.output);
  const offers = publishedRelation(dialect, run.folder, run.output, 'offers');
  const bought = purchases(engine, run.date, over);
  const isFirst = (salt: string | undefined) =>
    salt === undefined
      ? 'true'
      : `NOT EXISTS (SELECT 1 FROM ${before} b WHERE b.salt = ${dialect.text(salt)} AND b.customer = o.customer)`;
  const withBought = (rows: string) =>
    `SELECT o.customer, o.campaign, o.product_code, o.place, o.probability, o.arm, o.variant, o.experiment, o.cluster, o.source, o.is_first, o.is_first_in_experiment,` +
    ` b.buyer IS NOT NULL AS bought FROM (${rows}) o` +
    ` LEFT JOIN products p ON o.product_code = p.code LEFT JOIN (${bought}) b ON b.buyer = o.customer AND b.group_key = p.group_key`;
  if (run.hasOffers) {
    const name = experiment ? dialect.text(experiment.name) : 'NULL';
    const variant = experiment ? `CASE WHEN strpos(o.arm, ' ') = 0 THEN '${baseName}' ELSE ${name} END` : 'NULL';
    return withBought(
      `SELECT o.customer, o.campaign, o.product_code, CAST(o."order" AS INTEGER) AS place, CAST(o.probability AS DOUBLE) AS probability, o.arm, ${variant} AS variant, ${name} AS experiment, r.cluster, r.source,` +
        ` ${isFirst(control?.salt)} AS is_first, ${isFirst(experiment?.salt)} AS is_first_in_experiment` +
        ` FROM ${offers} o LEFT JOIN ${lists} r ON o.customer = r.customer AND o.campaign = r.campaign AND o.product_code = r.product_code`,
    );
  }
  const listed = `SELECT customer, campaign, product_code, rank AS place, probability, 'offered' AS arm, NULL AS variant, NULL AS experiment, cluster, source, true AS is_first, true AS is_first_in_experiment FROM ${lists}`;
  // A customer without a list of a campaign has one row. It counts as bought if the customer purchased any product on the lists
  // of the campaign.
  const ofCampaign = `SELECT DISTINCT l.campaign, p.group_key FROM ${lists} l JOIN products p ON p.code = l.product_code`;
  const buyers = `SELECT DISTINCT b.buyer, k.campaign FROM (${bought}) b JOIN (${ofCampaign}) k ON b.group_key = k.group_key`;
  return (
    `${withBought(listed)} UNION ALL SELECT c.id, l.campaign, NULL, NULL, NULL, 'control', NULL, NULL, NULL, NULL, true, true, y.buyer IS NOT NULL FROM customers c` +
    ` CROSS JOIN (SELECT DISTINCT campaign FROM ${lists}) l LEFT JOIN (SELECT DISTINCT customer, campaign FROM ${lists}) x ON x.customer = c.id AND x.campaign = l.campaign` +
    ` LEFT JOIN (${buyers}) y ON y.buyer = c.id AND y.campaign = l.campaign WHERE x.customer IS NULL`
  );
}

/** Query (buyer, group_key): customers and product groups of the purchases within the window of a run. */
function purchases({ dialect }: DuckdbEngine, date: PlainDate, over: ReadOutWindow): string {
  const [first, last] = purchaseDays(date, over).map((day) => dialect.date(day));
  return (
    `SELECT DISTINCT c.id AS buyer, p.group_key FROM holdings h JOIN customers c ON h.customer = c.customer JOIN products p ON h.product = p.product` +
    ` WHERE h.opened >= ${first} AND h.opened <= ${last}`
  );
}

type Group = Pick<Outcome, 'by' | 'value'>;
type Limited = Pick<OfferLimit, 'by' | 'values'>;

/**
 * Campaigns whose offers a capacity limits, as one or two sets. `base` and the variant each have a share of the capacity. If the
 * variant replaces all of the capacity's campaigns, each share has a set of its own. Otherwise all campaigns form one set.
 */
function campaignsOf({ campaigns }: CountedByCapacity, { draws: { experiment } }: EarlierRun): string[][] {
  const ofBase = [...new Set(campaigns.map(replacedCampaign(experiment?.instead)))];
  const replacements = ofBase.flatMap((name) => experiment?.instead?.[name] ?? []);
  return replacements.length === ofBase.length ? [ofBase, replacements] : [[...ofBase, ...replacements]];
}

/** For each condition of a capacity, the groups of outcomes (such as campaigns) whose offers it limits. */
function groupsOf(capacity: CountedByCapacity, run: EarlierRun, groups: readonly Group[]): Limited[] {
  const numbers = Object.values(capacity.cluster).flat();
  const isNamed: readonly (readonly [Outcome['by'], (value: string) => boolean])[] = [
    ...campaignsOf(capacity, run).map((names) => ['campaign', (value: string) => names.includes(value)] as const),
    ['campaign', (value) => capacity.classes.includes(run.classOf?.[value] ?? '')],
    ['product', (value) => capacity.products.includes(value)],
    ['cluster', (value) => numbers.includes(Number(value.slice(value.lastIndexOf(' ') + 1)))],
  ];
  return isNamed.map(([by, is]) => ({
    by,
    values: groups.flatMap((group) => (group.by === by && is(group.value) ? [group.value] : [])),
  }));
}

/**
 * Groups of a run's outcomes whose contacted customers a capacity limits together.
 * @param groups groups of the run's outcomes
 */
export function offerLimits(run: EarlierRun, groups: readonly Group[]): OfferLimit[] {
  const { capacity, experiment } = run.draws;
  const capacities = [...Object.values(capacity ?? {}), ...Object.values(experiment?.capacity ?? {})];
  return capacities.flatMap((limit) => groupsOf(limit, run, groups)).map((limited) => ({ run: run.run, ...limited }));
}
