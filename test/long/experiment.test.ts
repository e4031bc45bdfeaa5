import { createHash } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRandom } from '@basketwise/core';
import { explainCustomer } from '@basketwise/insight';
import { loadConfig, readEarlierRuns } from '@basketwise/pipeline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parquetRows } from '../e2e/pipeline/parquet-rows.ts';
import { basketwise, smallBank, writeBank } from '../e2e/pipeline/small-bank.ts';

const section = `
offers:
  value: 10
  capacity: { calls: { most: 601 }, cross: { most: 41, campaigns: [insurance-cross] } }
  control: { share: 0.3, salt: spring }
  experiment:
    name: popular
    share: 0.5
    salt: autumn
    instead: { insurance-cross: insurance-popular }
    value: { classes: { insurance: 20 }, others: 10 }
`;

interface Offer {
  customer: string;
  campaign: string;
  product_code: string;
  value: number;
  arm: string;
}

let bank: Awaited<ReturnType<typeof writeBank>>;
let nights: Offer[][];

const inVariant = (id: string) =>
  Number.parseInt(createHash('md5').update(`autumn:${id}`).digest('hex').slice(0, 8), 16) < 0.5 * 2 ** 32;
const isIn = (variant: boolean) => (offer: Offer) => inVariant(offer.customer) === variant;

/** Of each arm, customers who were offered something, and who bought it. */
const counted = { base: [0, 0], popular: [0, 0], 'base control': [0, 0], 'popular control': [0, 0] };

beforeAll(async () => {
  const small = smallBank(1500);
  const other = '  insurance-popular: { kind: cross, class: insurance, model: { kind: popularity } }\n';
  bank = await writeBank({ ...small, config: small.config.replace(/^model:/m, `${other}model:`).concat(section) });
  const night = async (date: string, ...rest: string[]) => {
    const { exitCode, stderr } = await basketwise(bank.folder, 'run', '--reference-date', date, ...rest);
    expect(stderr).not.toContain('rror');
    expect(exitCode).toBe(0);
    return (await parquetRows(bank.folder, 'out/latest/offers.parquet')) as unknown as Offer[];
  };
  const first = await night('2022-06-30');
  const { next } = createRandom(7);
  const names = Object.fromEntries(small.products.split('\n').map((line) => line.split(',').slice(0, 2) as [string, string]));
  const lines: string[] = [];
  const held = new Set(small.holdings.split('\n').map((line) => line.split(',').slice(0, 2).join()));
  const buys = new Set(
    small.holdings.split('\n').flatMap((line) => {
      const [who, what, day] = line.split(',');
      return day! > '2022-06-30' && day! <= '2022-07-30' ? [`${who},${what}`] : [];
    }),
  );
  for (const { customer, product_code: code, arm } of first) {
    const key = `${customer},${names[code]}`;
    const isControl = arm.startsWith('control');
    const rate = isControl ? 0.1 : inVariant(customer) ? 0.6 : 0.3;
    const reacts = next() < rate && !held.has(key);
    if (reacts) lines.push(`${key},2022-07-10`);
    const count = counted[`${inVariant(customer) ? 'popular' : 'base'}${isControl ? ' control' : ''}`];
    count[0]!++;
    if (reacts || buys.has(key)) count[1]!++;
  }
  await appendFile(join(bank.folder, 'holdings.csv'), `${lines.join('\n')}\n`);
  nights = [first, await night('2022-08-31', '--accept-drop')];
});
afterAll(() => bank.remove());

test('a variant is the hash of id and salt alone, has its own campaign and value, and its share of each capacity', () => {
  for (const offers of nights) {
    for (const { customer, campaign, product_code: code, value, arm } of offers) {
      expect(arm.endsWith(' popular')).toBe(inVariant(customer));
      expect(campaign).not.toBe(inVariant(customer) ? 'insurance-cross' : 'insurance-popular');
      expect(value).toBe(inVariant(customer) && code.startsWith('I') ? 20 : 10);
    }
    const made = offers.filter(({ arm }) => arm.startsWith('offered'));
    expect(made.filter(isIn(true)).length).toBeLessThanOrEqual(301);
    expect(made.filter(isIn(false)).length).toBeLessThanOrEqual(300);
    const [cross, popular] = ['insurance-cross', 'insurance-popular'].map((name) =>
      made.filter(({ campaign }) => campaign === name),
    );
    // 41 in all: half of them for the variant, rounded
    expect(cross!.length).toBe(20);
    expect(popular!.length).toBe(21);
  }
  expect(counted['base control'][0]).toBeGreaterThan(30);
  expect(counted['popular control'][0]).toBeGreaterThan(30);
});

test('explain gives the variant, its offers, and a reason for each campaign of the other', async () => {
  const settings = await loadConfig(join(bank.folder, 'basketwise.yaml'));
  const made = nights.at(-1)!;
  const arms = ['offered', 'control', 'offered popular', 'control popular'];
  const ids = arms.map((arm) => made.find((one) => one.arm === arm)!.customer);
  const without = Array.from({ length: 1500 }, (_, i) => String(i).padStart(4, '0'));
  ids.push(without.find((id) => inVariant(id) && made.every(({ customer }) => customer !== id))!);
  for (const [i, id] of ids.entries()) {
    const { offers, campaigns } = await explainCustomer(settings, id);
    const own = made.filter(({ customer }) => customer === id);
    const isControl = arms[i]?.startsWith('control') ?? offers!.arm === 'control';
    expect(offers!.variant).toBe(inVariant(id) ? 'popular' : 'base');
    expect(offers!.arm).toBe(isControl ? 'control' : own.length > 0 ? 'contacted' : 'none');
    expect(offers!.offers).toMatchObject(own.map(({ campaign, product_code: code, value }) => ({ campaign, code, value })));
    const other = inVariant(id) ? 'insurance-cross' : 'insurance-popular';
    for (const { campaign, status } of offers!.campaigns) {
      const isListed = campaigns.find((one) => one.campaign === campaign)!.recommendations.length > 0;
      if (!isListed) expect(status).toBe('not-recommended');
      else if (campaign === other) expect(status).toBe('other-variant');
      else if (isControl) expect(status).toBe('control');
      else expect(status === 'offered').toBe(own.some((one) => one.campaign === campaign));
    }
  }
});

test('the read-out compares variants by who was offered, and by what offers did', async () => {
  // the purchases are of the first days after the contacts
  await appendFile(join(bank.folder, 'basketwise.yaml'), 'evaluate: { gap: 0 days }\n');
  expect((await basketwise(bank.folder, 'outcomes')).exitCode).toBe(0);
  const figures = await parquetRows(bank.folder, 'out/outcomes.parquet');
  const of = (by: string, value: string) => figures.find((row) => row.grouped_by === by && row.grouped_value === value)!;
  for (const name of ['base', 'popular'] as const) {
    const row = of('variant', name);
    expect([row.offered, row.offered_bought]).toEqual(counted[name]);
    expect([row.control, row.control_bought]).toEqual(counted[`${name} control`]);
  }
  const against = of('experiment', 'popular');
  expect([against.offered, against.offered_bought, against.control, against.control_bought]).toEqual([
    ...counted.popular,
    ...counted.base,
  ]);
  expect(against).toMatchObject({ is_proof: 1, proven: 1 });
  const difference = (name: string) => Number(of('variant', name).difference);
  const effect = of('effect', 'popular');
  expect(effect.difference).toBeCloseTo(difference('popular') - difference('base'), 12);
  // purchase rates of .6 and .3 among contacted customers without the product, against .1 in both controls
  expect(effect.difference_low).toBeLessThan(0.3);
  expect(effect.difference_high).toBeGreaterThan(0.2);
});

test('limits of the config that reveal exact numbers are those of a campaign and of its replacement', async () => {
  const { limits, outcomes, runs } = await readEarlierRuns(await loadConfig(join(bank.folder, 'basketwise.yaml')));
  expect(runs.length).toBe(1);
  expect(limits.flatMap(({ by, values }) => (values.length > 0 ? [[by, ...values]] : []))).toEqual([
    ['campaign', 'insurance-cross'],
    ['campaign', 'insurance-popular'],
  ]);
  const counted = outcomes.filter(({ by, value }) => by === 'campaign' && value.startsWith('insurance'));
  expect(counted.reduce((sum, { offered }) => sum + offered.customers, 0)).toBe(41);
});
