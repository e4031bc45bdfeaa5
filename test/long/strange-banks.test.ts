// Second tier, some 15 s of processor: the first banks, with the faults that cost most. All of them with `--mode every`, before a release.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { every } from '../cases.ts';
import type { Tables } from '../e2e/cli/strange-banks.ts';
import { basketwise } from '../e2e/pipeline/small-bank.ts';
import type { StrangeBank } from '../unit/insight/strange-tables/plain-bank.ts';
import { written } from '../unit/insight/strange-tables/written-bank.ts';
import { strangeBanks } from '../unit/insight/strange-tables.ts';

/** A strange bank in a new folder, with the config of `init --yes`. */
async function begun(bank: StrangeBank) {
  const { folder, path } = await written(bank);
  const { exitCode } = await basketwise(folder, 'init', path, '--yes');
  expect(exitCode).toBe(0);
  return { folder, config: readFileSync(join(folder, 'basketwise.yaml'), 'utf8') };
}

/** The doctor's findings on a bank whose tables have changed since its config was written. */
async function doctorOn(bank: StrangeBank, tables: Tables, config: string) {
  const { folder } = await written({ ...bank, tables });
  writeFileSync(join(folder, 'basketwise.yaml'), config);
  const { stdout, exitCode } = await basketwise(folder, 'doctor', '--data');
  return { folder, exitCode, stdout: stdout.replaceAll(/\s+/g, ' ') };
}

const banks = strangeBanks.map((make) => make());

test.each(every(banks, banks.slice(0, 2)))('$name: from init to lists, or refused until the consent is decided', async (bank) => {
  const { folder, config } = await begun(bank);
  const date = bank.holdings.date === null ? ['--reference-date', '2023-12-31'] : [];
  const { exitCode, stdout, stderr } = await basketwise(folder, 'run', '--json', ...date);
  if (config.includes('consent: undecided')) {
    expect([exitCode, stderr]).toEqual([78, expect.stringContaining('consent')]);
    return;
  }
  expect(stderr.match(/^error.*/m)?.[0] ?? '').toBe('');
  expect(exitCode).toBe(0);
  const answer = JSON.parse(stdout.split('\n').at(-2)!);
  expect(answer.run).toMatch(/^2023-12-31-/);
  const snapshot = JSON.parse(readFileSync(join(answer.folder, 'snapshot', 'manifest.json'), 'utf8'));
  expect(snapshot.holdings.undated).toBe(bank.holdings.date === null ? snapshot.holdings.kept : 0);
});

/** The table with a column of a bank, and the position of the column. */
function placeOf({ tables }: StrangeBank, among: readonly string[], column: string): { file: string; at: number } {
  const file = Object.keys(tables).find((name) => among.includes(name.replace(/\.csv$/, '')) || among.includes(name))!;
  return { file, at: (tables[file]![0] as readonly unknown[]).indexOf(column) };
}

type Cells = readonly (string | number | null)[];

/** The tables with one of them changed; null leaves it out. */
function withTable({ tables }: StrangeBank, file: string, change: ((rows: readonly Cells[]) => readonly Cells[]) | null): Tables {
  const { [file]: changed, ...others } = tables as Record<string, Tables[string]>;
  return change === null ? others : { ...others, [file]: change(changed as readonly Cells[]) };
}

const replaced = (row: Cells, at: number, value: string | number) => row.map((cell, i) => (i === at ? value : cell));

/** Banks whose holdings, and whose customers, are one table with the columns of the config. */
const plainHoldings = banks.filter(({ holdings, tables }) => {
  const head = tables[holdings.tables[0]!]?.[0] as Cells | undefined;
  return (
    holdings.tables.length === 1 && head?.includes(holdings.customer) && holdings.date !== null && head.includes(holdings.date)
  );
});

test.each(every(plainHoldings, plainHoldings.slice(0, 1)))(
  '$name: doctor names a column that is renamed, spoilt dates and a table that is missing',
  async (bank) => {
    const { customer, date, tables } = bank.holdings;
    const { file, at } = placeOf(bank, tables, customer);
    const dated = placeOf(bank, tables, date!).at;
    const { config } = await begun(bank);
    const faults: [Tables, RegExp][] = [
      [withTable(bank, file, ([head, ...rows]) => [replaced(head!, at, 'other'), ...rows]), new RegExp(`${customer}`)],
      [
        withTable(bank, file, (rows) => rows.map((row, i) => (i % 100 === 50 ? replaced(row, dated, '2023-13-77') : row))),
        new RegExp(`${date} .*is no date.*in \\d+ rows|does not convert`),
      ],
      [withTable(bank, file, null), new RegExp(file.replace(/\..*/, ''))],
    ];
    for (const [changed, named] of faults) {
      const { stdout, exitCode } = await doctorOn(bank, changed, config);
      expect(stdout).toMatch(named);
      expect(exitCode).not.toBe(0);
    }
  },
);

// a config of `init` for a bank with repeated ids takes one row of each
const uniqueIds = banks.filter(({ customers, name }) => customers.tables.length === 1 && !name.includes('repeated'));

test.each(every(uniqueIds, uniqueIds.slice(0, 1)))('$name: doctor counts copies of 1 % of the customers once', async (bank) => {
  const { config } = await begun(bank);
  const { file } = placeOf(bank, bank.customers.tables, bank.customers.id);
  const repeated = withTable(bank, file, ([head, ...rows]) => [head!, ...rows, ...rows.slice(0, Math.ceil(rows.length / 100))]);
  const { stdout, exitCode } = await doctorOn(bank, repeated, config);
  expect(stdout).toMatch(/repeat another row/);
  expect(exitCode).toBe(0);
});

test('a consent that a night lacks ends the run', async () => {
  const bank = banks.find(({ name }) => name.startsWith('es: customers in two tables'))!;
  const { config } = await begun(bank);
  const consent = /require: "?(\w+) =/.exec(config)?.[1] ?? 'no rule';
  const isThere = ([, [head]]: [string, Tables[string]]) => (head as Cells).includes(consent);
  const [file, [head]] = Object.entries(bank.tables).find(isThere)!;
  const at = (head as Cells).indexOf(consent);
  const changed = withTable(bank, file, ([first, ...rows]) => [replaced(first!, at, 'other'), ...rows]);
  const { folder, stdout } = await doctorOn(bank, changed, config);
  expect(stdout).toContain(consent);
  expect((await basketwise(folder, 'run')).exitCode).not.toBe(0);
});
