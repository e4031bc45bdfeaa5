import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CustomerExplanation, explainCustomer } from '@basketwise/insight';
import { loadConfig } from '@basketwise/pipeline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { some } from '../../cases.ts';
import { basketwise, smallBank, writeBank } from '../pipeline/small-bank.ts';

interface Row {
  customer: string;
  campaign: string;
  rank: number;
  code: string;
  score: number;
  source: string;
}

const bank = smallBank();
const config = bank.config
  // customers of 65 and older are served by the common model
  .replace('campaigns:', 'clusters:\n  age: { k: 2, numeric: [age], seed: 0, where: "age < 65" }\ncampaigns:')
  .replace('class: deposit }', 'class: deposit, by_cluster: age }');
let folder: string;
let remove: () => Promise<void>;
let published: Row[];

beforeAll(async () => {
  const customers = bank.customers.replace('0007,69,Y', '0007,69,');
  ({ folder, remove } = await writeBank({ ...bank, config, customers }));
  expect((await basketwise(folder, 'run')).exitCode).toBe(0);
  const csv = await readFile(join(folder, 'out', 'latest', 'recommendations.csv'), 'utf8');
  published = csv
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [customer, campaign, rank, code, , score, , source] = line.split(',') as string[];
      return {
        customer: customer!,
        campaign: campaign!,
        rank: Number(rank),
        code: code!,
        score: Math.fround(Number(score)),
        source: source!,
      };
    });
});
afterAll(() => remove());

const explain = async (id: string) => explainCustomer(await loadConfig(join(folder, 'basketwise.yaml')), id);

test('explain shows the published lists of each customer, and contributions and baseline sum to each score of a model', async () => {
  let explained = 0;
  for (const id of some(
    Array.from({ length: 20 }, (_, i) => String(i).padStart(4, '0')),
    16,
  )) {
    const { campaigns, holdings } = await explain(id);
    const listed = campaigns.flatMap(({ campaign, recommendations }) =>
      recommendations.map(({ rank, code, score, source }) => ({ customer: id, campaign, rank, code, score, source })),
    );
    expect(listed).toEqual(published.filter(({ customer }) => customer === id));
    const held = new Set(holdings.map(({ name }) => name));
    for (const { score, source, reasons } of campaigns.flatMap(({ recommendations }) => recommendations)) {
      expect(reasons === null).toBe(source === 'popularity');
      if (!reasons) continue;
      const sum = reasons.contributions.reduce((total, { value }) => total + value, reasons.baseline + (reasons.exact ?? 0));
      expect(Math.abs(sum - score)).toBeLessThanOrEqual(1e-4 * Math.max(1, Math.abs(score)));
      expect(reasons.contributions.filter(({ name }) => !held.has(name))).toEqual([]);
      explained++;
    }
  }
  expect(explained).toBeGreaterThan(15);
});

test('explain names the rule that excludes a customer, whether it is not true or not known, and the products', async () => {
  const suppressedFor = ({ campaigns }: CustomerExplanation) => campaigns.filter(({ status }) => status === 'suppressed');
  const refused = await explain('0010');
  expect(refused.failedRules).toEqual([{ reason: 'NO_CONSENT', class: null, require: "consent = 'Y'", outcome: 'false' }]);
  const unknown = await explain('0007');
  expect(unknown.failedRules).toMatchObject([{ reason: 'NO_CONSENT', outcome: 'null' }]);
  for (const { recommendations, suppressed } of [refused, unknown].flatMap(suppressedFor)) {
    expect(recommendations).toEqual([]);
    expect(suppressed.map(({ reason }) => reason)).toEqual(['NO_CONSENT']);
    expect(suppressed[0]!.products.length).toBeGreaterThan(0);
  }
  expect([refused, unknown].flatMap(suppressedFor).length).toBeGreaterThan(1);
});

test('on the terminal: names, reasons, clusters; as JSON: the same as data; of a named run too', async () => {
  const text = await basketwise(folder, 'explain', '0001');
  expect(text.exitCode).toBe(0);
  expect(text.stdout).toMatch(/^clusters: age [01]$/m);
  expect(text.stdout).toMatch(/^deposit-upsell, cluster [01]: /m);
  expect(text.stdout).toMatch(/^ {5}baseline +[+-]\d+\.\d{4}$/m);
  expect(text.stdout).not.toContain('0001');
  const json = await basketwise(folder, 'explain', '0001', '--json');
  const document = JSON.parse(json.stdout) as CustomerExplanation;
  expect(document).toEqual(await explain('0001'));
  expect((await basketwise(folder, 'explain', '0001', '--json', '--run', document.run)).stdout).toBe(json.stdout);
});

test('the run is explained with the config that it was made with', async () => {
  const before = await explain('0001');
  const file = join(folder, 'basketwise.yaml');
  writeFileSync(file, config.replace('alpha: 10', 'alpha: 3').replace("consent = 'Y'", 'age > 200'));
  expect(await explain('0001')).toEqual(before);
  writeFileSync(file, config);
});

test('an unknown customer or run is refused with 66, and the id is not repeated', async () => {
  const unknown = await basketwise(folder, 'explain', '77777777');
  expect(unknown.exitCode).toBe(66);
  expect(unknown.stderr).toContain('has no customer with this id');
  expect(unknown.stdout + unknown.stderr).not.toContain('77777777');
  const run = await basketwise(folder, 'explain', '0001', '--run', '2022-08-31-00000000');
  expect(run.exitCode).toBe(66);
  expect(run.stderr).toContain('2022-08-31-00000000');
});
