import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { openDuckdb } from '@basketwise/data';
import { dryRun, evaluate, tune } from '@basketwise/insight';
import { loadConfig, type RunReport, runJob } from '@basketwise/pipeline';
import { describe, expect, test } from 'vitest';
import { longTest, some } from '../../cases.ts';
import { type SmallBank, smallBank, testBank } from './small-bank.ts';

/** A bank whose lists are made fast: what is read is tested, not what is made of it. */
const small = { ...smallBank(), config: smallBank().config.replace(/^model:.*$/m, 'model: { kind: popularity }') };
const optedOut = "id NOT IN (SELECT id FROM 'lists/out.csv')";

/** A small bank whose config is changed, with an empty list of customers who opted out. */
async function bankWith(change: (config: string) => string, bank: Partial<SmallBank> = {}) {
  const { folder } = await testBank({ ...small, ...bank, config: change(small.config) });
  mkdirSync(join(folder, 'lists'));
  const file = (name: string) => join(folder, name);
  const list = (ids: readonly string[], name = 'lists/out.csv') => writeFileSync(file(name), `id\n${ids.join('\n')}\n`);
  list(['none']);
  const run = async (step?: (text: string) => void): Promise<RunReport> =>
    runJob(await loadConfig(file('basketwise.yaml')), { acceptDrop: true, ...(step && { listener: { step } }) });
  const planned = async () => dryRun(await loadConfig(file('basketwise.yaml')));
  return { folder, file, list, run, planned };
}

const isSkipped = ({ stages }: RunReport) => stages.every(({ status }) => status === 'skipped');
const allCustomers = small.customers
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(',')[0]!);
const rule = (sql: string) => (config: string) =>
  `${config.replace(`"consent = 'Y'"`, `"${sql}"`)}consent: { none: a list has it }\n`;
const tableBySql = (table: string, sql: string) => (config: string) =>
  config.replace(`${table}: { from: ${table}.csv`, `${table}: { sql: "${sql}"`);

describe('what a run reads is part of what it depends on', () => {
  const joined = "SELECT c.* FROM 'customers.csv' c";
  const columns = "{'customer': 'VARCHAR', 'product': 'VARCHAR', 'opened': 'VARCHAR'}";
  const readings: [string, (config: string) => string][] = [
    ['a list in a rule', rule(optedOut)],
    ['a list in a table function', rule("id NOT IN (SELECT id FROM read_csv(['lists/out.csv'], all_varchar = true))")],
    ['a text file in a rule', rule("NOT contains((SELECT content FROM read_text('lists/*.csv')), id)")],
    ['a list in a derived column', (config) => rule('FREE')(config).replace('rules:', `derive: { FREE: "${optedOut}" }\nrules:`)],
    ['a list in a cluster scheme', (config) => `${config}clusters:\n  all: { where: "${optedOut}", k: 1, numeric: [age] }\n`],
    [
      'a list in the holdings',
      (config) => config.replace('date: opened', `date: opened, where: "${optedOut.replace('id NOT', 'customer NOT')}"`),
    ],
    ['a list in a query', tableBySql('customers', `${joined} WHERE ${optedOut}`)],
    [
      'a file in a query, by its whole path',
      tableBySql(
        'holdings',
        `SELECT * FROM read_csv('FOLDER/holdings.csv', columns = ${columns}) WHERE customer NOT IN (SELECT id FROM 'FOLDER/lists/out.csv')`,
      ),
    ],
  ];
  test.each(some(readings, 1))('%s', async (_, change) => {
    const { folder, file, list, planned } = await bankWith(change);
    writeFileSync(file('basketwise.yaml'), readFileSync(file('basketwise.yaml'), 'utf8').replaceAll('FOLDER', folder));
    const { run: first } = await planned();
    list(allCustomers.slice(0, 20));
    expect((await planned()).run).not.toBe(first);
    list(['none']);
    expect((await planned()).run).toBe(first);
  });

  test('after all have opted out, no customer is served', async () => {
    const { list, run, planned } = await bankWith(rule(optedOut));
    const { run: name } = await planned();
    const first = await run();
    expect([first.run, first.campaigns.some(({ served }) => served > 0)]).toEqual([name, true]);
    list(allCustomers);
    expect((await run()).campaigns.map(({ served }) => served)).toEqual([0, 0]);
  });

  longTest('files and folders behind links', async () => {
    const { file, list, planned } = await bankWith((config) =>
      rule("id NOT IN (SELECT id FROM 'lists/link.csv')")(config).replace('holdings.csv', 'linked/h*.csv'),
    );
    symlinkSync('out.csv', file('lists/link.csv'));
    mkdirSync(file('deliveries'));
    for (const day of ['1', '2']) mkdirSync(file(`deliveries/${day}`));
    writeFileSync(file('deliveries/1/h.csv'), small.holdings);
    writeFileSync(file('deliveries/2/h.csv'), small.holdings.replace('정기예금', '적금'));
    symlinkSync('deliveries/1', file('linked'));
    const first = await planned();
    list(allCustomers.slice(0, 20));
    const second = await planned();
    rmSync(file('linked'));
    symlinkSync('deliveries/2', file('linked'));
    const third = await planned();
    expect(new Set([first, second, third].map(({ run: name }) => name)).size).toBe(3);
  });

  longTest('a database file, the log beside it, and files that its views read', async () => {
    const { file, list, planned } = await bankWith((config) =>
      config.replace('path: .', 'path: bank.duckdb').replace(/from: (\w+)\.csv/g, 'from: $1'),
    );
    const write = async (...statements: string[]) => {
      const engine = await openDuckdb({ memory: '200MB', threads: 1, tempDirectory: file('spill') });
      await engine.run(`ATTACH '${file('bank.duckdb')}' AS bank`);
      await engine.run("SET GLOBAL checkpoint_threshold = '1GB'");
      for (const statement of statements) await engine.run(`USE bank; ${statement}`);
      return engine;
    };
    const tables = ['customers', 'products', 'holdings'].map(
      (table) => `CREATE TABLE bank.all_${table} AS FROM read_csv('${file(`${table}.csv`)}', all_varchar = true)`,
    );
    const views = [
      `CREATE VIEW bank.customers AS SELECT id, CAST(age AS int) AS age, consent FROM all_customers WHERE id NOT IN (SELECT id FROM read_csv('${file('lists/out.csv')}', all_varchar = true))`,
      'CREATE VIEW bank.products AS FROM all_products',
      'CREATE VIEW bank.holdings AS FROM all_holdings',
    ];
    const maker = await write(...tables, ...views, 'CHECKPOINT bank');
    await maker.close();
    const first = await planned();
    list(allCustomers.slice(0, 20));
    const second = await planned();
    const writer = await write("DELETE FROM bank.all_holdings WHERE customer < '0010'");
    // a copy of what is there while another process has written to the log alone
    const copies = ['bank.duckdb', 'bank.duckdb.wal'].map((name) => [name, readFileSync(file(name))] as const);
    await writer.close();
    for (const [name, bytes] of copies) writeFileSync(file(name), bytes);
    expect(existsSync(file('bank.duckdb.wal'))).toBe(true);
    const third = await planned();
    expect(new Set([first, second, third].map(({ run: name }) => name)).size).toBe(3);
    expect(third.rows.holdings).toBeLessThan(first.rows.holdings);
  });

  test('not what lies beside, what the run itself writes included', async () => {
    const { file, run } = await bankWith(tableBySql('customers', "SELECT * FROM 'customers.csv'"));
    const first = await run();
    expect(isSkipped(await run())).toBe(true);
    writeFileSync(file('beside.csv'), 'id\n');
    expect((await run()).run).toBe(first.run);
  });

  test('a pattern that finds what runs have written is refused', async () => {
    const { run } = await bankWith((config) => config.replace('holdings.csv', "'**/holdings.*'"));
    await expect(run()).rejects.toMatchObject({ code: 'config', message: expect.stringContaining('which is in output.dir') });
  });

  test('a file that no text of the config names is refused: its changes could not be detected', async () => {
    const { folder, run } = await bankWith(
      rule("id NOT IN (SELECT id FROM read_csv('lists/' || 'out.csv', all_varchar = true))"),
    );
    await expect(run()).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining('reads files whose name is no literal'),
    });
    expect(existsSync(join(folder, 'out', 'latest'))).toBe(false);
  });
});

describe('an input that changed since it was hashed is refused, and nothing is published', () => {
  type Bank = Awaited<ReturnType<typeof bankWith>>;
  const replace = ({ file }: Bank, name: string, text: string) => {
    writeFileSync(file(`${name}.next`), text);
    renameSync(file(`${name}.next`), file(name));
  };
  const swaps: Record<string, (bank: Bank) => void> = {
    'a table replaced': (bank) => replace(bank, 'holdings.csv', small.holdings.replace('적금', '정기예금')),
    'a table written to, its times put back': ({ file }) => {
      const { atime, mtime } = statSync(file('holdings.csv'));
      writeFileSync(file('holdings.csv'), small.holdings.replace('적금', '연금보험').replace('연금보험', '적금'));
      utimesSync(file('holdings.csv'), atime, mtime);
    },
    'a list replaced': (bank) => replace(bank, 'lists/out.csv', 'id\n0001\n'),
    'a link pointed elsewhere': ({ file }) => {
      rmSync(file('linked'));
      symlinkSync('other', file('linked'));
    },
    'a file more for a pattern': ({ file }) => writeFileSync(file('delivery/c2.csv'), 'id,age,consent\n9999,30,Y\n'),
  };
  const config = (text: string) =>
    rule("id NOT IN (SELECT id FROM 'lists/out.csv') AND id NOT IN (SELECT id FROM 'linked/x.csv')")(text).replace(
      'customers.csv',
      'delivery/*.csv',
    );
  const prepared = async () => {
    const bank = await bankWith(config);
    for (const name of ['delivery', 'one', 'other']) mkdirSync(bank.file(name));
    writeFileSync(bank.file('delivery/c1.csv'), small.customers);
    bank.list(['0002'], 'one/x.csv');
    bank.list(['0003'], 'other/x.csv');
    symlinkSync('one', bank.file('linked'));
    return bank;
  };

  test.each(some(Object.keys(swaps), 1))('%s between hashing and reading', async (name) => {
    const bank = await prepared();
    const once = (text: string) => text === 'check' && swaps[name]!(bank);
    await expect(bank.run(once)).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringContaining('has changed while it was read'),
      hint: expect.stringContaining('run again'),
    });
    expect(existsSync(bank.file('out/latest'))).toBe(false);
    const { stages } = await bank.run();
    expect(stages[0]).toMatchObject({ name: 'extract', status: 'done' });
  });

  test.each(some(['a file', 'a link'], 1))('%s swapped before it was read, and put back after', async (what) => {
    const bank = await prepared();
    const name = what === 'a file' ? 'lists/out.csv' : 'linked';
    const swap = (text: string) => {
      if (text === 'check') {
        renameSync(bank.file(name), bank.file(`${name}.aside`));
        if (what === 'a file') bank.list(['0004']);
        else symlinkSync('other', bank.file(name));
      }
      if (text === 'hash') renameSync(bank.file(`${name}.aside`), bank.file(name));
    };
    await expect(bank.run(swap)).rejects.toMatchObject({ code: 'bad-data' });
    expect(lstatSync(bank.file(name)).isSymbolicLink()).toBe(what === 'a link');
    expect(existsSync(bank.file('out/latest'))).toBe(false);
  });

  const commands = [
    ['evaluate', evaluate, 'evaluation.json'],
    ['tune', tune, 'tune.json'],
  ] as const;
  test.each(some(commands, 1))('%s looks at them again, too', async (_, work, file) => {
    const bank = await prepared();
    writeFileSync(
      bank.file('basketwise.yaml'),
      `${readFileSync(bank.file('basketwise.yaml'), 'utf8').replace('kind: popularity', 'factors: 4')}tune: { parameters: { factors: [2, 3] } }\n`,
    );
    const step = (text: string) => text.endsWith(': check') && swaps['a list replaced']!(bank);
    await expect(work(await loadConfig(bank.file('basketwise.yaml')), { step })).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringContaining('has changed while it was read'),
    });
    expect(existsSync(bank.file(`out/${file}`))).toBe(false);
  });
});
