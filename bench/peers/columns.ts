// `npm run bench:peers -- columns [adult] [berka] [--customers 48842]`: undated banks with columns of customers, through a config and the command
// line, against LightGBM's multiclass, which learns from a product held out of each of the other customers, tuned on a tenth of them.
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { difference, required } from '@basketwise/core';
import { bootstrap } from '@basketwise/recommend';
import { record } from '../records/record.ts';
import { fixed } from '../records/table-text.ts';
import { adultSet } from '../sets/adult.ts';
import { heldOut, isTested, without } from '../sets/held-out.ts';
import { chanceIn, listsOf, publishedEntries } from '../sets/published-entries.ts';
import { type DataSet, loadDataSet } from '../sets/real-sets.ts';
import { writeSet } from '../sets/set-bank.ts';
import { undatedConfig } from '../sets/undated-config.ts';
import { pythonWith } from './python.ts';

const packages = ['lightgbm==4.7.0', 'numpy==2.4.6', 'scipy==1.17.1'];
/** Column of numbers; the others are levels. */
const numeric = 'age';

/** Products that a customer does not hold, the first first, with probabilities. */
type List = { product: string; probability: number }[];

function configOf({ items, columns }: DataSet): string {
  const features = Object.keys(columns!).map(
    (name) => `  ${name.replace('-', '_')}: { column: "${name}",${name === numeric ? ' bands: 12,' : ''} fixed: true }\n`,
  );
  const config = undatedConfig(`features:\n${features.join('')}top_n: ${items.length}\n`);
  return config.replace('formats: [csv]', 'formats: [parquet]');
}

/** Lists that a run publishes for the tested customers, in their order. */
async function ourLists(folder: string, set: DataSet, tested: ReadonlyMap<number, number>): Promise<List[]> {
  await writeSet(folder, without(set, tested), configOf(set));
  const lists = listsOf(await publishedEntries(folder, tested));
  return [...tested.keys()].map((customer) =>
    (lists.get(customer) ?? []).map(([, , product, probability]) => ({ product, probability })),
  );
}

/** Lists of LightGBM for the tested customers, in their order. */
async function theirLists(folder: string, { sets, items, columns }: DataSet, out: ReadonlyMap<number, number>): Promise<List[]> {
  const readers = Object.entries(columns!).map(([name, values]) => {
    const levels = new Map([...new Set(values)].sort().map((level, code) => [level, code]));
    return (customer: number) => (name === numeric ? Number(values[customer]) : required(levels, values[customer]!));
  });
  const rows = [...out].map(([customer, taken]) => ({
    ...{ held: sets[customer]!.filter((item) => item !== taken), taken, tested: isTested(customer) },
    values: readers.map((read) => read(customer)),
  }));
  const categorical = Object.keys(columns!).flatMap((name, f) => (name === numeric ? [] : [f]));
  const data = join(folder, 'rows.json');
  await writeFile(data, JSON.stringify({ rows, products: items.length, categorical }));
  const answer = execFileSync(pythonWith('lightgbm', packages), [join(import.meta.dirname, 'columns.py'), data], {
    maxBuffer: 2 ** 28,
    encoding: 'utf8',
  });
  const { chances, ...chosen } = JSON.parse(answer) as { chances: number[][] };
  console.error(`LightGBM chose ${JSON.stringify(chosen)}`);
  return rows
    .filter(({ tested }) => tested)
    .map(({ held }, at) =>
      items
        .map((product, item) => ({ product, probability: chances[at]![item]! }))
        .filter((_, item) => !held.includes(item))
        .sort((a, b) => b.probability - a.probability),
    );
}

/** Gain of NDCG@5 of a product of a list. */
function gainOf(list: List, target: string): number {
  const place = list.findIndex(({ product }) => product === target);
  return place < 0 || place >= 5 ? 0 : 1 / Math.log2(place + 2);
}

/** Log loss of a product by a list's probabilities, normalised. */
function lossOf(list: List, target: string, candidates: number): number {
  const all = list.reduce((sum, { probability }) => sum + probability, 0);
  const normalised = list.map(({ product, probability }) => ({ product, probability: probability / all }));
  return -Math.log(chanceIn(normalised, target, candidates));
}

const sets: (string | number)[][] = [];
const rows: (string | number)[][] = [];

async function compare(set: DataSet, folder: string): Promise<void> {
  const { sets: held, items, columns } = set;
  const out = heldOut(set);
  const tested = new Map([...out].filter(([customer]) => isTested(customer)));
  const lists = [await ourLists(folder, set, tested), await theirLists(folder, set, out)];
  const names = Object.keys(columns!);
  const combinations = new Set(held.map((_, customer) => names.map((name) => columns![name]![customer]).join('|'))).size;
  sets.push([set.name, held.length, names.length, combinations, items.length, tested.size]);
  const figures: [string, (list: List, target: string, candidates: number) => number][] = [
    ['NDCG@5', gainOf],
    ['log loss', lossOf],
  ];
  for (const [name, figureOf] of figures) {
    const [ours, theirs] = lists.map((some) =>
      Float64Array.from([...tested], ([customer, target], at) =>
        figureOf(some[at]!, items[target]!, items.length - held[customer]!.length + 1),
      ),
    ) as [Float64Array, Float64Array];
    const [own, other, more] = bootstrap([ours, theirs, difference(ours, theirs)], { resamples: 2000, seed: 0 });
    const gap = `${more!.mean.toFixed(4)} (${more!.low.toFixed(4)} .. ${more!.high.toFixed(4)})`;
    rows.push([set.name, name, fixed(own!.mean, 4), fixed(other!.mean, 4), gap]);
  }
}

const { values, positionals } = parseArgs({
  options: { customers: { type: 'string', default: '48842' } },
  allowPositionals: true,
});
const load = { adult: () => adultSet(Number(values.customers)), berka: () => loadDataSet('berka core') };
const isBank = (name: string): name is keyof typeof load => name in load;
for (const name of positionals.length > 0 ? positionals : Object.keys(load)) {
  const set = isBank(name) ? await load[name]() : undefined;
  if (set === undefined) {
    console.error(`columns: the set ${name} is absent from the folder of real sets`);
    process.exit(66);
  }
  const folder = await mkdtemp(join(tmpdir(), 'basketwise-columns-'));
  try {
    await compare(set, folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
record({
  title: 'Columns of customers',
  about:
    "Undated banks with ordinary columns against LightGBM's multiclass with the same holdings and columns. A product is held out of every fifth customer with two or more: its NDCG@5, and its log loss by the " +
    'probabilities of all products that the customer does not hold, normalised. adult: UCI Adult with sex, marital status, age, country, occupation and education. Berka core: district of the customer, frequency of statements.',
  tables: [
    { columns: ['set', 'customers', 'columns', 'combinations', 'products', 'tested'], rows: sets },
    { columns: ['set', 'figure', 'default', 'LightGBM', 'difference (95 %)'], rows },
  ],
  peers: { lightgbm: '4.7.0' },
});
