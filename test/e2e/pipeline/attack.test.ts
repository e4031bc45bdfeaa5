import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { required } from '@basketwise/core';
import { openDuckdb, queryRows } from '@basketwise/data';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basketwise, smallBank, writeBank } from './small-bank.ts';

// Small groups are planted in a bank; then all that may be passed on is searched for them: totals less the others, differences, ratios,
// shares times totals, sums out of means, digits of single values.

const customers = 1500;
/** The balance of one customer, alone in a cluster; and those of four, in a cluster of their own. */
const alone = 7_654_321_987;
const four = [3_100_000_001, 3_110_000_003, 3_120_000_007, 3_130_000_009];
/** Sizes of the planted groups. */
const planted = { noConsent: 5, zone: 3, otherSex: 2, withoutHoldings: 2, noId: 3, bothFlags: 6, strangers: 4, unknown: 7 };

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
const docs = new Map<string, string>();
const json = new Map<string, Json>();
let suppressed: Record<string, unknown>[];
let remove: () => Promise<void>;

const config = `
clusters:
  wealth: { k: 3, seed: 0, numeric: [balance] }
  kinds: { k: 2, seed: 0, numeric: [age], categorical: [sex] }
segments:
  wealth: { column: balance, bands: [ { label: low, to: 1000000 }, { label: rich, from: 1000000, to: 5e9 }, { label: huge, from: 5e9 } ] }
  zone: { column: zone, bands: [ { label: a, to: 1 }, { label: b, from: 1, to: 2 }, { label: c, from: 2 } ] }
  extras: { flags: [one, two] }
  map: { cross: [wealth, zone] }
evaluate: { window: 6 months, gap: 1 month, bootstrap: 100 }
tune: { parameters: { factors: [2, 4] } }
log: { file: run.log }
offers:
  value: { classes: { deposit: 10, insurance: 25 } }
  capacity: { calls: { most: 400 }, few: { most: 4, products: [I3] }, savings: { most: 23, products: [D4] } }
  control: { share: 0.3, salt: spring }
`;

function plantedBank() {
  const bank = smallBank(customers);
  const lines = Array.from({ length: customers }, (_, i) => {
    const id = i >= customers - planted.noId ? '' : String(i).padStart(4, '0');
    const balance = i === 77 ? alone : i >= 500 && i < 504 ? four[i - 500]! : (i * 7919) % 100_000;
    const zone = i < planted.zone ? 2 : i % 2;
    const sex = i >= 20 && i < 20 + planted.otherSex ? 'X' : i % 3 ? 'F' : 'M';
    const consent = i >= 40 && i < 40 + planted.noConsent ? 'N' : 'Y';
    const flags = i < planted.bothFlags ? '1,1' : i % 2 ? '1,0' : '0,1';
    return `${id},${20 + ((i * 7) % 60)},${consent},${balance},${zone},${sex},${flags}`;
  });
  const without = (id: number) => id % 7 === 6 && id >= 10 + 7 * planted.withoutHoldings;
  const more = Array.from({ length: customers }, (_, i) => i)
    .filter((id) => without(id) && id < customers - planted.noId)
    .map((i) => `${String(i).padStart(4, '0')},입출금통장,2021-0${1 + (i % 8)}-15`);
  const strange = Array.from({ length: planted.strangers }, (_, i) => `99${i}9,적금,2021-01-15`);
  const unknown = Array.from({ length: planted.unknown }, (_, i) => `${String(100 + i).padStart(4, '0')},없는상품,2021-01-15`);
  return {
    ...bank,
    customers: `id,age,consent,balance,zone,sex,one,two\n${lines.join('\n')}\n`,
    holdings: `${bank.holdings.replaceAll(/^149[7-9],.*\n/gm, '')}${[...more, ...strange, ...unknown].join('\n')}\n`,
    config:
      bank.config
        .replace('{ kind: upsell,', '{ kind: upsell, by_cluster: wealth,')
        .replace('output: {', 'output: { metrics: night.prom, lineage: { file: lineage.jsonl }, results: ended.json,') + config,
  };
}

beforeAll(async () => {
  const written = await writeBank(plantedBank());
  remove = written.remove;
  const { folder } = written;
  const run = async (...args: string[]) => {
    const { exitCode, stdout, stderr } = await basketwise(folder, ...args);
    expect([args, exitCode, exitCode === 0 ? '' : stderr]).toEqual([args, 0, '']);
    docs.set(args.join(' '), stdout);
    docs.set(`${args.join(' ')} on stderr`, stderr);
    if (args.includes('--json')) json.set(args.join(' '), JSON.parse(stdout) as Json);
  };
  // a night before, so that there is something to read out and to compare with
  await run('run', '--reference-date', '2021-12-31', '--accept-drop');
  await run('evaluate');
  await run('tune');
  await run('run', '--json');
  await run('run');
  await run('segment', '--json');
  await run('profile', '--json');
  await run('outcomes', '--json');
  await run('outcomes');
  const [before] = readdirSync(join(folder, 'out', 'runs')).sort();
  await run('compare', before!, '--json');
  await run('compare', before!);
  for (const command of ['apply', 'profile']) {
    // the model of the run is where the command looks
    await writeFile(
      join(folder, 'basketwise.yaml'),
      plantedBank().config.replace('wealth: { k: 3,', 'wealth: { model: out/latest/models/clusters/wealth.arrow, k: 3,'),
    );
    await run('cluster', command, 'wealth', '--json');
  }
  await run('rules', '--json', '--min-support', '0.001', '--min-confidence', '0.1');
  const latest = join(folder, 'out', 'latest');
  for (const place of [latest, join(folder, 'out')]) {
    for (const name of readdirSync(place)) {
      if (!/^(report|segments|clusters|evaluation|tune)\.(json|html|txt|md|yaml)$/.test(name)) continue;
      docs.set(name, readFileSync(join(place, name), 'utf8'));
      // it carries the calibration, and is the bank's own
      if (name.endsWith('.json') && name !== 'evaluation.json') json.set(name, JSON.parse(required(docs, name)) as Json);
    }
  }
  for (const name of ['run.log', 'night.prom', 'lineage.jsonl', 'ended.json'])
    docs.set(name, readFileSync(join(folder, name), 'utf8'));
  for (const name of ['index.html', 'profile.html']) docs.set(name, readFileSync(join(folder, 'out', name), 'utf8'));
  json.set('ended.json', JSON.parse(required(docs, 'ended.json')) as Json);
  json.set(
    'lineage.jsonl',
    required(docs, 'lineage.jsonl')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Json),
  );
  const engine = await openDuckdb({ memory: '200MB', threads: 1, tempDirectory: join(folder, 'spill'), path: latest });
  suppressed = await queryRows(engine, "SELECT * FROM 'suppressed.parquet'");
  await engine.close();
  expect(existsSync(join(latest, 'clusters.txt'))).toBe(true);
});
afterAll(() => remove());

/** Keys under which numbers of customers, or of rows of theirs, stand. */
const counts = new Set(
  (
    'customers targets served unserved suppressed rows sources first count sizes tested trained buyers pairs bought baskets read nullId kept ' +
    'withoutHoldings withHoldings excludedByWhere nullCustomer nullProduct unknownProduct unknownCustomer joinedLater repeated afterReference closed ' +
    'undated sample candidates offered control reasons used decided offers all before after otherFirst otherList came went holders opened rowCount ' +
    'missing offeredBefore'
  ).split(' '),
);

/** All leaves that are numbers of customers, with their paths. */
function countsIn(value: Json, path = '', isCount = false): [string, number | null][] {
  if (Array.isArray(value)) return value.flatMap((one, i) => countsIn(one, `${path}[${i}]`, isCount));
  if (value !== null && typeof value === 'object')
    return Object.entries(value).flatMap(([key, inner]) =>
      countsIn(
        inner,
        `${path}.${key}`,
        (counts.has(key) && (key !== 'offers' || typeof inner === 'number')) ||
          (isCount && key !== 'segment' && key !== 'labels'),
      ),
    );
  return isCount && (value === null || typeof value === 'number') ? [[path, value]] : [];
}

function numbersIn(value: Json): number[] {
  if (Array.isArray(value)) return value.flatMap(numbersIn);
  if (value !== null && typeof value === 'object') return Object.values(value).flatMap(numbersIn);
  return typeof value === 'number' ? [value] : [];
}

const at = (value: Json | undefined, ...path: (string | number)[]): Json =>
  path.reduce<Json>((inner, key) => (inner as { [key: string]: Json })[key] as Json, value ?? null);
const list = (value: Json) => value as Json[];
const number = (value: Json) => value as number | null;
const isTens = (value: number) => Math.abs(value - Math.round(value / 10) * 10) < 0.05;

describe('a reader of all that may be passed on', () => {
  test('has files and prints to search', () => {
    for (const name of [
      'report.json',
      'report.html',
      'segments.json',
      'segments.txt',
      'clusters.json',
      'clusters.txt',
      'evaluation.md',
      'tune.json',
      'tune.md',
      'tune.html',
    ])
      expect([...docs.keys()]).toContain(name);
    expect(countsIn(required(json, 'report.json')).length).toBeGreaterThan(100);
    for (const name of ['outcomes --json', 'profile --json', 'lineage.jsonl', 'ended.json'])
      expect([name, countsIn(required(json, name)).some(([, found]) => found !== null && found > 0)]).toEqual([name, true]);
    const offers = countsIn(at(required(json, 'report.json'), 'offers'));
    // the planted capacity of four, and who is left over by it
    for (const path of ['.capacities[1].used', '.campaigns[1].reasons.capacity']) expect(offers).toContainEqual([path, null]);
  });

  test('finds no number of customers that is not in tens: no sum or difference of them is a small group', () => {
    for (const [name, value] of json) {
      if (name.startsWith('tune')) continue;
      // products are not customers, and what was bought per offer is made of hidden numbers as the claim `attack` tries
      for (const [path, found] of countsIn(value).filter(
        ([path]) => !/products\.read$|calibration.*bought$|inputs\[1\]/.test(path),
      ))
        expect([name, path, found === null || isTens(found)]).toEqual([name, path, true]);
    }
    for (const row of suppressed) expect(row.customers === null || isTens(Number(row.customers))).toBe(true);
    expect(suppressed.map(({ customers: found }) => found)).toContain(null);
  });

  test('finds none in metrics and in the table of nights', () => {
    const metrics = [
      ...required(docs, 'night.prom').matchAll(/^basketwise_(?:customers|holdings|campaign_(?:targets|served|rows))\S* (\S+)$/gm),
    ];
    expect(metrics.length).toBeGreaterThan(7);
    const cells = [...required(docs, 'index.html').matchAll(/<td[^>]*>([\d,]{2,})<\/td>/g)];
    expect(cells.length).toBeGreaterThan(1);
    for (const [line, value] of [...metrics, ...cells])
      expect([line, isTens(Number(value!.replaceAll(',', '')))]).toEqual([line, true]);
  });

  test('does not get a planted number as a total less the others', () => {
    const report = required(json, 'report.json');
    const rest = (total: number | null, parts: (number | null)[]) =>
      total === null ? null : total - parts.reduce<number>((sum, part) => sum + (part ?? 0), 0);
    const found = [
      at(report, 'data', 'customers', 'withoutHoldings'),
      at(report, 'data', 'customers', 'nullId'),
      at(report, 'data', 'holdings', 'unknownCustomer'),
      at(report, 'data', 'holdings', 'unknownProduct'),
    ];
    expect(found).toEqual([null, null, null, null]);
    // of offers: candidates less those with an offer and those without, per reason
    for (const one of [at(report, 'offers', 'all'), ...list(at(report, 'offers', 'campaigns'))]) {
      const left = rest(number(at(one, 'candidates')), [number(at(one, 'offered')), ...numbersIn(at(one, 'reasons'))]);
      expect(left === null || left <= 0 || left >= 10).toBe(true);
    }
    const attacked: (number | null)[] = [];
    for (const segment of list(at(report, 'segments', 'segments')))
      attacked.push(
        rest(
          number(at(report, 'segments', 'customers')),
          list(at(segment, 'labels')).map((label) => number(at(label, 'customers'))),
        ),
      );
    for (const scheme of list(at(report, 'clusters'))) attacked.push(rest(customers, list(at(scheme, 'sizes')).map(number)));
    for (const campaign of list(at(report, 'campaigns'))) {
      attacked.push(
        rest(number(at(campaign, 'targets')), [number(at(campaign, 'served')), ...numbersIn(at(campaign, 'unserved'))]),
      );
      attacked.push(
        rest(
          number(at(campaign, 'served')),
          list(at(campaign, 'products')).map((product) => number(at(product, 'first'))),
        ),
      );
    }
    for (const value of attacked) expect(value === null || value <= 0 || value >= 10).toBe(true);
    // the only hidden label of three is not left alone
    const labels = (name: string) =>
      list(at(list(at(report, 'segments', 'segments')).find((one) => at(one, 'name') === name)!, 'labels')).map((label) =>
        number(at(label, 'customers')),
      );
    expect(labels('zone').filter((value) => value === null).length).toBeGreaterThan(0);
    expect(labels('wealth').filter((value) => value === null).length).toBe(2);
  });

  test('gets only published numbers out of shares and their totals', () => {
    const report = required(json, 'report.json');
    for (const campaign of list(at(report, 'campaigns'))) {
      const served = number(at(campaign, 'served'))!;
      for (const product of list(at(campaign, 'products'))) {
        const share = number(at(product, 'firstShare'));
        expect(share === null).toBe(number(at(product, 'first')) === null);
        if (share !== null) expect(isTens(share * served)).toBe(true);
      }
    }
    for (const profile of list(at(required(json, 'clusters.json'), 'profiles'))) {
      const sizes = [number(at(profile, 'customers')), ...list(at(profile, 'sizes')).map(number)];
      for (const feature of list(at(profile, 'features'))) {
        if (at(feature, 'kind') !== 'category') continue;
        for (const [group, top] of list(at(feature, 'top')).entries())
          for (const one of list(top)) {
            expect(at(one, 'category')).not.toBe('X');
            if (group > 0) expect(isTens(number(at(one, 'share'))! * sizes[group]!)).toBe(true);
          }
      }
    }
  });

  test('gets no balance of a hidden cluster out of means, medians and totals', () => {
    for (const profile of [
      list(at(required(json, 'clusters.json'), 'profiles'))[0]!,
      required(json, 'cluster profile wealth --json'),
    ]) {
      const sizes = list(at(profile, 'sizes')).map(number);
      expect(sizes.filter((size) => size === null)).toHaveLength(2);
      const balance = list(at(profile, 'features')).find((feature) => at(feature, 'column') === 'balance')!;
      for (const key of ['mean', 'median']) {
        const [all, ...each] = list(at(balance, key)).map(number);
        for (const total of [customers, customers - planted.noId, number(at(profile, 'customers'))!]) {
          const left =
            (all ?? 0) * total - each.reduce<number>((sum, mean, cluster) => sum + (mean ?? 0) * (sizes[cluster] ?? 0), 0);
          for (const group of [1, 4, 5]) expect(Math.abs(left / group)).toBeLessThan(alone / 10);
        }
        for (const [cluster, size] of sizes.entries()) if (size === null) expect(each[cluster]).toBeNull();
      }
    }
  });

  test('meets no value of a single customer anywhere', () => {
    for (const [name, text] of docs) {
      const found = [...text.replaceAll(/(?<=\d),(?=\d{3})/g, '').matchAll(/\d+(?:\.\d+)?(?:e\+?\d+)?/g)].map(([digits]) =>
        Number(digits),
      );
      for (const value of [alone, ...four]) {
        const near = found.filter((one) => Math.abs(one - value) < value * 0.002);
        expect([name, value, near]).toEqual([name, value, []]);
      }
    }
  });

  test('reads no small number of customers in a text', () => {
    for (const [name, text] of docs) {
      if (/\.json|--json|stderr|log/.test(name)) continue;
      const numbers = [...text.matchAll(/(\d+) (?:customers|targets|of them took)/g)].map(([, digits]) => Number(digits));
      expect([name, numbers.filter((one) => one > 0 && one % 10 !== 0 && one !== 20)]).toEqual([name, []]);
    }
  });
});
