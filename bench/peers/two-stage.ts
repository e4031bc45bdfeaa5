// `npm run bench:peers -- two-stage [berka|sample|falling|spiking] [--customers 10000] [--campaign deposit-upsell] [--windows 4]`: the default model
// through a config and the command line against RecTools' two-stage model, which a bank's data team could write instead.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { difference, type EvaluationWindow, evaluationWindows, required } from '@basketwise/core/parts';
import type { EvaluationFile } from '@basketwise/insight';
import { loadConfig, type Settings } from '@basketwise/pipeline';
import { planCampaigns, recordsOf } from '@basketwise/pipeline/parts';
import {
  bootstrap,
  type CampaignPlan,
  hitRate,
  loadBankAt,
  makeEvaluationSet,
  ndcg,
  ranksInList,
  type TargetRanks,
} from '@basketwise/recommend';
import { withSnapshotAt } from '../../packages/insight/src/evaluation/snapshot-at.ts';
import { banksOf, type CellBank } from '../cells/cell-banks.ts';
import { type DatedBank, readBank, withEngine } from '../cells/dated-bank.ts';
import { readLists } from '../cells/published-lists.ts';
import { type ResultTable, record } from '../records/record.ts';
import { fixed, grouped } from '../records/table-text.ts';
import { runJobProcess } from '../scale/job-process.ts';
import { hasBerka } from '../sets/berka-bank.ts';
import { implicitPython } from './peer.ts';
import { pythonWith } from './python.ts';

const packages = [
  ...['rectools==0.18.0', 'catboost==1.2.10', 'lightgbm==4.7.0', 'scikit-learn==1.9.1'],
  ...['numpy==1.26.4', 'scipy==1.17.1', 'pandas==2.3.3', 'pyarrow==19.0.1'],
];
const program = join(import.meta.dirname, '../../packages/cli/bin/basketwise.js');
const threads = 2;
/** Windows before a date that the peers may look at: one to tune on, four to learn from before it. */
const inner = 5;

/** Customers as the peers read them: id, sex, date of birth. */
const customersSql = {
  berka: `select client::varchar as id, sex, born::timestamp as born from 'customers.csv'`,
  sample: `select csno as id, SEX_CD as sex, BIRTH_DT::timestamp as born from 'data/customers.parquet'`,
};

/** Writes the tables that the peers read, outside of their clock. */
async function writeTables(folder: string, { world, queries }: CellBank): Promise<string> {
  const tables = join(folder, 'tables');
  await mkdir(tables);
  await withEngine(folder, async (engine) => {
    const write = (name: string, sql: string) =>
      engine.run(`copy (${sql}) to ${engine.dialect.text(join(tables, `${name}.parquet`))} (format parquet)`);
    await write('customers', world === 'berka' ? customersSql.berka : customersSql.sample);
    await write('products', `select name, class, sale_end::timestamp as sale_end from (${queries.products}) order by name`);
    await write(
      'holdings',
      `select id, name, opened::timestamp as opened, closed::timestamp as closed from (${queries.holdings}) order by 1, 2, 3`,
    );
  });
  return tables;
}

/** A customer who is tested, and names of the products to be found. */
interface Tested {
  customer: number;
  targets: string[];
}

/** Test customers of a window, as `basketwise evaluate` tests them. */
function testedOn(settings: Settings, test: EvaluationWindow, plan: CampaignPlan): Promise<Tested[]> {
  const { config } = settings;
  return withSnapshotAt(settings, test.at, { tableDate: config.reference_date! }, async ({ pool, snapshot }) => {
    const bank = await loadBankAt(pool, recordsOf(snapshot, config), config, [plan], test);
    const evaluationSet = await makeEvaluationSet(
      pool,
      bank,
      plan,
      config.recency.bands.map(({ weight }) => weight),
    );
    const { table, columns } = evaluationSet.table;
    const nameOf = (column: number) => bank.products[required(columns.recommended, table.columns[column]!)]!.name;
    const cases = evaluationSet.cases.cases.filter(({ hasHistory }) => hasHistory);
    return cases.map(({ customer, targets }) => ({ customer, targets: targets.map(nameOf) }));
  });
}

/** Lists of one contestant for a window, and their cost. */
interface Made {
  /** Product names, the first first. */
  listOf: (customer: number) => readonly string[];
  seconds: number;
  tuning: number;
  peak: number;
}

async function ours(file: string, output: string, bank: DatedBank, campaign: string, date: string): Promise<Made> {
  const args = ['run', '-c', file, '--reference-date', date, '--json'];
  const { code, stdout, seconds, peakBytes: peak } = await runJobProcess(args, { cwd: output });
  if (code !== 0) throw new Error(`the run as of ${date} ended with ${code}: ${stdout}`);
  const lists = await readLists(join(output, 'out'), bank);
  await rm(join(output, 'out'), { recursive: true });
  const listOf = (customer: number) => lists.listOf(campaign, customer).map((product) => bank.products[product]!.name);
  return { listOf, seconds, tuning: 0, peak };
}

/** Answer of two_stage.py. */
interface Answer {
  peak: number;
  peers: {
    name: string;
    chosen: Record<string, unknown>;
    seconds: number;
    tuning: number;
    lists: Record<string, string[]>;
  }[];
}

async function theirs(spec: Readonly<Record<string, unknown>>, folder: string, { ids }: DatedBank): Promise<Map<string, Made>> {
  const file = join(folder, 'spec.json');
  await writeFile(file, JSON.stringify({ ...spec, threads }));
  const python = pythonWith('two-stage', packages);
  const answer = execFileSync(python, ['-W', 'ignore', join(import.meta.dirname, 'two_stage.py'), file], {
    // a thread that waits must not take the other's processor
    ...{ env: { ...implicitPython().env, OMP_WAIT_POLICY: 'PASSIVE' }, maxBuffer: 2 ** 28, encoding: 'utf8' as const },
  });
  const { peak, peers }: Answer = JSON.parse(answer);
  return new Map(
    peers.map(({ name, chosen, seconds, tuning, lists }) => {
      console.error(`  ${name}: ${JSON.stringify(chosen)}, ${seconds.toFixed(1)} s after ${tuning.toFixed(1)} s of tuning`);
      return [`RecTools, ${name}`, { listOf: (customer) => lists[ids[customer]!] ?? [], seconds, tuning, peak }];
    }),
  );
}

/** Runs `basketwise evaluate`: NDCG@5 of the default model. */
async function evaluated(file: string, folder: string, campaign: string): Promise<number> {
  const { status, stderr } = spawnSync(process.execPath, [program, 'evaluate', '-c', file], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`evaluate ended with ${status}: ${stderr}`);
  const { campaigns }: EvaluationFile = JSON.parse(await readFile(join(folder, 'out/evaluation.json'), 'utf8'));
  const { models } = campaigns.find((one) => one.campaign === campaign)!;
  return models.find(({ name }) => name === 'automatic')!.ndcg;
}

/** A contestant over all windows. */
interface Total {
  outcomes: TargetRanks[];
  seconds: number[];
  tuning: number[];
  peak: number;
}

/** A set's table: lists of all contestants, window by window. */
async function compare(source: CellBank, name: string | undefined, folder: string): Promise<ResultTable> {
  await source.write(folder);
  const campaign = source.campaigns.find((one) => one.name === (name ?? source.campaigns[0]!.name))!;
  const file = join(folder, 'basketwise.yaml');
  // so many windows, and one campaign alone
  const lines = source.config('./out', false).split('\n');
  const others = source.campaigns.filter((one) => one !== campaign).map((one) => `  ${one.name}:`);
  const config = lines.filter((line) => !others.some((start) => line.startsWith(start))).join('\n');
  await writeFile(
    file,
    config.replace(/ windows: \d+,/, '').replace(/^evaluate: \{/m, `evaluate: { windows: ${values.windows},`),
  );
  const settings = await loadConfig(file);
  const { window, gap, windows: count } = settings.config.evaluate;
  const windows = evaluationWindows(settings.config.reference_date!, window, gap, count);
  const plan = planCampaigns(settings.config)[0]!;
  const tables = await writeTables(folder, source);
  const bank = await readBank(folder, source.queries);
  const totals = new Map<string, Total>();
  for (const test of windows) {
    const cases = await testedOn(settings, test, plan);
    console.error(`${source.world}, ${test.at}: ${cases.length} customers tested`);
    const dates = [test.at, ...evaluationWindows(test.at, window, gap, inner).map(({ at }) => at)];
    const made = new Map([['basketwise run', await ours(file, folder, bank, campaign.name, test.at)]]);
    const spec = { tables, dates, months: source.months, class: campaign.class, columns: campaign.columns, kind: campaign.kind };
    for (const [peer, lists] of await theirs(spec, folder, bank)) made.set(peer, lists);
    for (const [who, { listOf, seconds, tuning, peak }] of made) {
      const total = totals.get(who) ?? { outcomes: [], seconds: [], tuning: [], peak: 0 };
      totals.set(who, total);
      for (const { customer, targets } of cases) total.outcomes.push(ranksInList(listOf(customer).slice(0, 5), targets));
      total.seconds.push(seconds);
      total.tuning.push(tuning);
      total.peak = Math.max(total.peak, peak);
    }
  }
  const rows = rowsOf(totals);
  const reported = await evaluated(file, folder, campaign.name);
  const [own] = rows;
  if (Math.abs(reported - own!.ndcg) > 1e-9)
    throw new Error(`evaluate says ${reported} of the lists whose NDCG@5 is ${own!.ndcg}`);
  const { length } = [...totals.values()][0]!.outcomes;
  return {
    caption: `${source.world}, ${campaign.name}: ${grouped(length)} customers tested in ${windows.length} windows, ${grouped(bank.ids.length)} in all`,
    columns: ['lists', 'NDCG@5', 'HR@3', 'HR@5', 'ours minus it (95 %)', 's a window', 's of tuning', 'peak memory, MiB'],
    rows: rows.map(({ who, ndcg, three, five, gap, seconds, tuning, peak }) => [
      ...[who, fixed(ndcg, 4), fixed(three, 4), fixed(five, 4), gap],
      ...[fixed(seconds, 1), tuning === 0 ? '' : Math.round(tuning), Math.round(peak / 2 ** 20)],
    ]),
  };
}

const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

function rowsOf(totals: ReadonlyMap<string, Total>) {
  const gains = [...totals.values()].map(({ outcomes }) => Float64Array.from(outcomes, (outcome) => ndcg(outcome, 5)));
  return [...totals].map(([who, { outcomes, seconds, tuning, peak }], i) => {
    const [behind] = bootstrap([difference(gains[0]!, gains[i]!)], { resamples: 2000, seed: 0 });
    const gap = i === 0 ? '' : `${behind!.mean.toFixed(4)} (${behind!.low.toFixed(4)} .. ${behind!.high.toFixed(4)})`;
    const hits = (k: number) => mean(outcomes.map((outcome) => hitRate(outcome, k)));
    return { who, ndcg: mean(gains[i]!), three: hits(3), five: hits(5), gap, seconds: mean(seconds), tuning: mean(tuning), peak };
  });
}

const { values, positionals } = parseArgs({
  options: {
    customers: { type: 'string', default: '10000' },
    campaign: { type: 'string' },
    windows: { type: 'string', default: '4' },
  },
  allowPositionals: true,
});
const tables: ResultTable[] = [];
for (const name of positionals.length > 0 ? positionals : ['berka', 'sample']) {
  if (name === 'berka' && !hasBerka()) {
    console.error('berka: skipped, the set is absent from the folder of real sets');
    continue;
  }
  const source = banksOf(name, [0], Number(values.customers))[0]!;
  const folder = await mkdtemp(join(tmpdir(), 'basketwise-two-stage-'));
  try {
    const table = await compare(source, name === 'berka' ? undefined : values.campaign, folder);
    tables.push(table);
  } finally {
    await rm(folder, { recursive: true });
  }
}
record({
  title: 'A two-stage model',
  about:
    "RecTools' two-stage model from the same holdings, age, sex and dates: two popularities, two ALS and item kNN give 30 candidates each; CatBoost or LightGBM ranks them, tuned on the " +
    'newest window before each date. Ours is what `basketwise run --reference-date` publishes by default. The code of `basketwise evaluate` judges all lists. Seconds are of one window on two ' +
    'threads: our whole program, theirs without start of Python and tuning.',
  tables,
  peers: Object.fromEntries(packages.map((one) => one.split('=='))),
});
