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
  const shown = (file: string) => page.getByText(`Columns of ${file}`).waitFor();
  const press = (button: string) => page.getByRole('button', { name: button, exact: true }).click();
  const trained = () => page.locator('.own-result').waitFor();
  /** Drops a file of holdings, and trains on the columns that the page found. */
  const train = async (file: string) => {
    await drop(file);
    await page.locator('.own .columns').waitFor();
    await page.locator('.own .settings button.strong').click();
    await trained();
  };
  const doubts = () =>
    page.locator('.own [data-doubt]').evaluateAll((items) => items.map((item) => (item as HTMLElement).dataset.doubt));
  const column = (name: string) => page.getByRole('combobox', { name, exact: true });
  const picked = (name: string) => column(name).inputValue();
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
    await press(button);
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
    await train(join(folder, 'holdings.parquet'));
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
    await train(join(folder, 'holdings.parquet'));
    await page.getByLabel('Products (names, classes)').setInputFiles(join(folder, 'products.parquet'));
    await shown('products.parquet');
    expect([await picked('Product code'), await picked('Product class')]).toEqual(['gds_korn_nm', 'gds_class']);
    await page.getByLabel('Customers (who may hold nothing)').setInputFiles(join(folder, 'customers.parquet'));
    await shown('customers.parquet');
    expect(await picked('Customer number')).toBe('csno');
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
      return `${who * 7919},${['alpha', 'beta', 'gamma', 'delta', 'epsilon'][(i * 13 + who + Math.floor(i / 1400)) % 5]},${months[(i * 7) % 18]}`;
    });
    await writeFile(join(folder, 'strange.csv'), `\uFEFFwho,what,when\r\n${lines.join('\r\n')}\r\n`);
    await visit('lang=en');
    await train(join(folder, 'strange.csv'));
    expect([await picked('Customer'), await picked('Product'), await picked('Date opened')]).toEqual(['who', 'what', 'when']);
    const dated = await lists();
    expect(dated.length).toBeGreaterThan(500);
    expect(dated.every(({ probability }) => Number(probability) > 0)).toBe(true);
    await column('Date opened').selectOption('');
    await again('Train');
    const undated = await lists();
    expect(undated.every(({ probability }) => Number(probability) > 0)).toBe(true);
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

  test('nothing is trained before a click: the page shows columns, first rows and doubts, and every column can be picked', async () => {
    const lines = Array.from({ length: 900 }, (_, i) => {
      const month = String((i % 12) + 1).padStart(2, '0');
      return `C${1000 + i};${i % 9 ? 'A' : 'B'};${(i * 7) % 211};P${(i * i) % 11};2021-${month}-03;2024-${month}-03`;
    });
    await writeFile(join(folder, 'contracts.csv'), `num;situacion;titular;cod;alta;baja\n${lines.join('\n')}\n`);
    await visit('lang=en');
    await drop(join(folder, 'contracts.csv'));
    await shown('contracts.csv');
    const choices = ['Customer', 'Product', 'Date opened', 'Date closed'];
    expect(await Promise.all(choices.map(picked))).toEqual(['titular', 'cod', 'alta', 'baja']);
    expect(await doubts()).toEqual(['guessed', 'guessed']);
    expect(await page.locator('.first-rows tbody tr').first().locator('td').allInnerTexts()).toEqual(lines[0]!.split(';'));
    expect(await page.locator('.first-rows th.chosen').allInnerTexts()).toHaveLength(4);
    await column('Customer').selectOption('num');
    await column('Product').selectOption('situacion');
    await column('Date opened').selectOption('cod');
    await column('Date closed').selectOption('');
    expect(await doubts()).toEqual(['unique', 'few', 'notDates', 'otherDates']);
    await column('Date opened').selectOption('num');
    expect(await doubts()).toContain('twice');
    expect(await page.getByRole('button', { name: 'Train', exact: true }).isDisabled()).toBe(true);
    await column('Product').selectOption('');
    await column('Date opened').selectOption('');
    expect(await doubts()).toEqual(['missing', 'unique', 'noDates']);
    expect(await page.getByRole('button', { name: 'Train', exact: true }).isDisabled()).toBe(true);
    expect(await page.locator('.own :is(.progress, .own-result)').count()).toBe(0);
  });

  test('other columns of holdings change their last day, and the key of a file beside them', async () => {
    const lines = Array.from({ length: 3000 }, (_, i) => {
      const [product, month] = [(i * 13 + Math.floor(i / 700)) % 7, String((i % 12) + 1).padStart(2, '0')];
      return `${(i % 700) * 7919},P${product},name ${product},2021-${month}-15,2023-${month}-20`;
    });
    await writeFile(join(folder, 'two-dates.csv'), `customer,product_code,product_name,opened,renewed\n${lines.join('\n')}\n`);
    const products = Array.from({ length: 7 }, (_, i) => `P${i},name ${i},kind ${i % 2}`);
    await writeFile(join(folder, 'seven.csv'), `code,text,class\n${products.join('\n')}\n`);
    await visit('lang=en');
    await drop(join(folder, 'two-dates.csv'));
    await shown('two-dates.csv');
    await column('Product').selectOption('product_code');
    await page.getByLabel('Products (names, classes)').setInputFiles(join(folder, 'seven.csv'));
    await shown('seven.csv');
    expect(await picked('Product code')).toBe('code');
    await press('Train');
    await trained();
    const day = page.getByLabel('Holdings are of');
    expect(await day.inputValue()).toBe('2021-12-15');
    await column('Date opened').selectOption('renewed');
    await column('Product').selectOption('product_name');
    await expect.poll(() => picked('Product code')).toBe('text');
    expect(await doubts()).toEqual(['otherDates']);
    await again('Train');
    expect(await day.inputValue()).toBe('2023-12-20');
  });

  test('examples are shown, without and with dates, and trained', async () => {
    for (const [button, doubted] of [
      ['Try an example without dates', ['noDates']],
      ['Try an example with dates', []],
    ] as const) {
      await visit('lang=en');
      await page.locator('.own').getByRole('button', { name: button }).click();
      await page.locator('.own .columns').waitFor();
      expect(await doubts()).toEqual(doubted);
    }
    await press('Train');
    await trained();
    const found = await lists();
    expect(found.length).toBeGreaterThan(10_000);
    expect(found.every(({ probability }) => Number(probability) > 0)).toBe(true);
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
    await shown('holdings.parquet');
    await press('Train');
    await press('Stop');
    await press('Train');
    await trained();
  });

  test.each(['lang=en&theme=light', 'lang=ko&theme=dark'])('axe finds nothing, and 360 px are enough: %s', async (query) => {
    const lines = Array.from(
      { length: 900 },
      (_, i) => `${i % 200},P${(i * i) % 11},2021-${String((i % 12) + 1).padStart(2, '0')}-03`,
    );
    await writeFile(join(folder, 'small.csv'), `customer,product,opened\n${lines.join('\n')}\n`);
    await visit(query);
    await train(join(folder, 'small.csv'));
    await page.locator('.own-list > li').first().waitFor();
    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    }
    // evaluated: the page's own policy keeps inline scripts out
    expect(await accessibilityFaults(page)).toEqual([]);
  });
});
