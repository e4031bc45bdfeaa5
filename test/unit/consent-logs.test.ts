import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDuckdb, queryRows } from '@basketwise/data';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { temporaryFolder } from './data/bank.ts';
import type { Row } from './insight/strange-tables/plain-bank.ts';
import { configured } from './insight/strange-tables/written-bank.ts';

/** Entries of customers in a log of consents, and whether they consent on 2023-06-30. */
const logs: readonly (readonly [isGiven: boolean, ...entries: (readonly [day: string, granted: string])[]])[] = [
  [true, ['2020-01-01', 'Y']],
  [false, ['2020-01-01', 'Y'], ['2021-05-01', 'N']],
  [true, ['2020-01-01', 'N'], ['2021-05-01', 'Y']],
  [true, ['2020-01-01', 'Y'], ['2023-07-01', 'N']],
  [false, ['2020-01-01', 'N'], ['2023-07-01', 'Y']],
  [false, ['2021-05-01', 'Y'], ['2021-05-01', 'N']],
  [false, ['2021-05-01', 'Y'], ['', 'N']],
  [false, ['2021-05-01', 'Y'], ['2022-01-01', '']],
  [false, ['', 'Y']],
  [false],
];
const customers = Array.from({ length: 400 }, (_, i) => ({ id: `C${1000 + i}`, log: logs[i % logs.length]! }));

const tables: Record<string, Row[]> = {
  'clients.csv': [['client', 'region'], ...customers.map(({ id }, i): Row => [id, `r${i % 4}`])],
  'consents.csv': [
    ['client', 'purpose', 'given_on', 'granted'],
    ...customers.flatMap(({ id, log: [, ...entries] }) => [
      [id, 'statistics', '2023-06-01', 'Y'],
      ...entries.map(([day, granted]): Row => [id, 'marketing', day, granted]),
    ]),
  ],
  'items.csv': [['code', 'title', 'family'], ...Array.from({ length: 12 }, (_, i): Row => [`P${i}`, `Plan ${i}`, `f${i % 3}`])],
  'accounts.csv': [
    ['client', 'code', 'opened'],
    ...customers.flatMap(({ id }, i) => [3, 5].map((step): Row => [id, `P${(i * step) % 12}`, `20${10 + (i % 13)}-06-30`])),
  ],
};

/** Queries in the documents that read consents from a table of their own. */
const pages = fileURLToPath(new URL('../../docs', import.meta.url));
const recipes = readdirSync(pages)
  .filter((page) => page.endsWith('.md'))
  .flatMap((page) =>
    [...readFileSync(join(pages, page), 'utf8').matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text]) => text!),
  )
  .filter((text) => /consents?\./.test(text))
  .map((text): { sql: string; require: string } => {
    const { tables: read, rules } = parse(text);
    return { sql: read.customers.sql, require: rules[0].require };
  });

async function consenting({ sql, require }: { sql: string; require: string }, folder: string): Promise<Set<unknown>> {
  const spill = await temporaryFolder();
  const engine = await openDuckdb({ memory: '200MB', threads: 2, tempDirectory: spill });
  const files = sql.replaceAll(/'(\w+\.csv)'/g, (_, name: string) => `'${join(folder, name)}'`);
  const dated = files.replaceAll(':date', "DATE '2023-06-30'");
  const rows = await queryRows(engine, `SELECT client FROM (${dated}) c WHERE ${require}`);
  await engine.close();
  return new Set(rows.map(({ client }) => client));
}

test('in each query of a log of consents, of the documents and of init, the newest entry up to the date counts', async () => {
  const { config, file } = await configured({ tables }, { referenceDate: '2023-06-30' });
  const composed = { sql: config.tables.customers.sql, require: config.rules[0].require };
  expect([recipes.length, config.rules.length, config.consent]).toEqual([1, 1, undefined]);
  const expected = new Set(customers.filter(({ log: [isGiven] }) => isGiven).map(({ id }) => id));
  for (const query of [...recipes, composed]) expect(await consenting(query, join(dirname(file), 'data'))).toEqual(expected);
});
