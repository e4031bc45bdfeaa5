import { execFileSync } from 'node:child_process';
import { linkSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { refitClusters } from '@basketwise/insight';
import { loadConfig, runJob } from '@basketwise/pipeline';
import { beforeEach, describe, expect, test } from 'vitest';
import { some } from '../../cases.ts';
import { temporaryFolder } from '../data/bank.ts';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  for (const table of ['customers.csv', 'products.csv', 'holdings-1.csv', 'states.csv', 'contacts.csv', 'consents.csv', 'ca.pem'])
    put(table, 'id,x\n1,2\n');
  mkdirSync(join(folder, 'out', 'runs', run), { recursive: true });
  put(`out/runs/${run}/recommendations.csv`, 'customer\n');
  symlinkSync(`runs/${run}`, join(folder, 'out', 'latest'));
});

const run = '2022-08-31-0123abcd';
const put = (name: string, text: string) => writeFileSync(join(folder, name), text);

/** A config in which every kind of input is named; `more` are its other keys. */
const config = (more: string) => `reference_date: 2022-08-31
source: { path: . }
tables:
  customers:
    sql: SELECT c.* FROM 'customers.csv' c JOIN 'consents.csv' n USING (id)
    id: id
    history: { from: states.csv, id: id, date: x }
  products: { from: products.csv, code: id, name: id, class: x }
  holdings: { from: 'holdings-*.csv', customer: id, product: id, date: x }
  contacts: { from: contacts.csv, customer: id, what: x, when: x }
campaigns: { a: { kind: cross, class: '2' } }
offers: { value: 1 }
${more}`;

/** Paths and contents of all files, but for what a refusal may not have made either. */
const contents = () =>
  (readdirSync(folder, { recursive: true }) as string[])
    .sort()
    .map((name) => [name, lstatSync(join(folder, name)).isFile() ? readFileSync(join(folder, name), 'utf8') : '']);

/** Expects a run to be refused before it writes anything, with both keys in the message. */
async function expectRefused(more: string, ...keys: string[]): Promise<void> {
  put('basketwise.yaml', config(more));
  const before = contents();
  const error = await runJob(await loadConfig(join(folder, 'basketwise.yaml'))).catch((cause) => cause);
  expect(error).toMatchObject({ code: 'config' });
  for (const key of keys) expect(error.message).toContain(key);
  expect(contents()).toEqual(before);
}

/** Ways to name a file that a run writes, and the key of each. */
const ways: [string, (file: string) => string][] = [
  ['output.results', (file) => `output: { results: ${file} }`],
  ['output.metrics', (file) => `output: { metrics: ${file} }`],
  ['output.lineage.file', (file) => `output: { lineage: { file: ${file} } }`],
  ['log.file', (file) => `log: { file: ${file} }`],
  ['clusters.k.model', (file) => `clusters: { k: { k: 2, numeric: [x], model: ${file} } }`],
];

describe.each(some(ways, 2))('%s', (key, more) => {
  test.each([
    ['customers.csv', 'tables.customers.sql'],
    ['consents.csv', 'tables.customers.sql'],
    ['states.csv', 'tables.customers.history'],
    ['products.csv', 'tables.products.from'],
    ['holdings-1.csv', 'tables.holdings.from'],
    ['holdings-2.csv', 'tables.holdings.from'],
    ['contacts.csv', 'tables.contacts.from'],
    ['basketwise.yaml', 'the config'],
    ['out/latest/recommendations.csv', 'output.dir'],
    [`out/runs/${run}/new.csv`, 'output.dir'],
    ['out/.lock', 'output.dir'],
    ['out/index.html', 'output.dir'],
    ['out/published.json', 'output.dir'],
    ['out', 'output.dir'],
  ])('is not %s', (file, other) => expectRefused(more(file), key, other));

  test('is no input by a link, whether hard or symbolic, to it or to its folder', async () => {
    symlinkSync('products.csv', join(folder, 'soft'));
    linkSync(join(folder, 'products.csv'), join(folder, 'hard'));
    symlinkSync('.', join(folder, 'here'));
    linkSync(join(folder, 'out/runs', run, 'recommendations.csv'), join(folder, 'of-a-run'));
    symlinkSync('holdings-3.csv', join(folder, 'dangling'));
    for (const file of ['soft', 'hard', 'here/products.csv']) await expectRefused(more(file), key, 'tables.products.from');
    await expectRefused(more('of-a-run'), key, 'output.dir');
  });
});

test('no two written paths are one file, nor a folder of one another', async () => {
  await expectRefused('output: { results: r.json, metrics: ./r.json }', 'output.results', 'output.metrics');
  await expectRefused('log: { file: x/y }\noutput: { metrics: x }', 'log.file', 'output.metrics');
  await expectRefused('log: { file: x }\noutput: { results: x.2 }', 'log.file', 'output.results');
  await expectRefused('output: { dir: products.csv }', 'output.dir', 'tables.products.from');
  await expectRefused(
    'output: { results: ca.pem, postgres: { url_env: PG, tls: { ca: ca.pem } } }',
    'output.results',
    'output.postgres.tls.ca',
  );
  await expectRefused('output: { results: keys.yaml }\nrelease: { keys: ./keys.yaml }', 'output.results', 'release.keys');
  await expectRefused('release: { keys: out/published-to-hive.json }', 'release.keys', 'output.dir');
  for (const file of ['validation.json', 'validation.html', 'validation-card.md'])
    await expectRefused(`release: { keys: out/${file} }`, 'release.keys', 'output.dir');
});

test('what is there and was written by no run is neither replaced nor appended to', async () => {
  put('notes.txt', 'of somebody');
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  for (const [key, more] of ways.slice(0, 4)) for (const file of ['notes.txt', 'pipe']) await expectRefused(more(file), key);
});

test('paths of their own pass, also beside the runs, and what earlier runs have written there', async () => {
  put('out/log.jsonl', '\0\0{"level":30}\n'); // as a power cut leaves it
  put('out/results.json', '\0\0');
  put('metrics.prom', '# HELP basketwise_run_success 1\n');
  put(
    'basketwise.yaml',
    config(
      "derive: { a: \"replace(CAST(x AS VARCHAR), '.', '/') IN ('out', 'latest', '*')\" }\nlog: { file: out/log.jsonl }\noutput: { results: out/results.json, metrics: metrics.prom, lineage: { file: exports/lineage } }",
    ),
  );
  // the tables are no bank: the run goes on to them, and fails there
  await expect(runJob(await loadConfig(join(folder, 'basketwise.yaml')))).rejects.toMatchObject({ code: 'bad-data' });
  expect(JSON.parse(readFileSync(join(folder, 'out/results.json'), 'utf8'))).toMatchObject({ status: 'failed' });
});

test('a fit of clusters does not replace a table', async () => {
  put('basketwise.yaml', config('clusters: { k: { k: 2, numeric: [x], model: products.csv } }'));
  const settings = await loadConfig(join(folder, 'basketwise.yaml'));
  await expect(refitClusters(settings, 'k')).rejects.toMatchObject({ code: 'config' });
});
