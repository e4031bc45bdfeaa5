// `npm run claim -- probabilities [--worlds level,falling,spiking] [--seeds 0] [--customers 20000] [--keep FOLDER]`: published probabilities in ten
// windows of sample banks. `--keep` reuses finished dates.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { banksOf, type CellBank, salesWorlds, writeConfig } from '../cells/cell-banks.ts';
import { type PooledReliability, pooled, type Reliability, reliabilityOf } from '../cells/cell-result.ts';
import { CustomerView } from '../cells/customer-at.ts';
import { type DatedBank, dayOf, readBank } from '../cells/dated-bank.ts';
import { chanceOutside, isWithinPoisson, mostByChance } from '../cells/poisson.ts';
import { readLists, runJob } from '../cells/published-lists.ts';
import { type ResultTable, record } from '../records/record.ts';
import { fixed } from '../records/table-text.ts';

const { values } = parseArgs({
  options: {
    worlds: { type: 'string', default: salesWorlds.join(',') },
    seeds: { type: 'string', default: '0' },
    customers: { type: 'string', default: '20000' },
    keep: { type: 'string' },
  },
});
/** Bounds of bought / expected: of a window, and of all windows of a bank. */
const bounds = { window: [0.8, 1.25], pooled: [0.93, 1.07] } as const;
/** Least expected purchases of a campaign that is judged in a window, and the factor that widens its interval. */
const [leastExpected, widening] = [30, 1.15];
const checkout = fileURLToPath(new URL('../../', import.meta.url));
const folder = values.keep ?? (await mkdtemp(join(tmpdir(), 'basketwise-probabilities-')));

/** Probabilities of a bank's lists of a date against the purchases of the window after it, by campaign. */
type JudgedDate = Record<string, Reliability>;

async function judgeDate(bankFolder: string, source: CellBank, bank: DatedBank, date: string): Promise<JudgedDate> {
  const output = `out-${date}`;
  runJob(checkout, await writeConfig(bankFolder, source, output, false), date);
  const lists = await readLists(join(bankFolder, output), bank);
  await rm(join(bankFolder, output), { recursive: true });
  const view = new CustomerView(bank, dayOf(date), source.months);
  const bought = Array.from({ length: bank.customers }, (_, customer) =>
    view.hasBought(customer) ? view.of(customer).bought : [],
  );
  const found = source.campaigns.map(({ name }) => [
    name,
    reliabilityOf(lists, name, (customer, product) => bought[customer]!.includes(product)),
  ]);
  return Object.fromEntries(found.filter(([, reliability]) => reliability !== null)) as JudgedDate;
}

/** All dates of a bank, oldest first. */
async function judgeBank(source: CellBank): Promise<Map<string, JudgedDate>> {
  const bankFolder = join(folder, `${source.world}-${source.seed}`);
  const found = new Map<string, JudgedDate>();
  let bank: DatedBank | undefined;
  for (const date of source.dates) {
    const file = join(folder, `${source.world}-${source.seed}-${date}.json`);
    if (!existsSync(file)) {
      if (bank === undefined) {
        await source.write(bankFolder);
        bank = await readBank(bankFolder, source.queries);
      }
      await writeFile(file, JSON.stringify(await judgeDate(bankFolder, source, bank, date)));
      console.error(`${source.world} ${source.seed}, ${date}: judged`);
    }
    found.set(date, JSON.parse(await readFile(file, 'utf8')) as JudgedDate);
  }
  return found;
}

/** Brier skill: 1 - Brier score / that of the common rate in hindsight. */
function skillOf({ brier, ofRate }: PooledReliability): number {
  return 1 - brier / ofRate;
}

const failures: string[] = [];
/** Expected purchases of each campaign of a window that is judged, and the campaigns outside their interval. */
const campaigns: { expected: number[]; outside: string[] } = { expected: [], outside: [] };

/** A row of the table of windows; figures out of their bounds are failures. */
function windowRow(bank: string, date: string, judged: JudgedDate): (string | number)[] {
  const all = pooled(Object.values(judged));
  const place = `${bank}, ${date}`;
  if (all.ratio < bounds.window[0] || all.ratio > bounds.window[1])
    failures.push(`${place}: bought / expected ${all.ratio.toFixed(2)}`);
  const skill = skillOf(all);
  if (!(skill > 0)) failures.push(`${place}: Brier skill ${skill.toFixed(4)}`);
  const large = Object.entries(judged).filter(([, { expected }]) => expected >= leastExpected);
  for (const [name, { bought, expected }] of large) {
    campaigns.expected.push(expected);
    if (!isWithinPoisson(bought, expected, widening))
      campaigns.outside.push(`${place}, ${name}: ${bought} bought of ${expected.toFixed(0)} expected`);
  }
  const byCampaign = Object.entries(judged).map(([name, one]) => `${name} ${one.bought} of ${one.expected.toFixed(0)}`);
  return rowOf(date, all, byCampaign);
}

function rowOf(date: string, all: PooledReliability, byCampaign: readonly string[]): (string | number)[] {
  const figures = [all.bought, Math.round(all.expected), fixed(all.ratio, 2), fixed(skillOf(all), 4)];
  return [date, ...figures, byCampaign.join(', ')];
}

function pooledRow(bank: string, dates: readonly JudgedDate[]): (string | number)[] {
  const all = pooled(dates.flatMap((judged) => Object.values(judged)));
  if (all.ratio < bounds.pooled[0] || all.ratio > bounds.pooled[1])
    failures.push(`${bank}, all windows: bought / expected ${all.ratio.toFixed(3)}`);
  const names = [...new Set(dates.flatMap((judged) => Object.keys(judged)))];
  const byCampaign = names.map((name) => {
    const { bought, expected, ratio } = pooled(dates.flatMap((judged) => judged[name] ?? []));
    return `${name} ${bought} of ${expected.toFixed(0)} (${ratio.toFixed(2)})`;
  });
  return rowOf('all', all, byCampaign);
}

const columns = ['date', 'bought', 'expected', 'bought / expected', 'Brier skill', 'bought of expected by campaign'];
const tables: ResultTable[] = [];
try {
  await mkdir(folder, { recursive: true });
  const seeds = values.seeds.split(',').map(Number);
  for (const source of values.worlds.split(',').flatMap((world) => banksOf(world, seeds, Number(values.customers)))) {
    const bank = `${source.world} ${source.seed}`;
    const found = await judgeBank(source);
    const rows = [...found].map(([date, judged]) => windowRow(bank, date, judged));
    tables.push({
      ...{ caption: bank, columns, rows: [...rows, pooledRow(bank, [...found.values()])] },
    });
  }
} finally {
  if (values.keep === undefined) await rm(folder, { recursive: true });
}
const { expected, outside } = campaigns;
const most = mostByChance(expected.map((one) => chanceOutside(one, widening)));
record({
  title: 'Windows of sample banks',
  about:
    'Purchases against the sum of the probabilities that `basketwise run --reference-date` publishes, in the quarter after each date, for sample banks whose sales are level, halve within a year ' +
    '(falling), or triple in one month (spiking). The Brier skill is 1 - Brier score / that of the common rate in hindsight.',
  tables,
  checks: [
    {
      text: `bought / expected in ${bounds.window.join(' .. ')} of a window and ${bounds.pooled.join(' .. ')} of a bank, Brier skill above 0${failures.map((one) => `; ${one}`).join('')}`,
      holds: failures.length === 0,
    },
    {
      text: `at most ${most} of ${expected.length} campaigns outside their Poisson interval widened by 15 %, as exact forecasts have in 95 % of cases: ${[String(outside.length), ...outside].join('; ')}`,
      holds: outside.length <= most,
    },
  ],
});
