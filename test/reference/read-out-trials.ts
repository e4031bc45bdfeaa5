import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDuckdb, queryRows } from '@basketwise/data';
import { differenceInterval, drawArms, readOut } from '@basketwise/pipeline';
import { reactionSql } from '@basketwise/sample/write';

/** How the customers of a trial behave: the truth. */
export interface TrialTruth {
  customers: number;
  /** Share of the control. */
  control: number;
  /** Shares who buy what is offered anyway, by sex. */
  anyway: readonly [number, number];
  /** Share who buy because they were contacted. */
  effect: number;
}

/** Read-out of one simulated night. */
export interface Trial {
  /** Whether the interval of the lift covers the truth. */
  covers: boolean;
  proven: boolean;
  /** Customers of the control. */
  control: number;
  /** Whether the arms differ in sex by more than chance would have it 19 times out of 20. */
  differs: boolean;
}

const date = '2022-05-31';

/**
 * Simulates nights in which everybody is offered a product, and reads each out a month later: arms are drawn by salt, customers buy anyway or because of the
 * contact, and the read-out that banks have is asked. Each seed is another salt, other purchases and other reactions.
 */
export async function readOutTrials(
  seeds: readonly number[],
  { customers, control, anyway, effect }: TrialTruth,
): Promise<Trial[]> {
  const folder = await mkdtemp(join(tmpdir(), 'basketwise-trials-'));
  const engine = await openDuckdb({ memory: '1GB', threads: 1, tempDirectory: join(folder, 'spill') });
  const file = (name: string) => engine.dialect.text(join(folder, `${name}.parquet`));
  const truth = liftOf(anyway, effect);
  try {
    await engine.run(
      `CREATE TABLE customers AS SELECT CAST(range AS INTEGER) AS customer, lpad(CAST(range AS VARCHAR), 8, '0') AS id, CAST(range % 2 AS INTEGER) AS sex FROM range(${customers})`,
    );
    await engine.run(`CREATE TABLE products AS SELECT 0 AS product, 'P' AS code, 'P' AS group_key`);
    const trials: Trial[] = [];
    for (const seed of seeds) {
      const arms = await drawArms(
        engine,
        'customers',
        customers,
        { share: control, salt: `trial ${seed}` },
        AbortSignal.timeout(60_000),
      );
      const drawn = `[${arms.control.join()}][customer + 1]`;
      await engine.run(
        `CREATE OR REPLACE TABLE night AS SELECT id AS customer, 'P' AS product_code, sex, CASE ${drawn} WHEN 1 THEN 'control' ELSE 'offered' END AS arm FROM customers`,
      );
      const place = `CAST(concat('0x', substr(md5(concat(${seed}, ' anyway ', id)), 1, 8)) AS UINTEGER) / 4294967296.0`;
      const reacted = reactionSql(engine, "(SELECT * FROM night WHERE arm = 'offered')", date, { effect, seed });
      await engine.run(
        `CREATE OR REPLACE TABLE holdings AS SELECT customer, 0 AS product, DATE '2022-06-15' AS opened FROM customers WHERE ${place} < CASE sex WHEN 0 THEN ${anyway[0]} ELSE ${anyway[1]} END` +
          ` UNION ALL SELECT c.customer, 0, r.bought FROM (${reacted}) r JOIN customers c ON c.id = r.customer WHERE r.bought IS NOT NULL`,
      );
      await engine.run(
        `COPY (SELECT customer, 1 AS "order", 'a' AS campaign, product_code, .1::FLOAT AS probability, arm FROM night) TO ${file('offers')} (FORMAT parquet)`,
      );
      await engine.run(
        `COPY (SELECT customer, 'a' AS campaign, product_code, 0 AS cluster, 'm' AS source FROM night) TO ${file('recommendations')} (FORMAT parquet)`,
      );
      const run = {
        run: 'night',
        folder,
        date,
        hasOffers: true,
        output: { formats: ['parquet'], escape_formulas: false },
      } as const;
      const { outcomes } = await readOut(engine, '2022-08-31', { months: 1, days: 0 }, [run]);
      const { lift, proven } = outcomes.find(({ by }) => by === 'all')!;
      const [sexes] = await queryRows(
        engine,
        `SELECT count(*) FILTER (WHERE arm = 'control') AS control, count(*) FILTER (WHERE arm = 'control' AND sex = 0) AS control_sex, count(*) FILTER (WHERE sex = 0) AS sex FROM night`,
      );
      const [inControl, sexInControl, sex] = [Number(sexes!.control), Number(sexes!.control_sex), Number(sexes!.sex)];
      const gap = differenceInterval(
        { customers: customers - inControl, bought: sex - sexInControl },
        { customers: inControl, bought: sexInControl },
      );
      trials.push({
        covers: lift.low <= truth && (lift.high === null || truth <= lift.high),
        proven,
        control: inControl,
        differs: gap.low > 0 || gap.high < 0,
      });
    }
    return trials;
  } finally {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The true lift: of those who would buy anyway, and of the others those who react. */
function liftOf(anyway: readonly [number, number], effect: number): number {
  const [before, after] = [(anyway[0] + anyway[1]) / 2, anyway.reduce((sum, share) => sum + share + (1 - share) * effect, 0) / 2];
  return after / before - 1;
}

/** The least and the most successes of `n` draws of which each succeeds with probability `p`, but for a chance of `out` in all. */
export function binomialRange(n: number, p: number, out: number): [number, number] {
  const chances: number[] = [];
  let log = n * Math.log(1 - p);
  for (let k = 0; k <= n; k++) {
    chances.push(Math.exp(log));
    log += Math.log((n - k) / (k + 1)) + Math.log(p / (1 - p));
  }
  let [low, high, below, above] = [0, n, 0, 0];
  while (below + chances[low]! <= out / 2) below += chances[low++]!;
  while (above + chances[high]! <= out / 2) above += chances[high--]!;
  return [low, high];
}
