import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CustomerExplanation, explainCustomer } from '@basketwise/insight';
import { loadConfig } from '@basketwise/pipeline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { longTest } from '../../cases.ts';
import { contacts, contactsCsv, contactsTable, offeringBank } from './offering-bank.ts';
import { parquetRows } from './parquet-rows.ts';
import { basketwise, testBank, writeBank } from './small-bank.ts';

interface Offer {
  customer: string;
  order: number;
  campaign: string;
  product_code: string;
  probability: number;
  value: number;
  arm: string;
}

async function explained(folder: string, ids: readonly string[]): Promise<CustomerExplanation[]> {
  const settings = await loadConfig(join(folder, 'basketwise.yaml'));
  const found: CustomerExplanation[] = [];
  for (const id of ids) found.push(await explainCustomer(settings, id));
  return found;
}

describe('a night with offers', () => {
  let bank: Awaited<ReturnType<typeof writeBank>>;
  let offers: Offer[];
  let said: string;
  beforeAll(async () => {
    bank = await writeBank(offeringBank());
    const { exitCode, stdout, stderr } = await basketwise(bank.folder, 'run');
    said = stdout;
    expect(stderr).not.toContain('rror');
    expect(exitCode).toBe(0);
    offers = (await parquetRows(bank.folder, 'out/latest/offers.parquet')) as unknown as Offer[];
  });
  afterAll(() => bank.remove());

  test('keeps limits, rest and the control, and counts everyone', async () => {
    const made = offers.filter(({ arm }) => arm === 'offered');
    const age = (id: string) => 20 + ((Number(id) * 7) % 60);
    expect(made.length).toBeGreaterThan(50);
    expect(made.filter(({ campaign }) => campaign === 'insurance-cross').length).toBeLessThanOrEqual(60);
    expect(made.filter(({ product_code }) => product_code === 'D4').length).toBeLessThanOrEqual(30);
    const young = made.filter(({ customer }) => age(customer) < 40).length;
    expect(young).toBeLessThanOrEqual(40);
    expect(young).toBeGreaterThanOrEqual(10);
    expect(new Set(offers.map(({ customer }) => customer)).size).toBe(offers.length);
    for (const { customer, product_code: product, value } of offers) {
      const i = Number(customer);
      expect(value).toBe(product === 'D4' ? 14 : product.startsWith('I') ? 25 : 10);
      if (i % 3 !== 0) continue;
      expect(i % 12).not.toBe(0); // contacted the day before
      const own = contacts.filter((row) => row.startsWith(customer)).map((row) => row.split(','));
      for (const [, what, day, answer] of own) {
        const since = answer === 'NO' ? '2021-08-31' : '2022-08-01';
        if (day! > since) expect(product).not.toBe(what);
      }
      expect(own.filter(([, , day]) => day! > '2022-06-02').length).toBeLessThan(3);
    }
    const { offers: reported } = JSON.parse(await readFile(join(bank.folder, 'out/latest/manifest.json'), 'utf8'));
    const sum = (counts: { candidates: number; offered: number; reasons: Record<string, number> }) =>
      counts.offered + Object.values(counts.reasons).reduce((all, n) => all + n, 0);
    for (const counts of [reported.all, ...reported.campaigns]) expect(sum(counts)).toBe(counts.candidates);
    expect(reported.all.offered).toBe(made.length);
    expect(reported.bound).toBeGreaterThanOrEqual(reported.worth);
    expect(reported.worth).toBeCloseTo(
      made.reduce((all, one) => all + one.probability * one.value, 0),
      3,
    );
  });

  test('an arm is the hash of id and salt, and no contact list has the control', async () => {
    const place = (id: string) => Number.parseInt(createHash('md5').update(`spring:${id}`).digest('hex').slice(0, 8), 16);
    for (const { customer, arm } of offers) expect(arm).toBe(place(customer) < 0.2 * 2 ** 32 ? 'control' : 'offered');
    expect(offers.some(({ arm }) => arm === 'control')).toBe(true);
    const listed = await parquetRows(bank.folder, 'out/latest/contact-list.parquet');
    const made = offers.filter(({ arm }) => arm === 'offered').map(({ arm: _, ...row }) => row);
    expect(listed).toEqual(made);
    const csv = await readFile(join(bank.folder, 'out/latest/offers.csv'), 'utf8');
    expect(csv.split('\n')[0]).toBe('customer,order,campaign,product_code,product_name,probability,value,reason,arm');
  });

  longTest('the control rests after what it would have been offered', async () => {
    const next = await testBank(offeringBank((config) => config.replaceAll('any: 3 days', 'any: 10 days')));
    await writeFile(join(next.folder, 'contacts.csv'), contactsCsv(['0001,D4,2022-06-30,NO']));
    const night = async (date: string) => {
      expect((await basketwise(next.folder, 'run', '--reference-date', date)).exitCode).toBe(0);
      const rows = (await parquetRows(next.folder, 'out/latest/offers.parquet')) as unknown as Offer[];
      return rows.filter(({ arm }) => arm === 'control').map(({ customer }) => customer);
    };
    const [first, second, third] = [await night('2022-08-01'), await night('2022-08-05'), await night('2022-08-12')];
    expect(first.length).toBeGreaterThan(20);
    expect(second.filter((customer) => first.includes(customer))).toEqual([]);
    expect(third.filter((customer) => second.includes(customer))).toEqual([]);
    expect(third.filter((customer) => first.includes(customer)).length).toBeGreaterThan(0);
  });

  longTest('order of rows and number of workers change no byte', async () => {
    const digest = async (folder: string) => {
      const bytes = await readFile(join(folder, 'out/latest/offers.parquet'));
      return createHash('sha256').update(bytes).digest('hex');
    };
    const other = offeringBank((config) => config.replace('workers: 2', 'workers: 1'));
    const turned = (csv: string) => {
      const [head, ...rows] = csv.trim().split('\n');
      return `${[head, ...rows.reverse()].join('\n')}\n`;
    };
    const again = await testBank({ ...other, customers: turned(other.customers), holdings: turned(other.holdings) });
    await writeFile(join(again.folder, 'contacts.csv'), contactsCsv(contacts.toReversed()));
    expect((await basketwise(again.folder, 'run')).exitCode).toBe(0);
    expect(await digest(again.folder)).toBe(await digest(bank.folder));
  });

  test('the run ends with its offers as in the report, the control, what binds and the contact list, in 80 columns', async () => {
    const { offers: shown } = JSON.parse(await readFile(join(bank.folder, 'out/latest/report.json'), 'utf8'));
    const cell = (count: number | null) => (count === null ? '-' : String(count));
    for (const { campaign, candidates, offered, reasons, offers: made } of shown.campaigns) {
      const row = said.split('\n').filter((line) => line.startsWith(`${campaign} `))[1]!;
      expect(row.split(/ +/)).toEqual([campaign, ...[candidates, offered, reasons.control, made].map(cell)]);
    }
    const { customers: all, decided } = shown.control;
    expect(said).toContain(`\ncontrol: 20.0 % of the customers, ${all} in all; ${decided} would get offers\n`);
    const binding = shown.capacities.filter(({ price }: { price: number | null }) => price);
    expect(binding.length).toBeGreaterThan(0);
    const named = /^capacities that bind: (.+)$/m.exec(said)![1]!.split(', ');
    expect(named.toSorted()).toEqual(binding.map(({ name }: { name: string }) => name).sort());
    const [, list] = /^contact list +(.+)$/m.exec(said)!;
    const [head, ...rows] = (await readFile(list!, 'utf8')).trimEnd().split('\n');
    expect(head).toBe('customer,order,campaign,product_code,product_name,probability,value,reason,expected_value');
    const contacts = rows.map((row) => row.split(','));
    expect(contacts.length).toBe(offers.filter(({ arm }) => arm === 'offered').length);
    const worths = contacts.map((cells) => Number(cells.at(-1)));
    expect(worths).toEqual(worths.toSorted((a, b) => b - a));
    for (const [i, cells] of contacts.entries()) expect(worths[i]).toBeCloseTo(Number(cells[5]) * Number(cells[6]), 5);
    const lines = said.split('\n').filter((line) => !line.includes(bank.folder));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  const idOf = (i: number) => String(i).padStart(4, '0');

  test('explain gives the arm, the offers with their values, and the reason of all other campaigns', async () => {
    const isControl = (id: string) =>
      Number.parseInt(createHash('md5').update(`spring:${id}`).digest('hex').slice(0, 8), 16) < 0.2 * 2 ** 32;
    const ids = Array.from({ length: 10 }, (_, i) => idOf(i * 7 + 1));
    for (const [i, { offers: shownOffers }] of (await explained(bank.folder, ids)).entries()) {
      const own = offers.filter(({ customer }) => customer === ids[i]);
      expect(shownOffers!.offers).toMatchObject(own.map(({ order, campaign, value }) => ({ order, campaign, value })));
      expect(shownOffers!.arm).toBe(isControl(ids[i]!) ? 'control' : own.length > 0 ? 'contacted' : 'none');
      expect(shownOffers!.variant).toBeNull();
      for (const { campaign, status, coolOff, capacities } of shownOffers!.campaigns) {
        expect(status === 'offered').toBe(shownOffers!.arm === 'contacted' && own.some((one) => one.campaign === campaign));
        expect(coolOff !== null).toBe(status === 'cool-off');
        if (status !== 'capacity') expect(capacities).toEqual([]);
      }
    }
  });

  test('the last day of a cool-off is that of the policy', async () => {
    // contacted on 2022-08-30, and `any` is 3 days
    const resting = (await explained(bank.folder, [12, 24, 36, 48].map(idOf))).flatMap(
      ({ offers: shownOffers }) => shownOffers!.campaigns,
    );
    const dates = resting.flatMap(({ campaign, coolOff }) =>
      campaign === 'insurance-cross' && coolOff !== null ? [coolOff] : [],
    );
    expect(dates.length).toBeGreaterThan(0);
    expect(new Set(dates)).toEqual(new Set(['2022-09-01']));
  });

  test('the terminal has a line for each offer and each reason', async () => {
    const id = offers.find(({ arm }) => arm === 'offered')!.customer;
    const { stdout, exitCode } = await basketwise(bank.folder, 'explain', id);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^offers: contacted\n {2}1 {2}.+: value (10|14|25) x probability 0\.\d{4} = \d+\.\d{4}$/m);
    expect(stdout).not.toContain(id);
    const control = offers.find(({ arm }) => arm === 'control')!.customer;
    expect((await basketwise(bank.folder, 'explain', control)).stdout).toContain(
      '\noffers: in the control, never contacted; would be offered\n',
    );
  });

  test('the report shows offers', async () => {
    const page = await readFile(join(bank.folder, 'out/latest/report.html'), 'utf8');
    expect(page).toContain('<details id="offers"><summary><h2>Offers</h2></summary>');
    expect(page).toMatch(
      /<dt>Whom do we contact\?<\/dt><dd>About \d+ customers, on contact-list.csv\. .*<a href="contact-list.csv">/,
    );
    expect(page).toContain('Use of capacities');
    expect(page).toContain('Value of one more offer');
    expect(page).toContain('How much more all would be worth without a capacity, at most');
    const { offers: reported } = JSON.parse(await readFile(join(bank.folder, 'out/latest/report.json'), 'utf8'));
    expect(reported.capacities.map(({ name }: { name: string }) => name)).toEqual(['calls', 'young', 'savings']);
  });
});

longTest('reasons of all customers add up to those of the run', async () => {
  const few = (config: string) =>
    config.replace('calls: { most: 60', 'calls: { most: 15').replace('savings: { most: 30', 'savings: { most: 5');
  const bank = await testBank(offeringBank(few, 120));
  expect((await basketwise(bank.folder, 'run')).exitCode).toBe(0);
  const { offers } = JSON.parse(await readFile(join(bank.folder, 'out/latest/manifest.json'), 'utf8'));
  const lists = (await parquetRows(bank.folder, 'out/latest/recommendations.parquet')) as unknown as Offer[];
  const all = await explained(bank.folder, [...new Set(lists.map(({ customer }) => customer))]);
  const seen = new Set<string>();
  for (const { campaign, offered, reasons } of offers.campaigns) {
    const counts: Record<string, number> = {};
    for (const { offers: own } of all) {
      const { status } = own!.campaigns.find((one) => one.campaign === campaign)!;
      counts[status] = (counts[status] ?? 0) + 1;
      seen.add(status);
    }
    const count = (...names: string[]) => names.reduce((sum, name) => sum + (counts[name] ?? 0), 0);
    expect(count('offered')).toBe(offered);
    expect(count('control')).toBe(reasons.control);
    expect(count('cool-off')).toBe(reasons.rest);
    expect(count('no-value', 'worth-less')).toBe(reasons['worth less']);
    expect(count('never-together')).toBe(reasons['never together']);
    expect(count('capacity')).toBe(reasons.capacity);
  }
  expect([...seen]).toEqual(expect.arrayContaining(['offered', 'control', 'cool-off', 'capacity']));
  const { capacities } = all.flatMap(({ offers: own }) => own!.campaigns).find((one) => one.capacities.length > 0)!;
  expect(['calls', 'young', 'savings']).toEqual(expect.arrayContaining([...capacities]));
});

describe('what cannot be decided on is refused', () => {
  const cases: [string, string | RegExp, string, number, string][] = [
    ['a column that is not there', 'when: day', 'when: dai', 65, 'tables.contacts: contacts.csv has no column dai'],
    [
      'customers that are none',
      'customer: customer, what: what',
      'customer: what, what: customer',
      65,
      'tables.contacts: no what of contacts.csv is a customer',
    ],
    ['dates that are none', '', '', 65, 'tables.contacts: day of contacts.csv is no date in 1 rows'],
    [
      'values that are none',
      /value: \{.*\}/,
      'value: sale_end',
      65,
      'tables.products: column sale_end of products.csv holds no numbers',
    ],
    [
      'a campaign that is none',
      '[insurance-cross] }',
      '[cross] }',
      78,
      'offers.capacity.calls.campaigns[0]: no campaign `cross`',
    ],
    ['holdings without dates', ', date: opened', '', 78, 'offers: the value of an offer is value x probability'],
    ['rest without contacts', contactsTable, '', 78, 'offers.contacts: rest needs to know of earlier contacts'],
  ];
  const columnOf = (value: string) => {
    const bank = offeringBank((config) => config.replace(/value: \{.*\}/, 'value: margin'));
    const [head, ...rows] = bank.products.trim().split('\n');
    const margins = rows.map((row) => `${row},${row.startsWith('I1') ? value : '12.5'}`);
    return { ...bank, products: `${[`${head},margin`, ...margins].join('\n')}\n` };
  };
  test.each([
    ['', 'product I1 of products.csv has no value in margin (offers.value)'],
    ['-3', 'product I1 of products.csv has the value -3 in margin (offers.value)'],
  ])('a value of %j in a column', async (value, message) => {
    const bank = await testBank(columnOf(value));
    const outcome = await basketwise(bank.folder, 'run');
    expect(outcome.stderr).toContain(message);
    expect(outcome.stderr).toContain('a number of at least 0 for every product that is on sale');
    expect(outcome.exitCode).toBe(65);
  });

  test('a value that 32-bit floats do not hold', async () => {
    const sql = `sql: "SELECT *, CASE code WHEN 'I1' THEN 1e39 ELSE 12.5::DOUBLE END AS margin FROM 'products.csv'"`;
    const bank = await testBank(
      offeringBank((config) => config.replace(/value: \{.*\}/, 'value: margin').replace('from: products.csv', sql)),
    );
    const outcome = await basketwise(bank.folder, 'run');
    expect(outcome.stderr).toContain('has the value 1e+39 in margin (offers.value)');
    expect(outcome.exitCode).toBe(65);
  });

  test('a recommended product without a value ends the run', async () => {
    const bank = await testBank(offeringBank((config) => config.replace('deposit: 10, ', '')));
    const run = await basketwise(bank.folder, 'run');
    expect([run.exitCode, run.stderr]).toEqual([78, expect.stringContaining('is recommended, but has no value')]);
  });

  test.each(cases)('%s', async (name, from, to, exitCode, message) => {
    const bank = await testBank(offeringBank((config) => config.replace(from, to)));
    if (name === 'dates that are none') await writeFile(join(bank.folder, 'contacts.csv'), contactsCsv(['0001,D1,yesterday,']));
    const outcome = await basketwise(bank.folder, 'run');
    expect(outcome.stderr).toContain(message);
    expect(outcome.exitCode).toBe(exitCode);
  });
});
