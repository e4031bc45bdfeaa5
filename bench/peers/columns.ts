// `npm run bench:peers -- columns [--customers 48842]`: an undated bank with six ordinary columns (UCI Adult: sex, marital status, age, country, occupation, education; its other facts are
// the products), through a config and the command line: NDCG@5 of a product held out of each tested customer, against LightGBM's multiclass with the same holdings and columns, with the
// paired difference. Every fifth customer is tested. LightGBM learns from a product held out of each of the others, tuned on a tenth of them.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { difference } from '@basketwise/core/parts';
import { bootstrap } from '@basketwise/recommend';
import { dataFile } from '../sets/real-sets.ts';
import { undatedConfig } from '../sets/undated-config.ts';
import { pythonWith } from './python.ts';

const program = join(import.meta.dirname, '../../packages/cli/bin/basketwise.js');
const packages = ['lightgbm==4.7.0', 'numpy==2.4.6', 'scipy==1.17.1'];
const columns = ['sex', 'marital-status', 'age', 'native-country', 'occupation', 'education'];

const features = columns.map(
  (name) => `  ${name.replace('-', '_')}: { column: "${name}",${name === 'age' ? ' bands: 12,' : ''} fixed: true }\n`,
);
const config = undatedConfig(`features:\n${features.join('')}`);

/** A customer of the bank: values of the columns, products held, and the position of the product held out. */
interface Customer {
  values: readonly string[];
  products: readonly string[];
  out: number;
  tested: boolean;
}

/** Facts of a row that stand for products. */
function productsOf(row: Readonly<Record<string, string>>): string[] {
  const hours = Number(row['hours-per-week']);
  const flags: readonly (readonly [string, boolean])[] = [
    [`work ${row.workclass}`, known(row.workclass!) !== ''],
    [`family ${row.relationship}`, true],
    [hours < 35 ? 'part time' : hours > 40 ? 'overtime' : 'full time', true],
    ['capital gain', Number(row['capital-gain']) > 0],
    ['capital loss', Number(row['capital-loss']) > 0],
    ['large income', row.income === 'large'],
  ];
  return flags.flatMap(([name, holds]) => (holds ? [name.toLowerCase()] : [])).sort();
}

const known = (value: string) => (value === '?' || value === 'NA' ? '' : value);

/** A number of a customer that looks random (Knuth, The Art of Computer Programming 3, 6.4). */
const scrambled = (customer: number) => (Math.imul(customer + 1, 2_654_435_761) >>> 0) / 2 ** 32;

async function readCustomers(file: string, most: number): Promise<Customer[]> {
  const [header, ...lines] = (await readFile(file, 'utf8')).trim().split(/\r?\n/);
  const cells = (line: string) => line.split(',').map((cell) => cell.replaceAll('"', ''));
  const names = cells(header!);
  return lines.slice(0, most).map((line, i) => {
    const row = Object.fromEntries(cells(line).map((cell, column) => [names[column]!, cell]));
    const products = productsOf(row);
    const values = columns.map((name) => known(row[name]!));
    return { values, products, out: Math.floor(scrambled(i) * products.length), tested: i % 5 === 0 };
  });
}

/** Writes the bank without the products held out of tested customers. */
async function writeBank(folder: string, customers: readonly Customer[], products: readonly string[]): Promise<void> {
  const csv = (rows: readonly (readonly string[])[]) => `${rows.map((row) => row.join(',')).join('\n')}\n`;
  const held = customers.flatMap(({ products: own, out, tested }, i) =>
    own.flatMap((product, at) => (tested && at === out ? [] : [[String(i), product]])),
  );
  await writeFile(
    join(folder, 'customers.csv'),
    csv([['customer', ...columns], ...customers.map(({ values }, i) => [String(i), ...values])]),
  );
  await writeFile(join(folder, 'products.csv'), csv([['code', 'class'], ...products.map((code) => [code, 'product'])]));
  await writeFile(join(folder, 'holdings.csv'), csv([['customer', 'product'], ...held]));
  await writeFile(join(folder, 'basketwise.yaml'), config);
}

/** Lists that a run publishes, by customer. */
async function ourLists(folder: string): Promise<Map<number, string[]>> {
  const { status, stderr } = spawnSync(process.execPath, [program, 'run', '-c', join(folder, 'basketwise.yaml')], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`run ended with ${status}: ${stderr}`);
  const [header, ...lines] = (await readFile(join(folder, 'out/latest/recommendations.csv'), 'utf8')).trim().split('\n');
  const names = header!.split(',');
  const [customer, rank, code] = ['customer', 'rank', 'product_code'].map((name) => names.indexOf(name)) as [
    number,
    number,
    number,
  ];
  const lists = new Map<number, string[]>();
  for (const line of lines) {
    const cells = line.split(',');
    const list = lists.get(Number(cells[customer])) ?? [];
    lists.set(Number(cells[customer]), list);
    list[Number(cells[rank]) - 1] = cells[code]!;
  }
  return lists;
}

/** Lists of LightGBM for the tested customers, in their order. */
async function theirLists(folder: string, customers: readonly Customer[], products: readonly string[]): Promise<number[][]> {
  const codes = columns.map((_, f) => [...new Set(customers.map(({ values }) => values[f]!))].sort());
  const rows = customers.map(({ values, products: own, out, tested }) => ({
    held: own.flatMap((product, at) => (at === out ? [] : [products.indexOf(product)])),
    // an age is a number, as it is for the bands
    values: values.map((value, f) => (columns[f] === 'age' ? Number(value) : codes[f]!.indexOf(value))),
    taken: products.indexOf(own[out]!),
    tested,
  }));
  const data = join(folder, 'rows.json');
  const categorical = columns.flatMap((name, f) => (name === 'age' ? [] : [f]));
  await writeFile(data, JSON.stringify({ rows, products: products.length, categorical }));
  const answer = execFileSync(pythonWith('lightgbm', packages), [join(import.meta.dirname, 'columns.py'), data], {
    maxBuffer: 2 ** 28,
    encoding: 'utf8',
  });
  const { lists, ...chosen } = JSON.parse(answer) as { lists: number[][] };
  console.error(`LightGBM chose ${JSON.stringify(chosen)}`);
  return lists;
}

const gain = (rank: number) => (rank < 0 || rank >= 5 ? 0 : 1 / Math.log2(rank + 2));

const { values } = parseArgs({ options: { customers: { type: 'string', default: '48842' } } });
const file = dataFile('adult/adult_uci.csv');
if (file === undefined) {
  console.error('columns: the set adult is absent from the folder of real sets');
  process.exit(66);
}
const folder = await mkdtemp(join(tmpdir(), 'basketwise-columns-'));
try {
  const customers = await readCustomers(file, Number(values.customers));
  const products = [...new Set(customers.flatMap(({ products: own }) => own))].sort();
  await writeBank(folder, customers, products);
  const combinations = new Set(customers.map(({ values: own }) => own.join('|'))).size;
  const lists = await ourLists(folder);
  const theirs = await theirLists(folder, customers, products);
  const tested = customers.flatMap(({ products: own, out, tested: is }, customer) =>
    is ? [{ customer, target: own[out]! }] : [],
  );
  const ours = Float64Array.from(tested, ({ customer, target }) => gain((lists.get(customer) ?? []).indexOf(target)));
  const peers = Float64Array.from(tested, ({ target }, at) => gain(theirs[at]!.indexOf(products.indexOf(target))));
  const [own, other, ahead] = bootstrap([ours, peers, difference(ours, peers)], { resamples: 2000, seed: 0 });
  console.log(
    `adult: ${customers.length} customers with ${combinations} combinations of six columns, ${products.length} products, ${tested.length} tested; NDCG@5 of the default ${own!.mean.toFixed(4)}, ` +
      `of LightGBM's multiclass ${other!.mean.toFixed(4)}; difference ${ahead!.mean.toFixed(4)} (95 %: ${ahead!.low.toFixed(4)} .. ${ahead!.high.toFixed(4)})`,
  );
} finally {
  await rm(folder, { recursive: true });
}
