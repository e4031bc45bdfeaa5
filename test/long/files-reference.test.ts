import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DuckdbEngine, openDuckdb, queryRows } from '@basketwise/data';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describedFiles } from '../../scripts/reference/files-page.ts';
import { basketwise, smallBank, writeBank } from '../e2e/pipeline/small-bank.ts';
import { undatedBank } from '../e2e/pipeline/undated-bank.ts';

const customers = 300;
const bank = smallBank(customers);
/** The small bank with all that a config can have written: features that change, clusters, segments, an automatic model, offers. */
const config = `${bank.config
  .replace('guards:', '  contacts: { from: contacts.csv, customer: customer, what: what, when: day }\nguards:')
  .replace('id: id }', 'id: id, history: { from: history.csv, id: id, date: as_of } }')
  .replace('class: deposit }', 'class: deposit, by_cluster: all, model: { kind: automatic } }')
  .replace('columns: [deposit, insurance] }', 'columns: [deposit, insurance], by_cluster: all, pooling: none }')
  .replace('[csv, parquet] }', '[csv, parquet], suppressed_customers: true, keep: 9 }')}
evaluate: { window: 3 months, gap: 0 days, windows: 1 }
features:
  consent: { column: consent, fixed: true }
  age: { column: age, bands: [30, 50] }
clusters:
  all: { where: "age >= 30", method: kmeans, k: 2, numeric: [age], categorical: [consent] }
segments:
  generation: { column: age, bands: [ { label: unknown, null: true }, { label: young, to: 40 }, { label: old, from: 40 } ] }
  half: { column: age, bands: [ { label: unknown, null: true }, { label: lower, to: 50 }, { label: upper, from: 50 } ] }
  kind: { cross: [generation, half] }
  known: { flags: [age] }
offers:
  value: { classes: { deposit: 10, insurance: 25 } }
  capacity: { calls: { most: 60 } }
  contacts: { rest: { offer: 90 days } }
  control: { share: 0.3, salt: spring }
validation: { owner: retail, purpose: lists, tier: '2', reviewers: [model risk], statements: { developer: analytics } }
tune:
  models:
    - { kind: ease, regularization: [30, 300] }
`;
/** Values of placeholders in columns of this bank. */
const placeholders: Readonly<Record<string, RegExp>> = {
  segment: /^(generation|half|kind|known)$/,
  feature: /^age$/,
  number: /^age$|^\d+$/,
  category: /^consent$/,
  scheme: /^all$/,
  date: /^\d+$/,
};

/** A name of the reference as a pattern: each placeholder is one of its values, or any name without a slash. */
function patternOf(name: string, values: Readonly<Record<string, RegExp>> = {}): RegExp {
  const parts = name.split(/<(\w+)>/).map((part, i) => {
    if (i % 2 === 0) return part.replaceAll(/[.+*?()[\]{}|\\^$]/g, '\\$&');
    return values[part] ? `(?:${values[part].source.replaceAll(/[\^$]/g, '')})` : '[^/]+';
  });
  return new RegExp(`^${parts.join('')}$`);
}

let folder: string;
let remove: () => Promise<void>;
let runs: string[];
/** Run of a bank without dates: of its files, only those that runs with dates lack are compared. */
let undated: Awaited<ReturnType<typeof writeBank>>;
let engine: DuckdbEngine;

beforeAll(async () => {
  const people = bank.customers.trimEnd().split('\n').slice(1);
  const history = ['2020-05-31', '2021-06-30', '2022-03-31'].flatMap((day) => people.map((row) => `${row},${day}`));
  const files = {
    'contacts.csv': 'customer,what,day\n0001,D4,2022-05-01\n',
    'history.csv': `id,age,consent,as_of\n${history.join('\n')}\n`,
  };
  ({ folder, remove } = await writeBank({ ...bank, config, files }));
  for (const command of [
    ['run', '--reference-date', '2022-05-31', '--accept-drop'],
    ['run', '--accept-drop'],
    ['evaluate'],
    ['tune'],
    ['validate'],
    ['outcomes'],
    ['profile'],
    ['archive'],
    ['forget', '--customer', '0001'],
  ]) {
    const { exitCode, stderr } = await basketwise(folder, ...command);
    expect(exitCode, `${command.join(' ')}: ${stderr}`).toBe(0);
  }
  undated = await writeBank(undatedBank());
  expect((await basketwise(undated.folder, 'run')).exitCode).toBe(0);
  const names = await readdir(join(folder, 'out/runs'));
  runs = names.map((name) => join(folder, 'out/runs', name));
  engine = await openDuckdb({ memory: '500MB', threads: 1, tempDirectory: join(folder, 'spill') });
});
afterAll(async () => {
  await engine?.close();
  await remove?.();
  await undated?.remove();
});

const sections = {
  run: describedFiles.filter((one) => one.folder === 'run'),
  output: describedFiles.filter((one) => one.folder === 'output'),
};
const filesOf = (folderOf: 'run' | 'output') => sections[folderOf].flatMap(({ files }) => files);

/** Files of a folder, by paths from it. */
async function filesIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.map((file) => file.slice(path.length + 1));
}

/** All files of the runs, or of the output folder beside them, by paths from there. */
async function written(folderOf: 'run' | 'output'): Promise<{ file: string; path: string }[]> {
  const folders = folderOf === 'run' ? runs : [join(folder, 'out')];
  const found = await Promise.all(
    folders.map(async (from) => (await filesIn(from)).map((file) => ({ file, path: join(from, file) }))),
  );
  const file = 'next-product.json';
  return folderOf === 'run'
    ? [...found.flat(), { file, path: join(undated.folder, 'out/latest', file) }]
    : found.flat().filter((one) => !/^(runs|latest)\//.test(one.file));
}

test.each(['run', 'output'] as const)('each file of the folder (%s) is in the reference, and no other', async (folderOf) => {
  const files = [...new Set((await written(folderOf)).map(({ file }) => file))];
  const described = filesOf(folderOf);
  expect(files.filter((file) => !described.some((one) => patternOf(one.file).test(file)))).toEqual([]);
  const absent = described.filter((one) => !files.some((file) => patternOf(one.file).test(file))).map(({ file }) => file);
  expect(absent).toEqual(folderOf === 'run' ? ['snapshot/queries.sql'] : ['published-to-<target>.json']);
});

describe('columns are those of the reference', () => {
  const all = (['run', 'output'] as const).flatMap((folderOf) => filesOf(folderOf).map((one) => ({ ...one, folderOf })));

  test.each(all.filter(({ columns }) => columns !== undefined))('$file', async ({ file, folderOf, columns }) => {
    const found = (await written(folderOf)).filter((one) => patternOf(file).test(one.file));
    expect(found.length).toBeGreaterThan(0);
    for (const { path } of found) {
      const rows = await queryRows(engine, `DESCRIBE FROM '${path}'`);
      const names = rows.map((row): [string, string] => [String(row.column_name), String(row.column_type)]);
      const isKnown = ([name, type]: [string, string]) =>
        columns!.some(
          ([pattern, types]) => patternOf(pattern, placeholders).test(name) && (path.endsWith('.csv') || types.includes(type)),
        );
      expect(names.filter((one) => !isKnown(one))).toEqual([]);
      const absent = columns!.filter(([pattern]) => !names.some(([name]) => patternOf(pattern, placeholders).test(name)));
      expect(absent.map(([name]) => name).filter((name) => !optionalColumns.includes(name))).toEqual([]);
    }
  });

  test.each([
    ['recommendations', []],
    ['offers', []],
    ['contact-list', ['expected_value']],
  ])('%s.csv has the columns of the Parquet file, and %j', async (name, more) => {
    const [columns] = all.flatMap((one) => (one.file === `${name}.parquet` ? [one.columns!.map(([column]) => column)] : []));
    const header = (await readFile(join(runs[0]!, `${name}.csv`), 'utf8')).split('\n')[0];
    expect(header).toBe([...columns!, ...more].join(','));
  });
});

/** Columns that depend on the config, which this one lacks. */
const optionalColumns = ['since'];
