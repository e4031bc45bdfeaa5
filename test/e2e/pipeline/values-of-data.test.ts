import { readdirSync, readFileSync, statSync } from 'node:fs';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { required } from '@basketwise/core';
import { beforeEach, describe, expect, test } from 'vitest';
import { basketwise, smallBank, testBank } from './small-bank.ts';

let folder: string;
beforeEach(async () => {
  ({ folder } = await testBank(smallBank()));
  await appendFile(join(folder, 'basketwise.yaml'), 'log: { file: run.log }\n');
});

const change = async (file: string, by: (text: string) => string) =>
  writeFile(join(folder, file), by(await readFile(join(folder, file), 'utf8')));
const configure = (from: string | RegExp, to: string) => change('basketwise.yaml', (text) => text.replace(from, to));
/** Values of the bank's tables: ids of customers, names and codes of products, dates. */
const value = /(?<![\w.-])00\d\d(?![\w.-])|정기예금|입출금통장|옛예금|실손보험|\b[DI]\d\b|2018-0\d-15|20200101/;

/** All that a run says of itself: what it printed, its log, and what lies in its folder but results and the snapshot. */
async function talkOf(...args: string[]): Promise<{ exitCode: number; talk: Map<string, string> }> {
  const { exitCode, stdout, stderr } = await basketwise(folder, ...args);
  const talk = new Map([
    ['stdout', stdout],
    ['stderr', stderr],
    ['run.log', readFileSync(join(folder, 'run.log'), 'utf8')],
  ]);
  const runs = join(folder, 'out', 'runs');
  for (const run of readdirSync(runs)) {
    for (const file of readdirSync(join(runs, run)).filter((name) => /\.(json|html|txt)$/.test(name)))
      talk.set(file, readFileSync(join(runs, run, file), 'utf8'));
  }
  return { exitCode, talk };
}

async function expectNoValue(code: number, ...args: string[]): Promise<Map<string, string>> {
  const { exitCode, talk } = await talkOf(...args);
  for (const [name, text] of talk) expect([name, value.exec(text)?.[0]]).toEqual([name, undefined]);
  expect(exitCode).toBe(code);
  return talk;
}

describe('the wrong column for that of products', () => {
  beforeEach(() => configure('product: product', 'product: customer'));
  const listed = () => {
    const [run] = readdirSync(join(folder, 'out', 'runs'));
    const file = join(folder, 'out', 'runs', run!, 'snapshot', 'unknown-products.csv');
    return { text: readFileSync(file, 'utf8'), mode: statSync(file).mode & 0o777 };
  };

  test('stops the run without a customer in what it says; the run has a file of its own that lists them, for its owner alone', async () => {
    const talk = await expectNoValue(65, 'run', '--json');
    expect(talk.get('stderr')).toContain('snapshot/unknown-products.csv');
    expect(listed().text).toContain('"0001"');
    expect(listed().mode).toBe(0o600);
  });
});

test('a report counts holdings of unknown products and quotes none of them', async () => {
  await change('holdings.csv', (text) => text.replaceAll(/^(\d+[02468]),[^,]+,/gm, '$1,$1,'));
  const { exitCode, talk } = await talkOf('run', '--json', '--accept-drop');
  expect(exitCode).toBe(0);
  for (const [name, text] of talk) expect([name, /(?<![\w.-])00[0-5]\d(?![\w.-])/.exec(text)?.[0]]).toEqual([name, undefined]);
  expect(JSON.parse(required(talk, 'report.json')).data.unknownProducts).toEqual({ distinct: expect.any(Number) });
});

test('a customers file without a header is reported without its first row', async () => {
  await change('customers.csv', (text) => text.slice(text.indexOf('\n') + 1));
  const talk = await expectNoValue(65, 'run');
  expect(talk.get('stderr')).toContain('is its first line a header?');
});

test('a header that names some of the columns is reported, with its names', async () => {
  await configure('customer: customer', 'customer: custmer');
  const talk = await expectNoValue(65, 'run');
  expect(talk.get('stderr')).toContain('has no column custmer; it has customer, product, opened');
});

test('a holdings file without a header, and one that repeats a value in its first row', async () => {
  await change('holdings.csv', (text) => text.slice(text.indexOf('\n') + 1));
  await expectNoValue(65, 'run');
  await change('holdings.csv', (text) => text.replace(/^(\d+),[^,]+,/, '$1,$1,'));
  await expectNoValue(65, 'run');
});

test('the customers table for that of products', async () => {
  await configure(/products: \{.*\}/, 'products: { from: customers.csv, code: id, name: age, class: consent }');
  await expectNoValue(78, 'run');
  await configure('name: age', 'name: id');
  await expectNoValue(78, 'run');
});

test('the wrong column for that of classes', async () => {
  await configure('class: class', 'class: name');
  await expectNoValue(78, 'run');
});

test('products of one code', async () => {
  await configure('code: code', 'code: class');
  await expectNoValue(65, 'run');
});

test('classes that the config does not name are counted by guards and not called by their names', async () => {
  await configure('guards: {', 'guards: { max_row_drop: 0.5, max_share_change: 0.01,');
  const bank = smallBank(600);
  await writeFile(join(folder, 'customers.csv'), bank.customers);
  await writeFile(join(folder, 'products.csv'), `${bank.products}X1,카드,planted,\n`);
  const cards = bank.customers
    .split('\n')
    .slice(1, 400)
    .map((line) => `${line.slice(0, 4)},카드,2020-01-15\n`);
  await writeFile(join(folder, 'holdings.csv'), `${bank.holdings}${cards.join('')}`);
  expect((await basketwise(folder, 'run')).exitCode).toBe(0);
  await writeFile(join(folder, 'holdings.csv'), bank.holdings);
  const { exitCode, talk } = await talkOf('run');
  expect(exitCode).toBe(65);
  expect(talk.get('stderr')).toContain('holdings of a class that the config does not name');
  for (const [name, text] of talk) if (name !== 'manifest.json') expect([name, text.includes('planted')]).toEqual([name, false]);
});
