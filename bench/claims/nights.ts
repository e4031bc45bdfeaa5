// `npm run claim -- nights [nights] [customers] [kills]`: 30 runs of the sample bank of 2,000 customers in fast motion, also killed six times.
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { minusSpan } from '@basketwise/core';
import { openDuckdb, queryRows } from '@basketwise/data';
import { sampleReferenceDate } from '@basketwise/sample';
import { type Check, record } from '../records/record.ts';
import { fixed } from '../records/table-text.ts';
import { runJobProcess } from '../scale/job-process.ts';

const [nights = 30, customers = 2_000, kills = 6] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), 'basketwise-nights-'));
const args = (out: string, react: number) =>
  ['sample', '--customers', customers, '--nights', nights, ...(react > 0 ? ['--react', react] : []), '--out', out].map(String);
const checks: Check[] = [];
const check = (holds: boolean, text: string) => void checks.push({ holds, text });
const rows: (string | number)[][] = [];

/** Lines of a night, some milliseconds after which it is killed: within stages, and while customers react. */
const moments = [
  { next: 'train', delay: 40 },
  { next: 'decide: done', delay: 5 },
  { next: 'publish: done', delay: 60 },
  { next: 'report: done', delay: 120 },
  { next: 'outcomes', delay: 20 },
];

/** Passes the nights; where it is to be killed, so many times, each some nights further on. */
async function pass(out: string, times: number, react = 0.2): Promise<number> {
  let killed = 0;
  for (;;) {
    const night = Math.floor(((killed + 1) * nights) / (times + 1));
    const date = minusSpan(sampleReferenceDate, { months: 0, days: 7 * (nights - 1 - night) });
    const kill = killed < times ? { after: `night of ${date}`, ...moments[killed % moments.length]! } : undefined;
    const { code, seconds } = await runJobProcess(args(out, react), { cwd: folder, kill });
    console.error(`${out}: ${code === null ? `killed in the night of ${date}` : 'done'} after ${seconds.toFixed(0)} s`);
    if (code !== null) {
      if (code !== 0) throw new Error(`exit ${code}`);
      return killed;
    }
    killed++;
  }
}

/** Of each date, the folder of its run. */
function runsOf(out: string): Map<string, string> {
  const runs = join(folder, out, 'out', 'runs');
  const whole = readdirSync(runs).filter((run) => existsSync(join(runs, run, 'manifest.json')));
  return new Map(whole.map((run) => [run.slice(0, 10), join(runs, run)]));
}

/** Digests of all that the nights left: lists, offers, outcomes, and what customers did. */
function digests(out: string): Record<string, string> {
  const files = [...runsOf(out)].flatMap(([date, run]) =>
    ['recommendations', 'offers', 'contact-list', 'outcomes'].map((name) => [`${date} ${name}`, join(run, `${name}.parquet`)]),
  );
  const data = readdirSync(join(folder, out, 'data')).filter((file) => file.endsWith('.parquet'));
  const all = [...files, ...data.map((file) => [file, join(folder, out, 'data', file)])];
  return Object.fromEntries(all.map(([name, file]) => [name, createHash('sha256').update(readFileSync(file!)).digest('hex')]));
}

try {
  await pass('whole', 0);
  const killed = await pass('killed', kills);
  const [one, other] = [digests('whole'), digests('killed')];
  const differ = Object.keys({ ...one, ...other }).filter((name) => one[name] !== other[name]);
  check(
    killed === kills && differ.length === 0,
    `${killed} kills change none of ${Object.keys(one).length} files${differ.length > 0 ? `: ${differ.slice(0, 5)}` : ''}`,
  );

  const engine = await openDuckdb({ memory: '1GB', threads: 1, tempDirectory: join(folder, 'spill') });
  const data = (name: string) => engine.dialect.text(join(folder, 'whole', 'data', name));
  const contacts = `read_parquet(${data('contacts-*.parquet')})`;
  const count = async (sql: string) => Number((await queryRows(engine, sql))[0]!.n);
  const made = await count(`SELECT count(*) AS n FROM ${contacts}`);
  check(made > 0, `${made} contacts in ${nights} nights`);
  const pairs = `${contacts} a JOIN ${contacts} b ON a.csno = b.csno AND a.contact_dt < b.contact_dt`;
  const broken = [
    ['any contact within 14 days', `b.contact_dt < a.contact_dt + INTERVAL 14 DAY`],
    ['a product within 30 days', `a.gds_cd = b.gds_cd AND b.contact_dt < a.contact_dt + INTERVAL 30 DAY`],
    [
      'a refused product within 6 months',
      `a.gds_cd = b.gds_cd AND a.result = 'NO' AND b.contact_dt < a.contact_dt + INTERVAL 6 MONTH`,
    ],
    [
      'a product within a year of a purchase',
      `a.gds_cd = b.gds_cd AND a.result = 'YES' AND b.contact_dt < a.contact_dt + INTERVAL 1 YEAR`,
    ],
  ] as const;
  for (const [what, where] of broken) {
    const n = await count(`SELECT count(*) AS n FROM ${pairs} WHERE ${where}`);
    check(n === 0, `${what}: ${n} times`);
  }
  const fifth = await count(
    `SELECT count(*) AS n FROM (SELECT count(b.csno) AS before FROM ${contacts} a JOIN ${contacts} b ON a.csno = b.csno AND b.contact_dt < a.contact_dt AND b.contact_dt > a.contact_dt - INTERVAL 6 MONTH GROUP BY a.csno, a.contact_dt, a.gds_cd) WHERE before >= 4`,
  );
  check(fifth === 0, `a fifth contact within 6 months: ${fifth} times`);
  const inControl = await count(
    `SELECT count(*) AS n FROM ${contacts} WHERE CAST(concat('0x', substr(md5(concat('sample:', csno)), 1, 8)) AS UINTEGER) < 0.2 * 4294967296`,
  );
  check(inControl === 0, `contacts of the control: ${inControl}`);

  const runs = [...runsOf('whole')].sort();
  check(runs.length === nights, `${runs.length} runs of ${nights} nights are kept`);
  const outcomes = `read_parquet(${engine.dialect.text(join(runs.at(-1)![1], 'outcomes.parquet'))})`;
  const names = await queryRows(engine, `SELECT DISTINCT run FROM ${outcomes} WHERE run <> 'all' ORDER BY run`);
  const nightly = await queryRows(engine, `SELECT * FROM ${outcomes} WHERE grouped_by = 'all'`);
  /** Whether a row of the outcomes says what offers and purchases do, of the arms that there are. */
  const addsUp = async (name: string, rows: string) => {
    const row = nightly.find((one) => one.run === name);
    const arms = await queryRows(
      engine,
      `SELECT arm, count(DISTINCT customer) AS n, count(DISTINCT customer) FILTER (WHERE bought) AS bought FROM (${rows}) GROUP BY arm`,
    );
    return (
      row !== undefined &&
      arms.every(({ arm, n, bought }) => row[`${arm}`] === Number(n) && row[`${arm}_bought`] === Number(bought))
    );
  };
  const over = runs.filter(([, run]) => names.some((row) => row.run === basename(run)));
  const tables = over.map(([date, run]) => {
    const bought =
      `SELECT DISTINCT h.csno, p.gds_cd FROM read_parquet(${data('holdings*.parquet')}) h JOIN read_parquet(${data('products.parquet')}) p ON p.gds_korn_nm = h.gds_korn_nm` +
      ` WHERE h.open_dt > DATE '${date}' AND h.open_dt <= DATE '${date}' + INTERVAL 3 MONTH`;
    const file = (folder: string) => engine.dialect.text(join(folder, 'offers.parquet'));
    const earlier = runs.filter(([other]) => other < date).map(([, folder]) => file(folder));
    const isFirst =
      earlier.length === 0 ? 'true' : `o.customer NOT IN (SELECT customer FROM read_parquet([${earlier.join(', ')}]))`;
    return {
      name: basename(run),
      rows: `SELECT arm, customer, b.csno IS NOT NULL AS bought FROM read_parquet(${file(run)}) o LEFT JOIN (${bought}) b ON b.csno = o.customer AND b.gds_cd = o.product_code WHERE ${isFirst}`,
    };
  });
  const wrong: string[] = [];
  for (const { name, rows } of tables) if (!(await addsUp(name, rows))) wrong.push(name);
  if (tables.length > 1 && !(await addsUp('all', tables.map(({ rows }) => rows).join(' UNION ALL ')))) wrong.push('all');
  check(
    wrong.length === 0 && (tables.length > 0 || nights < 15),
    `outcomes of ${tables.length} nights whose window was over, and of all of them together, add up from the files${wrong.length > 0 ? `, but for ${wrong}` : ''}`,
  );
  const allOf = async (out: string) => {
    const [last] = [...runsOf(out)].sort().slice(-1);
    const file = engine.dialect.text(join(last![1], 'outcomes.parquet'));
    const [row] = await queryRows(engine, `SELECT * FROM read_parquet(${file}) WHERE run = 'all' AND grouped_by = 'all'`);
    if (!row) return null;
    const shares = [row.difference, row.difference_low, row.difference_high].map((share) => fixed(100 * Number(share), 2));
    rows.push([out === 'idle' ? 'no reactions' : 'reactions', Number(row.offered), Number(row.control), ...shares]);
    return row;
  };
  const acted = await allOf('whole');
  await pass('idle', 0, 0);
  const idle = await allOf('idle');
  if (acted && idle) {
    check(Boolean(acted.proven), 'what customers did because of contacts is proven');
    const [low, high] = [Number(idle.difference_low), Number(idle.difference_high)];
    check(low <= 0 && high >= 0, `without reactions the interval has 0 inside`);
  }
  await engine.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
record({
  title: 'Thirty runs in fast motion',
  about:
    'Runs of the sample bank, a week apart, with offers, contacts and reactions: in one piece, killed with -9 in between, and without reactions. Effects are counted from first offers.',
  tables: [{ columns: ['customers', 'offered', 'control', 'difference, %', 'from', 'to (95 %)'], rows }],
  checks,
});
