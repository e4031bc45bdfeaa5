import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { type Config, loadConfig } from '@basketwise/pipeline';
import { expect, onTestFinished, test } from 'vitest';
import { longTest, some } from '../../cases.ts';
import { basketwise, program, unwrapped } from '../pipeline/small-bank.ts';
import { clientBank, kundenBank, partyBank, type Tables, undatedBank, untranslatedBank, writeTables } from './strange-banks.ts';

/** A bank in the folder `data` of a new folder. */
async function bankOf(tables: Tables): Promise<string> {
  const { folder, remove } = await writeTables(tables);
  onTestFinished(remove);
  return folder;
}

async function configIn(folder: string): Promise<Config> {
  return (await loadConfig(join(folder, 'basketwise.yaml'))).config;
}

/** Replaces a text of the config. */
function edit(folder: string, from: string, to: string): void {
  const file = join(folder, 'basketwise.yaml');
  const text = readFileSync(file, 'utf8');
  expect(text).toContain(from);
  writeFileSync(file, text.replace(from, to));
}

interface InitJson {
  referenceDate: string | null;
  unused: string[];
  notes: { line: number; key: string; kind: string; text: string }[];
}

const strange = [
  {
    bank: 'integer ids, codes, moments, consents to be joined, tables that are none of it',
    tables: clientBank,
    keys: { id: 'client_id', since: 'since' },
    history: undefined,
    products: { from: 'catalogue.csv', code: 'code', name: 'title', class: 'family', sale_end: 'valid_to' },
    holdings: { customer: 'client_id', product: 'product_code', by: 'code', date: 'opened_at', closed: 'closed_at', where: null },
    zone: 'UTC',
    classes: ['Cards', 'Loans', 'Savings'],
    rule: "granted = 'Y'",
    fixed: ['birth_date', 'gender'],
  },
  {
    bank: 'names instead of codes, leading zeros, days as integers, a status, an opt-out',
    tables: kundenBank,
    keys: { from: 'kunden.parquet', id: 'kundennr' },
    history: undefined,
    products: { code: 'produkt_id', name: 'bezeichnung', class: 'art', sale_end: 'sale_ended' },
    holdings: {
      from: 'vertraege.parquet',
      customer: 'kunde',
      product: 'produkt',
      by: 'name',
      date: 'eroeffnet',
      closed: null,
      where: "status IN ('ACTIVE')",
    },
    zone: undefined,
    classes: ['Depot', 'Einlagen', 'Kredite', 'Vorsorge'],
    rule: 'werbung_opt_out = 0',
    fixed: ['geburtsdatum', 'geschlecht'],
  },
  {
    bank: 'a state of customers and of holdings for each month, everything numbered from 1',
    tables: partyBank,
    keys: { id: 'party_no' },
    history: { from: 'party_monthly.csv', id: 'party_no', date: 'month_end' },
    products: { from: 'items.csv', code: 'item_no', name: 'label', class: 'kind', sale_end: null },
    holdings: { customer: 'party_no', product: 'item_no', by: 'code', date: 'first_seen', closed: 'gone_after' },
    zone: undefined,
    classes: ['deposit', 'fund'],
    rule: "may_contact_optin = 'true'",
    fixed: [],
  },
];

test.each(some(strange, 0))('$bank: init finds the keys, and the run goes through with nothing edited', async (truth) => {
  const folder = await bankOf(truth.tables());
  const made = await basketwise(folder, 'init', 'data');
  expect(made.exitCode).toBe(0);
  const { tables, source, reference_date, campaigns, rules, features = {} } = await configIn(folder);
  expect(tables.customers).toMatchObject(truth.keys);
  expect(tables.customers.history).toEqual(truth.history);
  expect(tables.products).toMatchObject(truth.products);
  expect(tables.holdings).toMatchObject(truth.holdings);
  expect(source.time_zone).toBe(truth.zone);
  expect(reference_date).toBe('2023-12-31');
  const of = (kind: string) => Object.values(campaigns).flatMap((one) => (one.kind === kind ? [one.class] : []));
  expect(of('upsell').sort()).toEqual(truth.classes);
  expect(of('cross').sort()).toEqual(truth.classes);
  expect(rules.map(({ require }) => require)).toEqual([truth.rule]);
  const fixed = Object.entries(features).filter(([, feature]) => 'fixed' in feature && feature.fixed);
  expect(fixed.map(([name]) => name).sort()).toEqual(truth.fixed);
  for (const name of truth.fixed)
    expect(made.stderr + made.stdout).toMatch(new RegExp(`features\\.${name}: models rank by a fact about persons`));
  const run = await basketwise(folder, 'run');
  expect(run.stderr).not.toMatch(/^basketwise: /m);
  expect(run.exitCode).toBe(0);
  const lists = readFileSync(join(folder, 'out/latest/recommendations.csv'), 'utf8');
  expect(lists.split('\n').length).toBeGreaterThan(100);
});

longTest('the joined consent is the newest of those for marketing, as of the reference date', async () => {
  const folder = await bankOf(clientBank());
  await basketwise(folder, 'init', 'data');
  const counted = async (...args: string[]) => {
    const { stdout, exitCode } = await basketwise(folder, 'run', '--accept-drop', '--stage', 'extract', '--json', ...args);
    expect(exitCode).toBe(0);
    const snapshot = join(folder, 'out/runs', JSON.parse(stdout).run, 'snapshot/manifest.json');
    const { customers, rules } = JSON.parse(readFileSync(snapshot, 'utf8'));
    return { of: customers.kept, eligible: rules[0].eligible };
  };
  // of 600 every third has refused, and every seventh has withdrawn in February 2022
  const granted = Array.from({ length: 600 }, (_, i) => i).filter((i) => i % 3 !== 0);
  expect(await counted()).toEqual({ of: 600, eligible: granted.filter((i) => i % 7 !== 0).length });
  expect(await counted('--reference-date', '2021-12-31')).toEqual({ of: 600, eligible: granted.length });
});

const unfinished = [
  ['no days', undatedBank, 'reference_date', /^reference_date: required, and missing/],
  [
    'codes that no table translates',
    untranslatedBank,
    'tables.holdings.product',
    /basketwise\.yaml:\d+:\d+ tables\.holdings\.product: required, and missing/,
  ],
] as const;
test.each(some(unfinished, 1))(
  'a bank with %s needs an edit: init says on which line, and the run says so too',
  async (_, tables, key, refusal) => {
    const folder = await bankOf(tables());
    const made = await basketwise(folder, 'init', 'data', '--json');
    expect(made.exitCode).toBe(0);
    const { notes } = JSON.parse(made.stdout) as InitJson;
    const [edit, ...more] = notes.filter(({ kind }) => kind === 'edit');
    expect(more).toEqual([]);
    expect(edit!.key).toBe(key);
    const lines = readFileSync(join(folder, 'basketwise.yaml'), 'utf8').split('\n');
    expect(lines[edit!.line - 1]).toContain(`# ${key.split('.').at(-1)}: `);
    const run = await basketwise(folder, 'run');
    expect(run.exitCode).toBe(78);
    expect(run.stderr.replace(/^basketwise: /, '')).toMatch(refusal);
    if (key !== 'reference_date') return;
    // the line as it is meant, and the run goes through
    lines[edit!.line - 1] = 'reference_date: 2023-12-31';
    writeFileSync(join(folder, 'basketwise.yaml'), lines.join('\n'));
    expect((await basketwise(folder, 'run')).exitCode).toBe(0);
  },
);

test('a table that fits nothing is named, on the terminal and in the config; a folder of nothing else is refused', async () => {
  const folder = await bankOf(clientBank());
  const { stdout } = await basketwise(folder, 'init', 'data');
  expect(stdout).toContain('not used    fx_rates.csv');
  expect(readFileSync(join(folder, 'basketwise.yaml'), 'utf8')).toContain(
    '# fx_rates.csv fits nothing: none of its columns has the keys',
  );
  expect((await basketwise(folder, 'init', 'data')).exitCode).toBe(74);
  const { 'fx_rates.csv': rates } = clientBank();
  const other = await bankOf({ 'fx_rates.csv': rates! });
  const refused = await basketwise(other, 'init', 'data');
  expect(refused.exitCode).toBe(66);
  expect(refused.stderr).toMatch(
    /no table refers to a table of customers.*\n {2}fx_rates\.csv \(40 rows: pair, quoted_on, rate\)/,
  );
  expect(existsSync(join(other, 'basketwise.yaml'))).toBe(false);
});

test('ids that lack their zeros are an edit whose line says what to do', async () => {
  const { 'vertraege.parquet': contracts, ...others } = kundenBank();
  const stripped = contracts!.map((row, i) => row.map((cell, column) => (i > 0 && column === 1 ? String(Number(cell)) : cell)));
  const folder = await bankOf({ ...others, 'vertraege.parquet': stripped });
  const { notes } = JSON.parse((await basketwise(folder, 'init', 'data', '--json')).stdout) as InitJson;
  const [edit] = notes.filter(({ kind }) => kind === 'edit');
  expect(edit).toMatchObject({ key: 'tables.holdings.customer' });
  expect(edit!.text).toContain('100 % of the values are those of kunden.parquet.kundennr except for leading zeros or case');
});

test('consents of unknown meaning stop runs until a rule asks for them, or a reason is given why none does', async () => {
  const { 'consents.csv': consents, ...others } = clientBank();
  const granted = consents!.map((row) => row.map((cell) => (cell === 'Y' ? 'P' : cell === 'N' ? 'Q' : cell)) as typeof row);
  const folder = await bankOf({ ...others, 'consents.csv': granted } as Tables);
  const { exitCode, stdout } = await basketwise(folder, 'init', 'data');
  expect([exitCode, stdout]).toEqual([
    0,
    expect.stringMatching(/basketwise\.yaml:\d+ consent: lists could go to customers who have objected/),
  ]);
  expect((await configIn(folder)).consent).toBe('undecided');
  for (const command of [['run'], ['run', '--dry-run']]) {
    const refused = await basketwise(folder, ...command);
    expect([refused.exitCode, refused.stderr]).toEqual([
      78,
      expect.stringMatching(/basketwise\.yaml:\d+:\d+ consent: lists would go/),
    ]);
  }
  expect(existsSync(join(folder, 'out'))).toBe(false);
  expect((await basketwise(folder, 'doctor', '--data')).exitCode).toBe(78);
  edit(folder, 'undecided', '{ none: "lists are for a branch, which asks" }');
  const served = await basketwise(folder, 'run');
  expect([served.exitCode, unwrapped(served.stderr)]).toEqual([
    0,
    expect.stringContaining('consent: no consent of customers is asked for: lists are for a branch, which asks'),
  ]);
});

test('without a folder init writes the template, as before', async () => {
  const folder = await bankOf({});
  expect((await basketwise(folder, 'init')).stdout).toContain('wrote basketwise.yaml: set its paths and columns');
  expect((await configIn(folder)).tables.customers.id).toBe('csno');
  expect((await basketwise(folder, 'init', 'other.yaml')).exitCode).toBe(0);
  expect(existsSync(join(folder, 'other.yaml'))).toBe(true);
});

test('on a terminal it asks, with the guesses filled in: enter takes one, another answer is heard, a wrong one is asked again', async () => {
  const folder = await bankOf(clientBank());
  const child = spawn('script', ['-qec', `${process.execPath} ${program} init data`, '/dev/null'], { cwd: folder });
  let said = '';
  /** Lines that had been said when the last answer was given: one is given to each line, however often the terminal draws it. */
  let answered = 0;
  const answers = new Map<string, string[]>([
    ['with the day of closing: ', ['\u0015no_such\n', '\u0015-\n']],
    ['day to recommend as of: ', ['\u00152023-06-30\n']],
  ]);
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    const lines = said.split('\n');
    const prompt = /(table of \w+|column [^\n:]*|day to recommend as of): \S+$/.exec(stripVTControlCharacters(lines.at(-1)!));
    if (!prompt || lines.length === answered) return;
    answered = lines.length;
    const special = [...answers].find(([text]) => prompt[0].includes(text))?.[1].shift();
    setTimeout(() => child.stdin.write(special ?? '\n'), 50);
  });
  const exitCode = await new Promise((resolve) => child.on('close', resolve));
  said = stripVTControlCharacters(said);
  expect(said).toContain('table of customers: clients.csv');
  expect(said).toContain('there are: opened_at, closed_at, -');
  expect(exitCode).toBe(0);
  const { tables, reference_date } = await configIn(folder);
  expect(tables.holdings).toMatchObject({ customer: 'client_id', product: 'product_code', closed: null });
  expect(reference_date).toBe('2023-06-30');
});
