// `npm run claim -- probabilities [--worlds level,halving,...] [--months 1,3] [--seeds 0,1] [--customers 5000] [--checkout FOLDER]`: published
// probabilities against the purchases after them, at banks whose sales go on, change, or begin. `--checkout`: another built version.
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { plusSpan } from '@basketwise/core';
import { openDuckdb } from '@basketwise/data';
import type { BankOptions } from '@basketwise/sample';
import { generateBank } from '@basketwise/sample/write';
import { type ResultTable, record } from '../records/record.ts';
import { fixed } from '../records/table-text.ts';

/** A bank by the course of its sales, judged on dates so many windows after its change, or after the first one. */
interface World {
  shape: NonNullable<BankOptions['shape']>;
  /** Month end at which sales change, or of the first window. */
  from: string;
  windows: readonly number[];
  /** Whether the first window after the change has wider bounds. */
  breaks: boolean;
  /** Months of holdings before the date. Absent: all. */
  known?: number;
}

const changed = '2020-08-31';
const young = (known: number): World => ({ shape: 'level', from: '2022-02-28', windows: [0], breaks: false, known });
const worlds: Readonly<Record<string, World>> = {
  level: { shape: 'level', from: '2021-02-28', windows: [0, 1, 2, 3, 4], breaks: false },
  halving: { shape: 'halving', from: changed, windows: [1, 2, 3, 4], breaks: true },
  doubling: { shape: 'doubling', from: changed, windows: [1, 2, 3, 4], breaks: true },
  spiking: { shape: 'spiking', from: changed, windows: [0, 1, 2, 3], breaks: true },
  drifting: { shape: 'drifting', from: changed, windows: [1, 2, 3, 4], breaks: false },
  ...Object.fromEntries([2, 4, 5, 9].map((known) => [`young-${known}`, young(known)])),
};

const { values } = parseArgs({
  options: {
    worlds: { type: 'string', default: Object.keys(worlds).join(',') },
    months: { type: 'string', default: '1,3' },
    seeds: { type: 'string', default: '0,1' },
    customers: { type: 'string', default: '5000' },
    checkout: { type: 'string', default: fileURLToPath(new URL('../../', import.meta.url)) },
  },
});
/** Bounds of bought / expected of all seeds: of a window, and of the first one after a change. */
const bounds = { usual: [0.85, 1.15], first: [0.6, 1.6] } as const;

/** The month end so many months after another one. */
function monthEnd(date: string, months: number): string {
  const [year, month] = date.split('-').map(Number) as [number, number];
  return new Date(Date.UTC(year, month + months, 0)).toISOString().slice(0, 10);
}

const configText = (months: number, since: string) => `reference_date: 2022-08-31
source: { engine: duckdb, path: ./data }
tables:
  customers: { from: customers.parquet, id: csno }
  products: { from: products.parquet, code: gds_cd, name: gds_korn_nm, class: gds_class, sale_end: sale_end_dt }
  holdings: { sql: "select * from 'holdings.parquet' where open_dt > date '${since}'", customer: csno, product: gds_korn_nm, by: name, date: open_dt, closed: close_dt }
campaigns:
  deposit-upsell:   { kind: upsell, class: deposit }
  insurance-upsell: { kind: upsell, class: insurance }
  deposit-cross:    { kind: cross, class: deposit, columns: [deposit, insurance] }
  insurance-cross:  { kind: cross, class: insurance, columns: [deposit, insurance] }
  fund-cross:       { kind: cross, class: fund, columns: [deposit, insurance, fund], train: holders }
consent: { none: "lists are compared, and reach no customer" }
features:
  sex: { column: SEX_CD, fixed: true }
  age: { sql: "year(:date) - year(BIRTH_DT)", bands: [20, 25, 30, 35, 45, 55, 65], fixed: true }
model: { kind: automatic }
evaluate: { window: ${months} months, gap: 0 days }
output: { dir: out, formats: [parquet], report: false, keep: 1 }
`;

/** Published probabilities of a window, and its purchases: sums over the rows. */
interface Sums {
  rows: number;
  bought: number;
  expected: number;
  squares: number;
  warned: number;
}

/** Runs the whole job as of a date, and compares its probabilities with the purchases of products that were not held. */
async function judge(folder: string, date: string, months: number, known: number | undefined): Promise<Sums> {
  const config = join(folder, 'basketwise.yaml');
  await writeFile(config, configText(months, known === undefined ? '1900-01-01' : monthEnd(date, -known)));
  const program = join(values.checkout, 'packages/cli/bin/basketwise.js');
  const { status, stderr } = spawnSync(process.execPath, [program, 'run', '-c', config, '--reference-date', date], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`${program} run ended with ${status}: ${stderr.slice(-2000)}`);
  const engine = await openDuckdb({ memory: '2GB', threads: 1, tempDirectory: join(folder, 'spill'), path: folder });
  try {
    const sql = `with held as (select csno, gds_korn_nm, open_dt, coalesce(close_dt, date '9999-12-31') as close_dt from 'data/holdings.parquet'),
      later as (select distinct csno, gds_korn_nm from held where open_dt > date '${date}' and open_dt <= date '${plusSpan(date, { months, days: 0 })}'),
      bought as (select * from later anti join (select * from held where open_dt <= date '${date}' and close_dt > date '${date}') using (csno, gds_korn_nm)),
      published as (select probability::double as p, bought.csno is not null as hit from 'out/latest/recommendations.parquet' lists
        left join bought on bought.csno = lists.customer and bought.gds_korn_nm = lists.product_name where rank <= 5 and probability is not null)
      select count(*)::int as rows, sum(hit::int)::int as bought, sum(p) as expected, sum((p - hit::int) ** 2) as squares from published`;
    for await (const { columns } of engine.query(sql)) {
      const of = (name: string) => Number(columns[name]![0]);
      const sums = { rows: of('rows'), bought: of('bought'), expected: of('expected'), squares: of('squares') };
      return { ...sums, warned: /less than six full months/.test(stderr) ? 1 : 0 };
    }
    throw new Error(`${folder}: no rows`);
  } finally {
    await engine.close();
    await rm(join(folder, 'out'), { recursive: true });
  }
}

const failures: string[] = [];
const rows: (string | number)[][] = [];
const [seeds, lengths] = [values.seeds.split(','), values.months.split(',').map(Number)];
for (const name of values.worlds.split(',')) {
  const { shape, from, windows, breaks, known } = worlds[name]!;
  const sums = new Map<string, Sums[]>();
  for (const seed of seeds) {
    const folder = await mkdtemp(join(tmpdir(), `basketwise-${name}-`));
    await mkdir(join(folder, 'data'));
    await generateBank({ customers: Number(values.customers), seed: Number(seed), shape, folder: join(folder, 'data') });
    for (const months of lengths) {
      for (const window of windows) {
        const [date, key] = [monthEnd(from, window * months), `${months} ${window}`];
        sums.set(key, [...(sums.get(key) ?? []), await judge(folder, date, months, known)]);
        console.error(`${name} ${seed}, ${months} months from ${date}: judged`);
      }
    }
    await rm(folder, { recursive: true });
  }
  for (const [key, all] of sums) {
    const [months, window] = key.split(' ').map(Number) as [number, number];
    const total = (of: keyof Sums) => all.reduce((sum, one) => sum + one[of], 0);
    const [ratio, rate] = [total('bought') / total('expected'), total('bought') / total('rows')];
    const skill = 1 - total('squares') / total('rows') / (rate * (1 - rate));
    const isFirst = breaks && window === windows[0];
    const [least, most] = isFirst ? bounds.first : bounds.usual;
    const place = `${name}, ${months} months, window ${window}`;
    if (ratio < least || ratio > most) failures.push(`${place}: bought / expected ${ratio.toFixed(2)}`);
    if (!isFirst && !(skill > 0)) failures.push(`${place}: Brier skill ${skill.toFixed(4)}`);
    if (known !== undefined && known < 6 && total('warned') < all.length) failures.push(`${place}: no warning`);
    rows.push([
      ...[name, months, monthEnd(from, window * months), total('bought'), Math.round(total('expected')), fixed(ratio, 2)],
      ...[fixed(skill, 4), isFirst ? 'yes' : ''],
    ]);
  }
}
const columns = ['sales', 'months', 'date', 'bought', 'expected', 'bought / expected', 'Brier skill', 'first after a change'];
const table: ResultTable = { caption: `${seeds.length} banks of ${values.customers} customers each`, columns, rows };
record({
  title: 'Probabilities of sample banks',
  about:
    'Purchases against the sum of the probabilities that `basketwise run --reference-date` publishes, in windows of a month and of a quarter after the date. ' +
    'Sales are level, halve, double, have one product that sells eight times as often for a month (spiking), or classes drift apart; of young banks, holdings ' +
    'begin so many months before the date. The Brier skill is 1 - Brier score / that of the common rate in hindsight.',
  tables: [table],
  checks: [
    {
      text: `bought / expected in ${bounds.usual.join(' .. ')}, of the first window after a change in ${bounds.first.join(' .. ')}, Brier skill above 0 but there, a warning of less than six months${failures.map((one) => `; ${one}`).join('')}`,
      holds: failures.length === 0,
    },
  ],
});
