import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BankProfile, ProductRules } from '@basketwise/insight';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { longTest } from '../../cases.ts';
import { basketwise, smallBank, testBank, writeBank } from '../pipeline/small-bank.ts';

const bank = smallBank(400);
const campaigns = /campaigns:\n(?: {2}.*\n)+/.exec(bank.config)![0];
const more = `clusters:
  ages: { k: 2, numeric: [age], categorical: [consent], model: models/ages.arrow }
segments:
  ages: { column: age, bands: [{ label: young, to: 40 }, { label: old, from: 40 }] }
`;
/** A bank without campaigns. */
const early = `${bank.config.replace(campaigns, '')}${more}`;

let folder: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ folder, remove } = await writeBank({ ...bank, config: early }));
});
afterAll(() => remove());

test('without campaigns a run, its plan, an evaluation and a tuning say so, and nothing is made', async () => {
  for (const args of [['run'], ['run', '--dry-run'], ['evaluate'], ['tune']]) {
    const { exitCode, stderr } = await basketwise(folder, ...args);
    expect([args, exitCode]).toEqual([args, 78]);
    expect(stderr).toContain('campaigns: none yet, so there is nothing to recommend');
  }
  expect(existsSync(join(folder, 'out/runs'))).toBe(false);
});

/** Who holds what on the reference date, from the bank's own text. */
function heldNames(): Map<string, Set<string>> {
  const sets = new Map<string, Set<string>>();
  for (const line of bank.holdings.trim().split('\n').slice(1)) {
    const [customer, name, opened] = line.split(',') as [string, string, string];
    if (opened <= '2022-08-31') sets.set(customer, (sets.get(customer) ?? new Set()).add(name));
  }
  return sets;
}
const tens = (count: number) => (count > 0 && count < 10 ? null : Math.floor(count / 10) * 10);

test('the profile counts what is in the tables, on the terminal, in JSON and on a page, with no run before it', async () => {
  const first = await basketwise(folder, 'profile');
  expect(first.exitCode).toBe(0);
  expect(first.stderr).toContain('no run has succeeded yet: extracting as of 2022-08-31');
  expect(
    Math.max(
      ...first.stdout
        .split('\n')
        .filter((line) => !line.startsWith('page '))
        .map((line) => line.length),
    ),
  ).toBeLessThanOrEqual(100);
  const profile = JSON.parse((await basketwise(folder, 'profile', '--json')).stdout) as BankProfile & { page: string };
  const held = heldNames();
  expect(profile.customers).toEqual({ all: 400, withHoldings: tens(held.size), withoutHoldings: tens(400 - held.size) });
  for (const { products, customers } of profile.held.filter((one) => one.products !== '5 and more'))
    expect([products, customers]).toEqual([
      products,
      tens([...held.values()].filter((names) => names.size === Number(products)).length),
    ]);
  const deposits = ['입출금통장', '정기예금', '적금', '옛예금'];
  const holders = [...held.values()].filter((names) => deposits.some((name) => names.has(name))).length;
  expect(profile.classes.find(({ name }) => name === 'deposit')).toMatchObject({
    products: 5,
    onSale: 3,
    holders: tens(holders),
  });
  expect(profile.dates).toMatchObject({ first: expect.stringMatching(/^2018-/), last: expect.stringMatching(/^2022-/) });
  expect(profile.odd.join('\n')).toContain('customers hold nothing');
  expect(profile.odd.join('\n')).toMatch(/products on sale without holders: .*I3/);
  const page = readFileSync(profile.page, 'utf8');
  for (const text of ['The bank as of 2022-08-31', '입출금통장', 'What is odd']) expect(page).toContain(text);
  expect(page).not.toMatch(/<script|https?:/);
});

test('rules, similar, segment and cluster work on the same snapshot, and the first run goes on with it', async () => {
  const rules = JSON.parse((await basketwise(folder, 'rules', '--min-confidence', '0.05', '--json')).stdout) as ProductRules;
  expect(rules.customers).toBe(400);
  expect(rules.rules.length).toBeGreaterThan(0);
  expect((await basketwise(folder, 'similar', 'D1')).stdout).toMatch(/like 입출금통장 \(D1\), by customers who hold both/);
  expect((await basketwise(folder, 'segment')).stdout).toContain('young');
  for (const args of [
    ['elbow', 'ages', '--to', '3'],
    ['fit', 'ages'],
    ['profile', 'ages'],
    ['apply', 'ages'],
  ])
    expect([args, (await basketwise(folder, 'cluster', ...args)).exitCode]).toEqual([args, 0]);
  // what a campaign's model says needs a run
  const byModel = await basketwise(folder, 'similar', 'D1', '--campaign', 'deposit-upsell');
  expect(byModel.exitCode).toBe(66);
  expect(existsSync(join(folder, 'out/latest'))).toBe(false);
  await writeFile(join(folder, 'basketwise.yaml'), early.replace('model:', `${campaigns}model:`));
  const run = await basketwise(folder, 'run');
  expect(run.exitCode).toBe(0);
  expect(run.stderr).toMatch(/^extract: (unchanged, skipped|taken from run 2022-08-31-)/m);
});

longTest('columns that were added since the latest run are extracted; a refit by a new k is reported', async () => {
  const { folder } = await testBank(bank);
  expect((await basketwise(folder, 'run')).exitCode).toBe(0);
  const latest = realpathSync(join(folder, 'out/latest'));
  const quiet = await basketwise(folder, 'rules', '--min-confidence', '0.05');
  expect(quiet.stderr).toBe('');
  const withClusters = `${bank.config}${more}`.replace('class: deposit }', 'class: deposit, by_cluster: ages }');
  await writeFile(join(folder, 'basketwise.yaml'), withClusters);
  const elbow = await basketwise(folder, 'cluster', 'elbow', 'ages', '--to', '3');
  expect(elbow.exitCode).toBe(0);
  expect(elbow.stderr).toContain('the latest run did not read column age: extracting as of 2022-08-31');
  expect(realpathSync(join(folder, 'out/latest'))).toBe(latest);
  const first = await basketwise(folder, 'cluster', 'fit', 'ages');
  expect(first.stdout).toContain('the next run trains the models by these clusters again: deposit-upsell');
  await writeFile(
    join(folder, 'basketwise.yaml'),
    withClusters.replace('k: 2, numeric: [age], categorical: [consent]', 'k: 3, numeric: [age]'),
  );
  const stale = await basketwise(folder, 'cluster', 'apply', 'ages');
  expect(stale.exitCode).toBe(65);
  const again = await basketwise(folder, 'cluster', 'fit', 'ages');
  expect(again.stdout).toContain('fitted again: k 2 -> 3, without consent');
  expect((await basketwise(folder, 'cluster', 'apply', 'ages')).stdout).toMatch(/cluster 2: \d+ customers/);
});
