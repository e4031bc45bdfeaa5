// `npm run claim -- validation [seeds] [banks] [first seed]`: `basketwise validate` on sample banks of 20,000 customers, through the command line. Five
// faults are planted in the banks of as many seeds; as many banks have no fault: their products and preferences have not changed for ten years. Exit
// code 1 if a fault is found in fewer than 19 of 20 seeds, or if more than 5 of 100 banks without a fault are beyond a bound.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Validation } from '@basketwise/audit';
import { openDuckdb, queryRows } from '@basketwise/data';
import { sampleConfig } from '@basketwise/sample';
import { generateBank } from '@basketwise/sample/write';
import { record } from '../records/record.ts';
import { runJobProcess } from '../scale/job-process.ts';

const [seeds = 20, banks = 100, firstSeed = 1] = process.argv.slice(2).map(Number);
const customers = 20_000;
/** Reference dates of the earlier and the validated run. The test window of the latter lies between them. */
const [before, now] = ['2021-08-31', '2022-08-31'];
/** Bounds of the example of docs/audit.md, with the usual mark of some drift. */
const bounds = '{ psi: 0.1, realised: 0.8, calibration: 1.5, exposure: 0.8, weak_slices: 5 }';

/** SQL for a number from 0 to 1 that depends on the customer alone. (A hash of two values is similar for different salts.) */
const draw = (salt: string) => `((hash(concat('${salt} ', csno)) >> 11) / 9007199254740992.0)`;

/** SQL of the customers table as of a day. @param shares cumulated shares of the areas @param consent SQL of the consent */
function customersSql(day: string, shares: readonly number[], consent = 'CONSENT_YN'): string {
  const areas = ['low', 'middle', 'high'].map((area, i) => `WHEN ${draw('area')} < ${shares[i]} THEN '${area}'`).join(' ');
  const newest = `SELECT csno, max_by(gds_korn_nm, open_dt) AS newest FROM holdings WHERE open_dt <= DATE '${day}' GROUP BY 1`;
  return `SELECT * EXCLUDE (newest, branch) REPLACE (${consent} AS CONSENT_YN), branch AS BRANCH, coalesce(newest, 'none') AS NEWEST,
    CASE ${areas} ELSE 'top' END AS AREA
    FROM (SELECT *, CASE WHEN ${draw('branch')} < 0.6 THEN 'a' WHEN ${draw('branch')} < 0.9 THEN 'b' ELSE 'c' END AS branch FROM customers)
    LEFT JOIN (${newest}) USING (csno) ORDER BY csno`;
}
const level = [0.3, 0.6, 0.8];
const drifted = [0.2, 0.42, 0.67];
const halfConsent = `CASE WHEN branch = 'c' AND ${draw('consent')} < 0.5 THEN 'N' ELSE CONSENT_YN END`;

const inWindow = `open_dt > DATE '${before}'`;
/** SQL of the deposit with the most purchases in the year before the test window, of those on sale. */
const commonSql = `SELECT gds_korn_nm, min(gds_cd) AS code FROM holdings JOIN products USING (gds_korn_nm)
  WHERE gds_class = 'deposit' AND open_dt > DATE '${before}' - INTERVAL 1 YEAR AND open_dt <= DATE '${before}'
    AND coalesce(sale_end_dt, '99991231') = '99991231' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1`;

/**
 * SQL of holdings where each second new buyer of a product in the window has a twin who buys it, too: of their sex and decade. Both have a
 * deposit at the start of the window, and did not hold the product.
 */
const moreSql = (product: string) => `WITH people AS (SELECT csno, SEX_CD, AGE // 10 AS decade FROM customers
    WHERE csno IN (SELECT csno FROM holdings JOIN products USING (gds_korn_nm)
        WHERE gds_class = 'deposit' AND open_dt <= DATE '${before}' AND (close_dt IS NULL OR close_dt > DATE '${before}'))
      AND csno NOT IN (SELECT csno FROM holdings WHERE gds_korn_nm = '${product}' AND open_dt <= DATE '${before}')),
  buyers AS (SELECT h.*, row_number() OVER (PARTITION BY SEX_CD, decade ORDER BY hash(concat('buyer ', csno))) AS n, SEX_CD, decade
    FROM holdings h JOIN people USING (csno) WHERE gds_korn_nm = '${product}' AND ${inWindow}),
  others AS (SELECT csno, SEX_CD, decade, 2 * row_number() OVER (PARTITION BY SEX_CD, decade ORDER BY hash(concat('twin ', csno))) AS n
    FROM people WHERE csno NOT IN (SELECT csno FROM buyers))
  SELECT * FROM holdings UNION ALL
  SELECT o.csno, b.gds_korn_nm, b.open_dt, b.close_dt FROM buyers b JOIN others o USING (SEX_CD, decade, n) ORDER BY ALL`;

/** SQL of holdings where the customers of an area buy random products of the same class in the window. */
const randomSql = `WITH sold AS (SELECT gds_class, list(DISTINCT gds_korn_nm ORDER BY gds_korn_nm) AS names FROM products
    WHERE coalesce(sale_end_dt, '99991231') = '99991231' AND sale_start_dt <= '20210831' GROUP BY 1)
  SELECT csno, CASE WHEN ${inWindow} AND ${draw('area')} >= 0.3 AND ${draw('area')} < 0.6
      THEN names[1 + (hash(concat(csno, gds_korn_nm)) % len(names))::INT] ELSE gds_korn_nm END AS gds_korn_nm, open_dt, close_dt
  FROM holdings JOIN (SELECT DISTINCT gds_korn_nm, gds_class FROM products) USING (gds_korn_nm) JOIN sold USING (gds_class) ORDER BY ALL`;

/** Config of the sample with a feature of the area, and one of the newest product if the model may see the future. */
function configText(leaks: boolean, output: string): string {
  const feature = `  area: { column: AREA, fixed: true }\n${leaks ? '  newest: { column: NEWEST, fixed: true }\n' : ''}`;
  const config = sampleConfig({ history: true, window: '12 months', output });
  return `${config.replace(/^(features:.*\n)/m, `$1${feature}`).replace('[parquet, csv]', '[parquet]')}
validation: { owner: o, purpose: p, tier: "2", protected: [BRANCH], bounds: ${bounds} }
`;
}

/** Runs a command in a folder. @throws Error if it ends with another exit code than 0 or 76 */
async function basketwise(folder: string, ...args: string[]): Promise<string> {
  const { code, stdout, said } = await runJobProcess(args, { cwd: folder });
  if (code !== 0 && code !== 76)
    throw new Error(`${args.join(' ')}: exit code ${code}\n${said.map(({ text }) => text).join('\n')}`);
  return stdout;
}

/** Validates a run on the present tables as of `now`, compared with one as of `before`. @returns triggers, as `bound: place` */
async function alarmsOf(folder: string, config: string): Promise<string[]> {
  await basketwise(folder, 'run', '--config', config);
  const pack = JSON.parse(await basketwise(folder, 'validate', '--config', config, '--json')) as Validation;
  if (pack.drift.length === 0 || pack.quality.every(({ ndcg }) => ndcg === null)) throw new Error(pack.missing.join('\n'));
  const weak = pack.slices.weak.map(({ slice }) => slice).join('; ');
  return pack.triggers.map(({ bound, where, found }) => `${bound}: ${bound === 'weak_slices' ? weak : where}: ${found}`);
}

/** Alarms of a bank without a fault; with `faulty`, also those of the same bank with faults. */
async function alarmsOfBank(seed: number, faulty: boolean): Promise<{ none: string[]; faults: Record<string, boolean> }> {
  const folder = mkdtempSync(join(tmpdir(), `basketwise-validation-${seed}-`));
  const data = join(folder, 'data');
  await generateBank({ customers, seed, folder: data, snapshots: 3, shape: 'quiet' });
  const engine = await openDuckdb({ memory: '1GB', threads: 1, tempDirectory: join(folder, 'spill') });
  const file = (table: string) => engine.dialect.text(join(data, `${table}.parquet`));
  const write = (table: string, sql: string) => engine.run(`COPY (${sql}) TO ${file(table)} (FORMAT parquet)`);
  const result: { none: string[]; faults: Record<string, boolean> } = { none: [], faults: {} };
  try {
    for (const table of ['customers', 'holdings', 'products'])
      await engine.run(`CREATE TABLE ${table} AS SELECT * FROM read_parquet(${file(table)})`);
    writeFileSync(join(folder, 'plain.yaml'), configText(false, './plain'));
    writeFileSync(join(folder, 'leak.yaml'), configText(true, './leak'));
    await write('customers', customersSql(before, level));
    await basketwise(folder, 'run', '--config', 'plain.yaml', '--reference-date', before);
    if (faulty) await basketwise(folder, 'run', '--config', 'leak.yaml', '--reference-date', before);
    await write('customers', customersSql(now, level));
    result.none = await alarmsOf(folder, 'plain.yaml');
    if (!faulty) return result;
    const found = (fault: string, alarms: readonly string[], pattern: RegExp) => {
      result.faults[fault] = alarms.some((alarm) => pattern.test(alarm));
    };
    found('feature that leaks the future', await alarmsOf(folder, 'leak.yaml'), /^realised:/);
    const [common] = await queryRows(engine, commonSql);
    await write('customers', customersSql(now, drifted, halfConsent));
    await write('holdings', moreSql(String(common!.gds_korn_nm)));
    const several = await alarmsOf(folder, 'plain.yaml');
    found('feature that drifts', several, /^psi: feature area/);
    found('group that is served half as often', several, /^exposure: BRANCH c/);
    found('product with 1.5 times the purchases', several, new RegExp(`^calibration: product ${common!.code}`));
    await write('customers', customersSql(now, level));
    await write('holdings', randomSql);
    found('slice with random purchases', await alarmsOf(folder, 'plain.yaml'), /^weak_slices: .*feature area: middle/);
    return result;
  } finally {
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const found = new Map<string, number>();
const all = Math.max(seeds, banks);
let [alarmed, next] = [0, 0];

/** Validates the banks that are left, one after the other. */
async function validateBanks(): Promise<void> {
  while (next < all) {
    const i = next++;
    const begin = performance.now();
    const { none, faults } = await alarmsOfBank(firstSeed + i, i < seeds);
    for (const [fault, isFound] of Object.entries(faults)) found.set(fault, (found.get(fault) ?? 0) + Number(isFound));
    alarmed += Number(none.length > 0);
    const seconds = ((performance.now() - begin) / 1000).toFixed(0);
    console.log(
      `seed ${firstSeed + i}: ${none.length === 0 ? 'no alarm' : none.join(', ')}; ${JSON.stringify(faults)}; ${seconds} s`,
    );
  }
}

await Promise.all(Array.from({ length: availableParallelism() }, validateBanks));
record({
  title: 'Validation packs',
  about:
    '`basketwise validate` on sample banks of 20,000 customers without changes of products and preferences in the last ten years, windows of 12 months, with five planted faults and without a fault.',
  tables: [{ columns: ['fault', `found in ${seeds} banks`], rows: [...found] }],
  checks: [
    {
      text: 'each fault is found in 19 of 20 banks',
      holds: [...found.values()].every((count) => count >= Math.floor(0.95 * seeds)),
    },
    { text: `${alarmed} of ${all} banks without a fault are beyond a bound, at most 5 %`, holds: alarmed <= 0.05 * all },
  ],
});
