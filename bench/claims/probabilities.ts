// `npm run claim -- probabilities [--worlds level,falling,spiking] [--seeds 0] [--customers 20000] [--keep FOLDER]`: purchases against the sum of the
// probabilities that `basketwise run --reference-date` publishes, in ten windows of sample banks whose sales are level, halve within a year, or triple in one
// month. `--keep` reuses finished dates. Exit code 1 for a window or a bank beyond its bounds, a Brier skill of 0 or less, or more campaigns outside their
// Poisson intervals than exact forecasts have in 95 % of cases.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { banksOf, type CellBank, salesWorlds, writeConfig } from '../cells/cell-banks.ts';
import { type PooledReliability, pooled, type Reliability, reliabilityOf } from '../cells/cell-result.ts';
import { markdown } from '../cells/cell-table.ts';
import { CustomerView } from '../cells/customer-at.ts';
import { type DatedBank, dayOf, readBank } from '../cells/dated-bank.ts';
import { chanceOutside, isWithinPoisson, mostByChance } from '../cells/poisson.ts';
import { readLists, runJob } from '../cells/published-lists.ts';

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

/** A row of the table of windows; what is out of its bounds is a failure. */
function windowRow(bank: string, date: string, judged: JudgedDate): string[] {
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
  return [
    bank,
    date,
    ...[String(all.bought), all.expected.toFixed(0), all.ratio.toFixed(2), skill.toFixed(4), byCampaign.join(', ')],
  ];
}

function pooledRow(bank: string, dates: readonly JudgedDate[]): string[] {
  const all = pooled(dates.flatMap((judged) => Object.values(judged)));
  if (all.ratio < bounds.pooled[0] || all.ratio > bounds.pooled[1])
    failures.push(`${bank}, all windows: bought / expected ${all.ratio.toFixed(3)}`);
  const names = [...new Set(dates.flatMap((judged) => Object.keys(judged)))];
  const byCampaign = names.map((name) => {
    const { bought, expected, ratio } = pooled(dates.flatMap((judged) => judged[name] ?? []));
    return `${name} ${bought} of ${expected.toFixed(0)} (${ratio.toFixed(2)})`;
  });
  return [
    bank,
    'all',
    ...[String(all.bought), all.expected.toFixed(0), all.ratio.toFixed(3), skillOf(all).toFixed(4), byCampaign.join(', ')],
  ];
}

const header = ['bank', 'date', 'bought', 'expected', 'bought / expected', 'Brier skill', 'campaigns'];
try {
  await mkdir(folder, { recursive: true });
  const seeds = values.seeds.split(',').map(Number);
  for (const source of values.worlds.split(',').flatMap((world) => banksOf(world, seeds, Number(values.customers)))) {
    const bank = `${source.world} ${source.seed}`;
    const found = await judgeBank(source);
    const rows = [...found].map(([date, judged]) => windowRow(bank, date, judged));
    console.log(`${markdown(header, [...rows, pooledRow(bank, [...found.values()])])}\n`);
  }
  const { expected, outside } = campaigns;
  const most = mostByChance(expected.map((one) => chanceOutside(one, widening)));
  for (const one of outside) console.log(`outside: ${one}`);
  console.log(
    `${outside.length} of ${expected.length} campaigns outside their intervals; exact forecasts have at most ${most} in 95 % of cases`,
  );
  if (outside.length > most) failures.push(`${outside.length} campaigns outside, at most ${most} by chance`);
  for (const failure of failures) console.log(`FAIL: ${failure}`);
  console.log(failures.length === 0 ? 'all within the bounds' : `${failures.length} out of the bounds`);
} finally {
  if (values.keep === undefined) await rm(folder, { recursive: true });
}
process.exitCode = failures.length === 0 ? 0 : 1;
