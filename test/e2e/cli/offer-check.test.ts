import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnosis } from '@basketwise/insight';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { longTest, some } from '../../cases.ts';
import { offeringBank } from '../pipeline/offering-bank.ts';
import { basketwise, writeBank } from '../pipeline/small-bank.ts';

let folder: string;
let remove: () => Promise<void>;

beforeAll(async () => {
  ({ folder, remove } = await writeBank(offeringBank()));
});
afterAll(() => remove());

/** Checks of the doctor and end of a dry run, with a changed config. */
async function checked(change: (config: string) => string) {
  writeFileSync(join(folder, 'basketwise.yaml'), offeringBank(change).config);
  const [doctor, dry] = [await basketwise(folder, 'doctor', '--data', '--json'), await basketwise(folder, 'run', '--dry-run')];
  const { checks } = JSON.parse(doctor.stdout) as Diagnosis;
  return { doctor, dry, offers: checks.filter(({ name }) => name === 'offers') };
}

const experiment = (of: string) => `  experiment: { name: other, share: 0.5, salt: autumn, ${of} }\n  control:`;

const refused: readonly (readonly [string, string, string])[] = [
  ['deposit: 10,', 'deposits: 10,', 'value.classes: no product is of class `deposits`'],
  ['products: { D4: 14 }', 'products: { D9: 14 }', 'value.products: no product has the code `D9`'],
  ['products: [I2, I3]', 'products: [I2, I9]', 'never_together[0].products[1]: no product has the code `I9`'],
  ['campaigns: [insurance-cross] }', 'classes: [cards] }', 'capacity.calls.classes: no product is of class `cards`'],
  ['  control:', experiment('value: { classes: { cards: 1 }, others: 2 }'), 'value.classes: no product is of class `cards`'],
  [
    '  control:',
    experiment('capacity: { few: { most: 5, products: [D0] } }'),
    'experiment.capacity.few.products[0]: no product has the code `D0`',
  ],
];

test.each(some(refused, 1))('%s as %s is refused before a run', async (from, to, text) => {
  const message = `offers.${text}`;
  const { doctor, dry, offers } = await checked((config) => config.replace(from, to));
  expect([doctor.exitCode, dry.exitCode]).toEqual([78, 78]);
  expect(offers.map((one) => [one.status, one.text])).toEqual([['failed', message]]);
  expect(dry.stderr).toBe(`basketwise: ${message}\n  ${offers[0]!.hint}\n  exit code 78\n`);
});

test('a run refuses unknown products of offers before it reads customers', async () => {
  const { dry } = await checked((config) => config.replace('products: { D4: 14 }', 'products: { D9: 14 }'));
  const run = await basketwise(folder, 'run');
  expect(run.exitCode).toBe(78);
  expect(run.stderr).toMatch(/^extract: failed in /m);
  expect(run.stderr).toContain(dry.stderr);
});

longTest('faults of contacts are found: dates, customers and products', async () => {
  const texts = async (change: (config: string) => string) => {
    const { checks } = JSON.parse((await checked(change)).doctor.stdout) as Diagnosis;
    return checks.flatMap(({ name, status, text }) =>
      name === 'contacts' ? [`${status}: ${text.replace(/ \(row.*/, '')}`] : [],
    );
  };
  expect(await texts((config) => config)).toEqual([]);
  const found = [
    await texts((config) => config.replace('when: day', 'when: answer')),
    await texts((config) => config.replace('contacts.csv, customer: customer', 'contacts.csv, customer: what')),
    await texts((config) => config.replace('what: what, when: day', 'what: what, by: name, when: day')),
  ];
  expect(found).toEqual([
    [expect.stringMatching(/^failed: answer is no date in \d+ rows$/)],
    [expect.stringMatching(/^failed: \d+ rows have no customer of the customers table in what$/)],
    [expect.stringMatching(/^failed: \d+ rows have no name of a product in what$/)],
  ]);
});

test('a product on sale without a value is a warning: it stops a run only if it is recommended', async () => {
  const { doctor, dry, offers } = await checked((config) => config.replace('deposit: 10, ', ''));
  const text = 'offers.value: product D1 of class deposit is on sale, but has no value, nor have 1 more';
  expect(offers.map((one) => [one.status, one.text])).toEqual([['warning', text]]);
  expect([doctor.exitCode, dry.exitCode]).toEqual([0, 0]);
  expect(dry.stdout).toContain(`warning  ${text}. ${offers[0]!.hint}\n`);
  // faults of other keys are found all the same
  const other = await checked((config) => config.replace('deposit: 10, ', '').replace('[I2, I3]', '[I2, I9]'));
  expect(other.offers.map(({ status }) => status)).toEqual(['failed']);
});

test('offers of products that exist pass; a product off sale needs no value; without offers there is no such check', async () => {
  const products = 'products: { D1: 1, D3: 2, D4: 14 }';
  const { doctor, dry, offers } = await checked((config) =>
    config.replace('deposit: 10, ', '').replace('products: { D4: 14 }', products),
  );
  expect(offers.map(({ status }) => status)).toEqual(['ok']);
  expect([doctor.exitCode, dry.exitCode]).toEqual([0, 0]);
  // without a date no product whose sale ends is on sale
  expect((await checked((config) => config.replace(/^reference_date.*$/m, ''))).offers.map(({ status }) => status)).toEqual([
    'ok',
  ]);
  const without = await checked((config) => config.replace(/^offers:[\s\S]*$/m, '').replace(/^ {2}contacts:.*$/m, ''));
  expect(without.offers).toEqual([]);
  expect(without.dry.exitCode).toBe(0);
});
