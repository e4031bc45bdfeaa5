import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { required } from '@basketwise/core';
import { openDuckdb, queryRows, type Scalar } from '@basketwise/data';
import { readJson } from '@basketwise/data/base';
import { type EvaluationFile, evaluate, type TuningReport, tune } from '@basketwise/insight';
import { loadConfig, runJob } from '@basketwise/pipeline';
import { sampleConfig } from '@basketwise/sample';
import { generateBank } from '@basketwise/sample/write';
import { parseHTML } from 'linkedom';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keepTalkOf } from '../privacy/talk.ts';

interface Report {
  run: string;
  warnings: string[];
  campaigns: {
    campaign: string;
    rows: number | null;
    served: number | null;
    products: { code: string; name: string; first: number | null; firstShare: number; heldShare: number | null }[];
    scores: { from: number; to: number; count: number | null }[];
  }[];
  evaluation: { campaigns: { campaign: string; models: { name: string; ndcg: number }[]; clusters: unknown }[] };
  tuning: { campaigns: { campaign: string; current: number; best: { score: number } | null }[] };
  previous: { run: string; campaigns: { campaign: string; targets: number | null }[] } | null;
}

let root: string;
let folder: string;
let report: Report;
let page: string;
let rows: (sql: string) => Promise<Record<string, Scalar>[]>;
let close: () => Promise<void>;

/** One run of the sample's config, small, as of a date. */
async function run(referenceDate: string): Promise<string> {
  const config = sampleConfig({ model: 'als', output: './out' })
    .replace('k: 8', 'k: 3')
    .replace('k: 7', 'k: 2')
    .replace('factors: 32', 'factors: 4')
    .replace('iterations: 15', 'iterations: 2')
    .replace('reference_date: 2022-08-31', `reference_date: ${referenceDate}`);
  const file = join(root, 'basketwise.yaml');
  await writeFile(file, config);
  return (await runJob(await loadConfig(file))).folder;
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'basketwise-report-'));
  await generateBank({ customers: 800, seed: 3, folder: join(root, 'data') });
  await run('2022-07-31');
  const settings = await loadConfig(join(root, 'basketwise.yaml'));
  settings.config.tune = { ...settings.config.tune, parameters: { factors: [2, 4] } };
  // A quarter of so small a bank has too few customers for an interval.
  settings.config.evaluate = { ...settings.config.evaluate, window: { months: 12, days: 0 } };
  await evaluate(settings, { campaigns: ['deposit-upsell'] });
  await tune(settings, { campaigns: ['deposit-upsell'] });
  folder = await run('2022-08-31');
  report = (await readJson<Report>(join(folder, 'report.json')))!;
  page = await readFile(join(folder, 'report.html'), 'utf8');
  const engine = await openDuckdb({ memory: '1GB', threads: 1, tempDirectory: join(root, 'spill'), path: folder });
  rows = (sql) => queryRows(engine, sql);
  close = () => engine.close();
});
afterAll(async () => {
  await close();
  keepTalkOf(root);
  await rm(root, { recursive: true, force: true });
});

test('the page may load and run nothing', () => {
  expect(page).toMatch(/<head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; /);
});

const tens = (count: unknown) => Math.floor(Number(count) / 10) * 10;

test('figures of report.json are those of the published rows', async () => {
  const totals = await rows(
    `SELECT campaign, count(*)::DOUBLE AS entries, count(DISTINCT customer)::DOUBLE AS served FROM 'recommendations.parquet' GROUP BY campaign`,
  );
  expect(totals.length).toBeGreaterThan(3);
  for (const { campaign, entries, served } of totals) {
    const found = report.campaigns.find((one) => one.campaign === campaign)!;
    const step = 10 * Math.ceil(Number(entries) / Number(served));
    expect([found.rows, found.served]).toEqual([Math.floor(Number(entries) / step) * step, tens(served)]);
  }
  const firsts = await rows(
    `SELECT campaign, product_code AS code, count(*)::DOUBLE AS first FROM 'recommendations.parquet' WHERE rank = 1 GROUP BY ALL`,
  );
  for (const { campaign, products, scores, served } of report.campaigns) {
    const counted = new Map(firsts.filter((row) => row.campaign === campaign).map((row) => [row.code, Number(row.first)]));
    expect(products.map(({ code }) => code).sort()).toEqual(
      [...counted]
        .sort((a, b) => Math.floor(b[1] / 10) - Math.floor(a[1] / 10) || (String(a[0]) < String(b[0]) ? -1 : 1))
        .slice(0, 12)
        .map(([code]) => code)
        .sort(),
    );
    for (const { code, first, firstShare } of products) {
      const expected = required(counted, code);
      if (first !== null) expect(first).toBe(tens(expected));
      expect(firstShare).toBe(first === null ? null : Number((first / served!).toFixed(6)));
    }
    const best = `SELECT score FROM 'recommendations.parquet' WHERE campaign = '${campaign}' AND rank = 1 AND source <> 'popularity'`;
    const range = `SELECT min(score)::DOUBLE AS low, (max(score)::DOUBLE - min(score)) / 20 AS width FROM (${best})`;
    const bins = await rows(
      `SELECT least(19, floor((score - low) / width))::DOUBLE AS bin, any_value(low)::DOUBLE AS low, any_value(width)::DOUBLE AS width, count(*)::DOUBLE AS n` +
        ` FROM (${best}), (${range}) GROUP BY bin ORDER BY bin`,
    );
    expect(scores.length).toBe(bins.length);
    for (const [i, { from, to, count }] of scores.entries()) {
      const [bin, low, width, n] = ['bin', 'low', 'width', 'n'].map((name) => Number(bins[i]![name]));
      expect([from, to]).toEqual([bin!, bin! + 1].map((part) => Number((low! + part * width!).toPrecision(3))));
      if (count !== null) expect(count).toBe(tens(n));
    }
  }
});

test('of holdings a customer counts once, with several products of one name, too', async () => {
  const table = (name: string) => `read_parquet('${join(root, 'data', `${name}.parquet`)}')`;
  const open = `open_dt <= DATE '2022-08-31' OR open_dt IS NULL) AND (close_dt IS NULL OR close_dt > DATE '2022-08-31'`;
  const known = `SELECT h.* FROM ${table('holdings')} h SEMI JOIN ${table('customers')} c USING (csno) WHERE (${open})`;
  const holders = await rows(
    `WITH classes AS (SELECT DISTINCT gds_korn_nm, gds_class AS class FROM ${table('products')}),` +
      ` held AS (SELECT gds_korn_nm AS name, count(DISTINCT csno) AS held, count(*) AS times FROM (${known}) GROUP BY ALL)` +
      ` SELECT name, held::DOUBLE AS held, times::DOUBLE AS times, (sum(held) OVER (PARTITION BY class))::DOUBLE AS of_class FROM held JOIN classes ON gds_korn_nm = name`,
  );
  expect(holders.some(({ held, times }) => Number(held) < Number(times))).toBe(true);
  const counted = new Map(holders.map(({ name, held, of_class: all }) => [name, [Number(held), Number(all)] as const]));
  for (const { name, heldShare } of report.campaigns.flatMap(({ products }) => products)) {
    const [held, all] = counted.get(name) ?? [0, 0];
    const shown = held > 0 && held < 10 ? null : Number((tens(held) / tens(all) || 0).toFixed(6));
    expect([name, heldShare]).toEqual([name, shown]);
  }
});

test('the page shows the figures of report.json', () => {
  const { document } = parseHTML(page);
  const funnel = [...document.querySelectorAll('table')].find(
    (table) => table.querySelector('caption')?.textContent === 'From targets to recommendations',
  )!;
  const lines = [...funnel.querySelectorAll('tbody tr')].map((line) =>
    [...line.querySelectorAll('td')].map((cell) => cell.textContent),
  );
  expect(lines.map(([campaign]) => campaign)).toEqual(report.campaigns.map(({ campaign }) => campaign));
  for (const [i, { served, rows }] of report.campaigns.entries()) {
    const text = (count: number | null) => (count === null ? '–' : count.toLocaleString('en-US'));
    expect(lines[i]!.slice(2, 4)).toEqual([text(served), text(rows)]);
  }
  for (const { products } of report.campaigns)
    for (const { name } of products) expect(page).toContain(name.replaceAll('&', '&amp;'));
  for (const warning of report.warnings) expect(document.querySelector('.warnings')!.textContent).toContain(warning);
});

test('the page asks nothing of a network and runs nothing', () => {
  const { document } = parseHTML(page);
  expect(document.querySelectorAll('script, link, img, iframe, object').length).toBe(0);
  for (const link of document.querySelectorAll('[href], [src]')) {
    expect(link.getAttribute('href') ?? link.getAttribute('src')).toMatch(/^#/);
  }
  expect(page).not.toMatch(/url\(|@import/);
});

test('a later run says what changed since the one before', () => {
  expect(report.previous!.run).toMatch(/^2022-07-31-/);
  expect(report.previous!.campaigns.map(({ campaign }) => campaign)).toEqual(report.campaigns.map(({ campaign }) => campaign));
  expect(page).toContain(`Compared with run ${report.previous!.run}`);
});

test('the last evaluation and the last tuning of the folder are part of it', async () => {
  const { campaigns } = (await readJson<EvaluationFile>(join(root, 'out', 'evaluation.json')))!;
  const tuning = (await readJson<TuningReport>(join(root, 'out', 'tune.json')))!;
  expect(report.evaluation.campaigns.map(({ campaign }) => campaign)).toEqual(['deposit-upsell']);
  expect(campaigns[0]!.models.length).toBeGreaterThan(1);
  for (const [i, { name, ndcg }] of campaigns[0]!.models.entries()) {
    const shown = report.evaluation.campaigns[0]!.models[i]!;
    expect(shown.name).toBe(name);
    expect(shown.ndcg).toBeCloseTo(ndcg, 6);
    expect(page).toContain(`<td>${name}</td>`);
  }
  expect(report.tuning.campaigns[0]!.best!.score).toBeCloseTo(tuning.campaigns[0]!.trials[0]!.score, 6);
  expect(page).toContain('95 % interval');
  expect(page).toContain('deposit-upsell: hold-out by products held');
  expect(page).toContain('Class deposit: models on the hold-out');
  expect(page).toContain('customers without any holding');
});
