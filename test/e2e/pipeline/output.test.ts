import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckdbEngine, openDuckdb, queryRows } from '@basketwise/data';
import { type FileRecord, readJson } from '@basketwise/data/base';
import { latestRun, loadConfig, type RunReport, runJob } from '@basketwise/pipeline';
import { sampleConfig } from '@basketwise/sample';
import { generateBank } from '@basketwise/sample/write';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { longTest } from '../../cases.ts';
import { keepTalkOf } from '../../privacy/talk.ts';
import { expectedOf, type PlainBank } from '../../reference/campaigns.ts';

const customers = 600;
let folder: string;
let engine: DuckdbEngine;

/** The sample's config, small, into an output folder of its own. */
async function configFor(output: string, change: (config: string) => string = (config) => config): Promise<string> {
  const config = sampleConfig({ model: 'als', output: `./${output}` })
    .replace('k: 8', 'k: 3')
    .replace('k: 7', 'k: 2')
    .replace('factors: 32', 'factors: 8')
    .replace('iterations: 15', 'iterations: 4')
    .replaceAll('model: models/', `model: ${output}-models/`);
  const file = join(folder, `${output}.yaml`);
  await writeFile(file, change(config));
  return file;
}

async function run(output: string, change?: (config: string) => string): Promise<RunReport> {
  return runJob(await loadConfig(await configFor(output, change)));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'basketwise-output-'));
  await generateBank({ customers, seed: 5, folder: join(folder, 'data') });
  engine = await openDuckdb({ memory: '1GB', threads: 1, tempDirectory: join(folder, 'spill'), path: join(folder, 'data') });
});
afterAll(async () => {
  await engine.close();
  keepTalkOf(folder);
  await rm(folder, { recursive: true, force: true });
});

async function readBank(): Promise<PlainBank> {
  const rows = (sql: string) => queryRows(engine, sql);
  const day = (column: string) => `CASE WHEN year(${column}) < 9999 THEN strftime(${column}, '%Y-%m-%d') END`;
  const people = await rows("SELECT csno AS id, AGE >= 18 AS grown, CONSENT_YN = 'Y' AS consents FROM 'customers.parquet'");
  const products = await rows(
    `SELECT gds_cd AS code, gds_korn_nm AS name, gds_class AS class, sale_end_dt AS "saleEnd" FROM 'products.parquet'`,
  );
  const holdings = await rows(
    `SELECT csno AS customer, gds_korn_nm AS product, ${day('open_dt')} AS opened, ${day('close_dt')} AS closed FROM 'holdings.parquet'`,
  );
  return {
    referenceDate: '2022-08-31',
    customers: people.map(({ id, grown, consents }) => ({
      id: String(id),
      fails: [
        ...(grown === 1 ? [] : [{ reason: 'AGE_UNDER_18', class: 'fund' }]),
        ...(consents === 1 ? [] : [{ reason: 'NO_MARKETING_CONSENT', class: '' }]),
      ],
    })),
    products: products.map(({ saleEnd, ...product }) => {
      const digits = saleEnd === null ? '' : String(saleEnd).replaceAll('-', '');
      const date =
        digits === '' || digits.startsWith('9999') ? null : `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6, 8)}`;
      return { ...(product as { code: string; name: string; class: string }), saleEnd: date };
    }),
    holdings: holdings as unknown as PlainBank['holdings'],
  };
}

const campaigns = [
  { campaign: 'deposit-upsell', kind: 'upsell', class: 'deposit', columns: ['deposit'] },
  { campaign: 'insurance-upsell', kind: 'upsell', class: 'insurance', columns: ['insurance'] },
  { campaign: 'fund-upsell', kind: 'upsell', class: 'fund', columns: ['fund'] },
  { campaign: 'deposit-cross', kind: 'cross', class: 'deposit', columns: ['deposit', 'insurance'] },
  { campaign: 'insurance-cross', kind: 'cross', class: 'insurance', columns: ['deposit', 'insurance'] },
  { campaign: 'fund-cross', kind: 'cross', class: 'fund', columns: ['deposit', 'insurance', 'fund'] },
] as const;

interface Row {
  customer: string;
  campaign: string;
  rank: number;
  product_code: string;
  product_name: string;
  score: number;
  source: string;
}

async function readRows(report: RunReport): Promise<Row[]> {
  const file = engine.dialect.text(join(report.folder, 'recommendations.parquet'));
  return (await queryRows(engine, `SELECT * FROM read_parquet(${file})`)) as unknown as Row[];
}

describe('the output of a run, against a plain oracle', () => {
  let report: RunReport;
  let bank: PlainBank;
  let rows: Row[];
  beforeAll(async () => {
    report = await run('oracle');
    bank = await readBank();
    rows = await readRows(report);
  });

  test.each(campaigns)('$campaign: every target is served a full list, or counted under a reason', async (campaign) => {
    const expected = expectedOf(bank, campaign);
    const lists = new Map<string, Row[]>();
    for (const row of rows)
      if (row.campaign === campaign.campaign) lists.set(row.customer, [...(lists.get(row.customer) ?? []), row]);
    const unserved: Record<string, number> = {};
    for (const [id, { reason, allowed, isEmpty }] of expected) {
      const list = lists.get(id) ?? [];
      if (reason !== null) {
        unserved[reason] = (unserved[reason] ?? 0) + 1;
        expect(list).toEqual([]);
        continue;
      }
      expect(list.map((row) => row.rank)).toEqual(Array.from({ length: Math.min(5, allowed.size) }, (_, i) => i + 1));
      expect(new Set(list.map((row) => row.product_code)).size).toBe(list.length);
      expect(list.filter((row) => !allowed.has(row.product_code))).toEqual([]);
      expect(list.every((row, i) => i === 0 || row.source !== list[i - 1]!.source || row.score <= list[i - 1]!.score)).toBe(true);
      expect(list.every((row) => row.source === (isEmpty ? 'popularity' : 'als'))).toBe(true);
    }
    expect([...lists.keys()].filter((id) => !expected.has(id))).toEqual([]);
    const counted = report.campaigns.find((found) => found.campaign === campaign.campaign)!;
    expect(counted).toMatchObject({ targets: expected.size, served: lists.size, unserved });
    expect(counted.rows).toBe([...lists.values()].reduce((sum, list) => sum + list.length, 0));
    expect(expected.size).toBe(lists.size + Object.values(unserved).reduce((sum, count) => sum + count, 0));
  });

  test('customers without anything get what most customers took in the last year', () => {
    const expected = expectedOf(bank, campaigns[3]);
    const takers = new Map<string, Set<string>>();
    for (const { customer, product, opened, closed } of bank.holdings) {
      if (opened === null || opened < '2021-08-31' || opened > bank.referenceDate) continue;
      if (closed === null || closed > bank.referenceDate) takers.set(product, (takers.get(product) ?? new Set()).add(customer));
    }
    const [id, { allowed }] = [...expected].find(([, { isEmpty, reason }]) => isEmpty && reason === null)!;
    const list = rows.filter((row) => row.customer === id && row.campaign === 'deposit-cross');
    const counts = bank.products.filter(({ code }) => allowed.has(code)).map(({ name }) => takers.get(name)?.size ?? 0);
    const best = counts.sort((a, b) => b - a).slice(0, 5);
    expect(list.map((row) => takers.get(row.product_name)?.size ?? 0)).toEqual(best);
    expect(list.map((row) => row.score)).toEqual(best.map((count) => Math.fround(count / customers)));
  });

  test('rows are ordered by campaign, customer and rank', () => {
    const order = campaigns.map(({ campaign }) => campaign as string);
    const keys = rows.map(
      ({ campaign, customer, rank }) => `${order.indexOf(campaign)} ${customer} ${String(rank).padStart(2, '0')}`,
    );
    expect(keys).toEqual([...keys].sort());
  });

  test('the manifest lists every published file, and no customer id is in manifest, report or run.json', async () => {
    const manifest = (await readJson<{ files: FileRecord[] }>(join(report.folder, 'manifest.json')))!;
    const names = manifest.files.map(({ file }) => file);
    for (const name of [
      'recommendations.parquet',
      'recommendations.csv',
      'clusters.parquet',
      'segments.parquet',
      'suppressed.parquet',
    ]) {
      expect(names).toContain(name);
    }
    const { readFile } = await import('node:fs/promises');
    for (const name of ['manifest.json', 'report.json', 'report.html', 'run.json']) {
      const text = await readFile(join(report.folder, name), 'utf8');
      // digits of a longer number (a coordinate, a mean) are not an id
      const ids = new Set(text.match(/(?<![\d.])\d{10}(?!\d)/g) ?? []);
      expect(bank.customers.filter(({ id }) => ids.has(id))).toEqual([]);
    }
  });
});

describe('same input, same bytes', () => {
  async function filesOf(report: RunReport): Promise<FileRecord[]> {
    return (await readJson<{ files: FileRecord[] }>(join(report.folder, 'manifest.json')))!.files;
  }

  longTest('with any number of workers, and in every run', async () => {
    const runs = [];
    for (const [output, workers] of [
      ['one', 1],
      ['three', 3],
      ['again', 3],
    ] as const) {
      runs.push(await run(output, (config) => config.replace('workers: auto', `workers: ${workers}`)));
    }
    const [first, ...others] = await Promise.all(runs.map(filesOf));
    expect(first!.filter(({ file }) => file.startsWith('models/')).length).toBeGreaterThan(6);
    for (const other of others) expect(other).toEqual(first);
    expect(new Set(runs.map((report) => report.run)).size).toBe(1);
  });

  longTest('and a run that was stopped goes on to the same bytes', async () => {
    const config = await loadConfig(await configFor('stopped'));
    const controller = new AbortController();
    const listener = {
      stage: ({ name }: { name: string }) => {
        if (name === 'train-fund-upsell') controller.abort(new Error('stop'));
      },
    };
    await expect(runJob(config, { signal: controller.signal, listener })).rejects.toThrow('stop');
    expect(await latestRun(join(folder, 'stopped'))).toBeUndefined();
    const resumed = await runJob(config);
    expect(resumed.stages.filter((stage) => stage.status === 'skipped').map((stage) => stage.name)).toEqual([
      ...['extract', 'segment', 'cluster', 'train-deposit-upsell', 'train-insurance-upsell'],
    ]);
    expect(await filesOf(resumed)).toEqual(await filesOf(await run('undisturbed')));
    const again = await runJob(config);
    expect(again.stages.every((stage) => stage.status === 'skipped')).toBe(true);
    expect(await readdir(join(folder, 'stopped'))).toEqual(['index.html', 'latest', 'published.json', 'runs']);
  });

  test('and a copy of the input in another folder', async () => {
    await cp(join(folder, 'data'), join(folder, 'copy'), { recursive: true });
    const copied = await run('copied', (config) => config.replace('./data', './copy'));
    expect(copied.run).toBe(await latestRun(join(folder, 'oracle')));
  });
});
