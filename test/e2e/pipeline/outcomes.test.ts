import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRandom } from '@basketwise/core';
import parsePrometheus from 'parse-prometheus-text-format';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { longTest } from '../../cases.ts';
import { parquetRows } from './parquet-rows.ts';
import { basketwise, smallBank, testBank, unwrapped, writeBank } from './small-bank.ts';

const section = `
evaluate: { window: 1 month, gap: 0 days }
offers:
  value: 10
  capacity: { calls: { most: 900 } }
  control: { share: 0.3, salt: spring }
`;

const written = 'output: { formats: [csv, parquet], metrics: basketwise.prom }';

let bank: Awaited<ReturnType<typeof writeBank>>;
/** Output of the second run. */
let said: string;
/** Purchases of what each customer was offered in the first night: who is contacted buys more often. */
const truth: { customer: string; arm: string; campaign: string; bought: boolean; boughtLate: boolean }[] = [];

beforeAll(async () => {
  const small = smallBank(1500);
  bank = await writeBank({ ...small, config: small.config.replace(/^output:.*$/m, written).concat(section) });
  expect((await basketwise(bank.folder, 'run', '--reference-date', '2022-06-30')).exitCode).toBe(0);
  const { next } = createRandom(7);
  const names: Record<string, string> = Object.fromEntries(
    small.products.split('\n').flatMap((line) => (line.includes(',') ? [line.split(',').slice(0, 2) as [string, string]] : [])),
  );
  const held = new Set(small.holdings.split('\n').map((line) => line.split(',').slice(0, 2).join()));
  const opened = small.holdings.split('\n').map((line) => line.split(','));
  const bought = (customer: string, name: string, from: string, until: string) =>
    opened.some(([who, what, day]) => who === customer && what === name && day! > from && day! <= until);
  const lines: string[] = [];
  for (const { customer, product_code: code, arm, campaign } of await parquetRows(bank.folder, 'out/latest/offers.parquet')) {
    const name = names[String(code)]!;
    const reacts = next() < (arm === 'offered' ? 0.4 : 0.1) && !held.has(`${customer},${name}`);
    if (reacts) lines.push(`${customer},${name},2022-07-10`);
    truth.push({
      ...{ customer: String(customer), arm: String(arm), campaign: String(campaign) },
      bought: reacts || bought(String(customer), name, '2022-06-30', '2022-07-30'),
      boughtLate: bought(String(customer), name, '2022-07-15', '2022-08-15'),
    });
  }
  await appendFile(join(bank.folder, 'holdings.csv'), `${lines.join('\n')}\n`);
  const second = await basketwise(bank.folder, 'run', '--reference-date', '2022-08-31', '--accept-drop');
  expect(second.stderr).not.toContain('rror');
  expect(second.exitCode).toBe(0);
  said = second.stdout;
});
afterAll(() => bank.remove());

test('outcomes are those of the customers who reacted, and prove it', async () => {
  const { exitCode, stdout } = await basketwise(bank.folder, 'outcomes');
  expect(exitCode).toBe(0);
  expect(stdout).toContain('proven');
  expect(stdout.replaceAll('\n', ' ')).toContain('Effect of the first contact');
  const figures = await parquetRows(bank.folder, 'out/outcomes.parquet');
  const of = (by: string, value: string) => figures.find((row) => row.grouped_by === by && row.grouped_value === value)!;
  const count = (arm: string, campaign?: string) => {
    const some = truth.filter((one) => one.arm === arm && (campaign === undefined || one.campaign === campaign));
    return [some.length, some.filter(({ bought }) => bought).length];
  };
  const all = of('all', '');
  expect([all.offered, all.offered_bought]).toEqual(count('offered'));
  expect([all.control, all.control_bought]).toEqual(count('control'));
  expect(all).toMatchObject({ is_proof: 1, proven: 1, estimand: 'first contact' });
  const campaign = truth[0]!.campaign;
  expect([of('campaign', campaign).offered, of('campaign', campaign).offered_bought]).toEqual(count('offered', campaign));
  expect(new Set(figures.map((row) => row.grouped_by))).toEqual(new Set(['all', 'campaign', 'product', 'rank', 'model']));
});

test('a run keeps the customers of all offers before it, of both arms', async () => {
  const runs = (await readdir(join(bank.folder, 'out/runs'))).sort();
  const [first, second] = await Promise.all(
    runs.map((run) => parquetRows(bank.folder, `out/runs/${run}/offered-before.parquet`)),
  );
  expect(first).toEqual([]);
  const customers = [...new Set(truth.map(({ customer }) => customer))].sort();
  expect(second).toEqual(customers.map((customer) => ({ salt: 'spring', customer })));
});

test('the window of purchases begins after the gap, as that of the probabilities', async () => {
  const config = join(bank.folder, 'basketwise.yaml');
  const before = await readFile(config, 'utf8');
  const withGap = async (gap: string) => {
    await writeFile(config, before.replace('gap: 0 days', `gap: ${gap}`));
    const { exitCode, stdout } = await basketwise(bank.folder, 'outcomes');
    expect(exitCode).toBe(0);
    return { stdout, all: (await parquetRows(bank.folder, 'out/outcomes.parquet')).find((row) => row.grouped_by === 'all') };
  };
  const { all, stdout } = await withGap('15 days');
  expect(stdout.replaceAll('\n', ' ')).toContain('within 1 month, from 15 days after their run on: in all from');
  const late = (arm: string) => truth.filter((one) => one.arm === arm && one.boughtLate).length;
  expect([all!.offered_bought, all!.control_bought]).toEqual([late('offered'), late('control')]);
  // a month of gap and a month of window end on 2022-08-31, a day more does not
  expect((await withGap('1 month')).all).toBeDefined();
  expect((await withGap('33 days')).stdout).toContain("No run's window is over on 2022-08-31");
  await writeFile(config, before);
});

test('terminal, end of the run and report have the same sentence for each campaign', async () => {
  const page = await readFile(join(bank.folder, 'out/latest/report.html'), 'utf8');
  const { stdout } = await basketwise(bank.folder, 'outcomes');
  const sentences = [...page.matchAll(/<li><b>([^<]+)<\/b>: (Of [^<]+)<\/li>/g)].map(([, group, text]) => `${group}: ${text}`);
  expect(sentences.map((one) => one.split(':')[0])).toEqual(['all campaigns', 'deposit-upsell', 'insurance-cross']);
  expect(sentences[0]).toMatch(
    /^all campaigns: Of [\d,]+ contacted .* with 95 % confidence between [\d.]+ and [\d.]+\. Proven for all together\.$/,
  );
  for (const one of sentences) for (const text of [said, stdout]) expect(text.replaceAll(/\n/g, ' ')).toContain(one);
  expect(stdout).toMatch(/^Go on: /);
  const latest = join(bank.folder, 'out/latest');
  const { offers, run } = JSON.parse(await readFile(join(latest, 'report.json'), 'utf8'));
  const many = offers.all.offered.toLocaleString('en-US');
  expect(stdout.replaceAll('\n', ' ')).toContain(
    ` The run of 2022-08-31 is published. Now: contact all customers (about ${many}) on contact-list.csv (in ${latest}) once, before the next run. Make these offers to no other customer: the customers left alone are not on the list. `,
  );
  expect(page).toContain(
    `This run needs no approval. Now: contact all customers (about ${many}) on contact-list.csv of the run ${run} once, before the next run.`,
  );
});

test('the control of the contact list is that of its run, not of the config since then', async () => {
  const config = join(bank.folder, 'basketwise.yaml');
  const before = await readFile(config, 'utf8');
  await writeFile(config, before.replace(/^ {2}control:.*\n/m, '').replace('formats: [csv, parquet]', 'formats: [parquet]'));
  const { stdout } = await basketwise(bank.folder, 'outcomes');
  await writeFile(config, before);
  expect(stdout.replaceAll('\n', ' ')).toMatch(
    / on contact-list\.csv .* to no other customer: the customers left alone are not on the list\./,
  );
});

test('metrics have the offers, the use of capacities and the effect', async () => {
  const { offers, outcomes } = JSON.parse(await readFile(join(bank.folder, 'out/latest/report.json'), 'utf8'));
  const families = parsePrometheus(await readFile(join(bank.folder, 'basketwise.prom'), 'utf8'));
  const valuesOf = (name: string) =>
    families.find((one) => one.name === `basketwise_${name}`)!.metrics.map(({ labels, value }) => [labels, Number(value)]);
  expect(valuesOf('offers_value')).toEqual([[undefined, offers.worth]]);
  expect(valuesOf('offers_control_customers')).toEqual([[undefined, offers.control.customers]]);
  expect(valuesOf('capacity_most')).toEqual([[{ capacity: 'calls' }, 900]]);
  expect(valuesOf('capacity_used')).toEqual([[{ capacity: 'calls' }, offers.capacities[0].used]]);
  expect(valuesOf('campaign_contacted')).toEqual(
    offers.campaigns.map((one: { campaign: string; offered: number }) => [{ campaign: one.campaign }, one.offered]),
  );
  const all = outcomes.outcomes.find((one: { by: string }) => one.by === 'all').difference;
  for (const [name, value] of [
    ['effect_ratio', all.value],
    ['effect_ratio_low', all.low],
    ['effect_ratio_high', all.high],
  ])
    expect(valuesOf(name)[0]).toEqual([{ campaign: '' }, value]);
});

test('the nightly report reads earlier runs out', async () => {
  const page = await readFile(join(bank.folder, 'out/latest/report.html'), 'utf8');
  const [, sheet] = /<section class="sheet">([\s\S]*?)<\/section>/.exec(page)!;
  expect(sheet).toContain('<h2 id="outcomes">Effect of earlier offers</h2>');
  expect(sheet).toMatch(
    /New offers of this run, without purchases yet: \d+ customers to contact; \d+ more are in the control and left alone\./,
  );
  expect(sheet).toContain('<svg');
  expect(sheet).not.toContain('<table');
  expect(sheet).toMatch(
    /Offers of the run of 2022-06-30\. A run makes one contact list\. Its date counts as the day of the offer, also if the bank contacts later\. Each later run is added/,
  );
  expect(page).toContain('<td>all campaigns</td>');
  expect(page).toMatch(/<td>product \S+ [^<\s]/);
  const night = await parquetRows(bank.folder, 'out/latest/outcomes.parquet');
  await basketwise(bank.folder, 'outcomes');
  expect(await parquetRows(bank.folder, 'out/outcomes.parquet')).toEqual(night);
});

longTest('runs that wrote CSV alone, with semicolons, are read out and compared like others', async () => {
  const config = join(bank.folder, 'basketwise.yaml');
  await basketwise(bank.folder, 'outcomes');
  const rowsOf = async (file: string) => (await parquetRows(bank.folder, file)).map(({ run: _, ...row }) => row);
  const figures = await rowsOf('out/outcomes.parquet');
  const before = await readFile(config, 'utf8');
  const output = "output: { formats: [csv], csv: { delimiter: ';', quote_text: true }, dir: ./csv }";
  await writeFile(config, before.replace(written, output));
  expect((await basketwise(bank.folder, 'run', '--reference-date', '2022-06-30')).exitCode).toBe(0);
  expect((await basketwise(bank.folder, 'run', '--reference-date', '2022-08-31', '--accept-drop')).exitCode).toBe(0);
  expect((await basketwise(bank.folder, 'outcomes')).exitCode).toBe(0);
  expect(await rowsOf('csv/outcomes.parquet')).toEqual(figures);
  const [first] = (await readdir(join(bank.folder, 'csv/runs'))).sort();
  expect((await basketwise(bank.folder, 'compare', first!)).exitCode).toBe(0);
  await writeFile(config, before);
});

longTest('a warning says when runs go before a window is over', async () => {
  const small = smallBank(60);
  const few = await testBank({ ...small, config: small.config.concat(section).replace(/^output: \{/m, 'output: { keep: 1,') });
  expect((await basketwise(few.folder, 'run', '--reference-date', '2022-08-30')).stderr).not.toContain('output.keep');
  const second = await basketwise(few.folder, 'run');
  expect(second.exitCode).toBe(0);
  expect(unwrapped(second.stderr)).toContain('output.keep: 1 runs reach back to 2022-08-30, less than a window');
});

// second tier, 3 s
longTest('a run with offers and without a control proves nothing, and hides no earlier proof', async () => {
  const small = smallBank(600);
  const config = small.config.replace(/^output:.*$/m, written).concat(section);
  const other = await testBank({ ...small, config: config.replace('most: 900', 'most: 100') });
  const night = (date: string) => basketwise(other.folder, 'run', '--reference-date', date, '--accept-drop');
  expect((await night('2022-06-30')).exitCode).toBe(0);
  await writeFile(join(other.folder, 'basketwise.yaml'), config.replace(/^ {2}control:.*\n/m, ''));
  for (const date of ['2022-07-31', '2022-08-31']) expect((await night(date)).exitCode).toBe(0);
  const { outcomes } = JSON.parse((await basketwise(other.folder, 'outcomes', '--json')).stdout);
  const all = outcomes.filter(({ by }: { by: string }) => by === 'all');
  expect(all.map(({ isProof }: { isProof: boolean }) => isProof)).toEqual([true]);
  const { stdout } = await basketwise(other.folder, 'outcomes');
  const [first] = all;
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain(`${first.offered.customers} contacted`);
});
