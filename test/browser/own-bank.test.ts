import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDuckdb, queryRows } from '@basketwise/data';
import { loadConfig, runJob } from '@basketwise/pipeline';
import { generateBank } from '@basketwise/sample/write';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { accessibilityFaults } from './accessibility.ts';
import { useDemo } from './demo-page.ts';
import { hasChromium } from './demo-site.ts';
import { ownConfig, ownTold, recommendationRows } from './own-lists.ts';

const classes =
  '{ sql: "SELECT gds_korn_nm AS code, any_value(gds_class) AS class FROM \'products.parquet\' GROUP BY 1", code: code, name: code, class: class }';

describe.skipIf(!hasChromium)('a bank of one’s own, in Chromium', () => {
  const demo = useDemo();
  let folder: string;
  let page: Page;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'own-bank-'));
    await generateBank({ customers: 20_000, products: 300, seed: 3, folder });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  beforeEach(() => {
    page = demo.page;
  });

  const visit = async (query: string) => {
    await page.goto(`${demo.site.url}?view=own&${query}`);
    await page.locator('.own').waitFor();
  };
  const drop = (file: string) => page.locator('.own .drop input[type=file]').setInputFiles(file);
  const trained = () => page.locator('.own-result').waitFor();
  const lists = async (): Promise<Record<string, string>[]> => {
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download all customers’ lists' }).click(),
    ]);
    return recommendationRows(await readFile((await file.path())!, 'utf8'));
  };
  const figures = () =>
    page.locator('.verdict').evaluate(({ dataset }) => ['ndcg', 'gap', 'low', 'high'].map((name) => Number(dataset[name])));
  const times = () =>
    page.locator('.own-result').evaluateAll((items) => items.map((item) => (item as HTMLElement).dataset.train));
  const again = async (button: 'Train' | 'Train again') => {
    const [before] = await times();
    await page.getByRole('button', { name: button, exact: true }).click();
    const isNew = ([now]: (string | undefined)[]) => now !== undefined && now !== before;
    await expect.poll(async () => isNew(await times())).toBe(true);
  };
  const job = async (text: string) => {
    await rm(join(folder, 'out'), { recursive: true, force: true });
    await writeFile(join(folder, 'basketwise.yaml'), text);
    return runJob(await loadConfig(join(folder, 'basketwise.yaml')));
  };

  const holderOfNothing = async () => {
    const engine = await openDuckdb({ memory: '500MB', threads: 1, tempDirectory: folder });
    const [held, all] = ['holdings', 'customers'].map((name) => engine.dialect.text(join(folder, `${name}.parquet`)));
    const rows = await queryRows(engine, `SELECT csno FROM ${all} EXCEPT SELECT csno FROM ${held} ORDER BY 1 LIMIT 1`);
    await engine.close();
    return String(rows[0]!.csno);
  };

  test('lists, probabilities, reasons and verdict of a dropped Parquet file are those of `basketwise run`', async () => {
    await visit('lang=en');
    await drop(join(folder, 'holdings.parquet'));
    await trained();
    const date = await page.getByLabel('Holdings are of').inputValue();
    const report = await job(ownConfig(date));
    const published = recommendationRows(await readFile(join(report.folder, 'recommendations.csv'), 'utf8'));
    expect(published.length).toBeGreaterThan(80_000);
    expect((await lists()).map(ownTold)).toEqual(published.map(ownTold));
    const { ndcg, gap, verdict, tested } = report.verdicts[0]!;
    expect(await figures()).toEqual([ndcg, gap.mean, gap.low, gap.high]);
    expect(tested).toBeGreaterThan(100);
    expect(await page.locator('.verdict').getAttribute('class')).toContain(verdict);
    const { targets } = report.campaigns[0]!;
    expect(await page.locator('.own-result .facts dd').allInnerTexts()).toContain(targets.toLocaleString('en-GB'));
    await page.getByLabel('Customer id').fill(published[0]!.customer!);
    await page.getByRole('button', { name: 'Show' }).click();
    const shown = page.locator('.own-list > li');
    await expect
      .poll(() => shown.evaluateAll((items) => items.map((item) => (item as HTMLElement).dataset.product)))
      .toEqual(published.filter(({ customer }) => customer === published[0]!.customer).map(({ product_code }) => product_code));
    await page.getByRole('button', { name: 'Next' }).click();
    await expect.poll(() => page.getByLabel('Customer id').inputValue()).not.toBe(published[0]!.customer);
  });

  test('with files of products and customers a class can be chosen: the lists are those of its campaign, also for customers without holdings', async () => {
    await visit('lang=en');
    await drop(join(folder, 'holdings.parquet'));
    await trained();
    await page.getByLabel('Products (names, classes)').setInputFiles(join(folder, 'products.parquet'));
    await page.getByLabel('Customers (who may hold nothing)').setInputFiles(join(folder, 'customers.parquet'));
    await again('Train');
    await page.getByRole('combobox', { name: 'Lists for' }).selectOption({ label: 'those without insurance: a first one' });
    await again('Train again');
    const date = await page.getByLabel('Holdings are of').inputValue();
    const cross = '{ insurance-cross: { kind: cross, class: insurance, columns: [deposit, insurance, fund] } }';
    const report = await job(ownConfig(date, cross, { products: classes, customers: '{ from: customers.parquet, id: csno }' }));
    const published = recommendationRows(await readFile(join(report.folder, 'recommendations.csv'), 'utf8'));
    expect((await lists()).map(ownTold)).toEqual(published.map(ownTold));
    expect(published.length).toBeGreaterThan(1000);
    await page.getByLabel('Customer id').fill(await holderOfNothing());
    await page.getByRole('button', { name: 'Show' }).click();
    await page.locator('.one-customer').getByText('nothing', { exact: true }).waitFor();
    await expect.poll(() => page.locator('.own-list > li').count()).toBe(5);
  });

  test('columns of other names are guessed by what they hold, and picked; without dates the lists are the job’s, too', async () => {
    const months = Array.from(
      { length: 18 },
      (_, i) => `20${20 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, '0')}-15`,
    );
    const lines = Array.from({ length: 3000 }, (_, i) => {
      const who = i % 700;
      return `${who * 7919},${['alpha', 'beta', 'gamma', 'delta', 'epsilon'][(i * 13 + who) % 5]},${months[(i * 7) % 18]}`;
    });
    await writeFile(join(folder, 'strange.csv'), `\uFEFFwho,what,when\r\n${lines.join('\r\n')}\r\n`);
    await visit('lang=en');
    await drop(join(folder, 'strange.csv'));
    await trained();
    const column = (name: string) => page.getByRole('combobox', { name, exact: true });
    const picked = (name: string) => column(name).inputValue();
    expect([await picked('Customer'), await picked('Product'), await picked('Date opened')]).toEqual(['who', 'what', 'when']);
    const dated = await lists();
    expect(dated.length).toBeGreaterThan(500);
    expect(dated.every(({ probability }) => Number(probability) > 0)).toBe(true);
    await column('Date opened').selectOption('');
    await again('Train');
    const undated = await lists();
    expect(undated.every(({ probability }) => probability === '')).toBe(true);
    const report = await job(
      ownConfig('1970-01-01', undefined, {
        customers: '{ sql: "SELECT DISTINCT who FROM \'strange.csv\'", id: who }',
        products:
          "{ sql: \"SELECT DISTINCT what, 'product' AS class FROM 'strange.csv'\", code: what, name: what, class: class }",
        holdings: '{ from: strange.csv, customer: who, product: what, by: code, date: null }',
      }),
    );
    const published = recommendationRows(await readFile(join(report.folder, 'recommendations.csv'), 'utf8'));
    expect(undated.map(ownTold)).toEqual(published.map(ownTold));
    expect(await page.getByLabel('Holdings are of').count()).toBe(0);
  });

  test('what cannot be read says so, and training can be stopped', async () => {
    await visit('lang=en');
    const bad: [file: string, content: string | Buffer, problem: string][] = [
      ['broken.parquet', Buffer.concat([Buffer.from('PAR1'), Buffer.alloc(500), Buffer.from('PAR1')]), 'notReadable'],
      ['empty.csv', '', 'noRows'],
      ['header.csv', 'customer,product\n', 'noRows'],
    ];
    for (const [name, content, problem] of bad) {
      await writeFile(join(folder, name), content);
      await drop(join(folder, name));
      await page.locator(`.own [data-problem="${problem}"]`).waitFor();
      await page.locator('.own [data-problem]').evaluate((element) => element.setAttribute('data-problem', 'seen'));
    }
    await drop(join(folder, 'holdings.parquet'));
    await page.getByText('Columns of holdings.parquet').waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    await trained();
  });

  test.each(['lang=en&theme=light', 'lang=ko&theme=dark'])('axe finds nothing, and 360 px are enough: %s', async (query) => {
    const lines = Array.from(
      { length: 900 },
      (_, i) => `${i % 200},P${(i * i) % 11},2021-${String((i % 12) + 1).padStart(2, '0')}-03`,
    );
    await writeFile(join(folder, 'small.csv'), `customer,product,opened\n${lines.join('\n')}\n`);
    await visit(query);
    await drop(join(folder, 'small.csv'));
    await trained();
    await page.locator('.own-list > li').first().waitFor();
    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    }
    // evaluated: the page's own policy keeps inline scripts out
    expect(await accessibilityFaults(page)).toEqual([]);
  });
});
