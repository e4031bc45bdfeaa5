import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  applyClusters,
  assignmentQuery,
  type ClusterModel,
  type ClusterScheme,
  choiceText,
  chooseK,
  clusterModelFromState,
  clusterModelState,
  fitClusters,
  methodNames,
  profileClusters,
  profileText,
} from '@basketwise/clusters';
import { createInlinePool, createNodePool, type KernelPool } from '@basketwise/core';
import { type DuckdbEngine, openDuckdb, queryRows } from '@basketwise/data';
import { writeClusterReport } from '@basketwise/pipeline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const customerCount = 4000;
let folder: string;
let engine: DuckdbEngine;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clusters-'));
  engine = await openDuckdb({ memory: '512MB', threads: 2, tempDirectory: folder });
  // Skewed amounts, counts that repeat, missing values, a constant and an all-missing column.
  await engine.run(`CREATE TABLE customers AS SELECT CAST(i AS INTEGER) AS customer,
    CASE WHEN i % 7 = 0 THEN NULL ELSE exp((i * 7919 % 1000) / 80.0) - 1 END AS balance,
    CAST(i * 31 % 4 AS DOUBLE) AS accounts, CAST(i * 17 % 90 AS DOUBLE) AS age,
    CASE i * 13 % 3 WHEN 0 THEN '남' WHEN 1 THEN '여' END AS sex, 'x' AS branch, 1.0 AS one, CAST(NULL AS DOUBLE) AS nothing,
    i % 5 > 0 AS holder FROM range(${customerCount}) AS r(i)`);
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

const scheme: ClusterScheme = {
  name: 'deposit',
  where: 'holder',
  method: 'kmeans',
  k: 5,
  seed: 0,
  starts: 3,
  numeric: ['balance', 'accounts', 'age', 'one', 'nothing'],
  categorical: ['sex', 'branch'],
  scale: 'minmax',
  weights: {},
  important: [],
};

function context(pool: KernelPool, from = 'customers') {
  return { pool, customers: { engine, from }, customerCount };
}

describe('clusters of customers', () => {
  test('are fitted on those the scheme means, numbered by falling size, and left out of the others', async () => {
    const { model, assignment } = await fitClusters(context(createInlinePool()), scheme);
    expect(assignment.clusters.filter((cluster) => cluster >= 0).length).toBe(3200);
    expect(assignment.clusters.every((cluster, i) => (cluster === -1) === (i % 5 === 0))).toBe(true);
    expect(assignment.sizes.reduce((a, b) => a + b)).toBe(3200);
    expect([...assignment.sizes].sort((a, b) => b - a)).toEqual(assignment.sizes);
    expect(model.features.leftOut).toEqual([
      { column: 'one', why: 'constant' },
      { column: 'nothing', why: 'all missing' },
      { column: 'branch', why: 'constant' },
    ]);
    expect(model.features.numeric.map(({ kind, column }) => `${column} ${kind}`)).toEqual([
      'balance number',
      'balance indicator',
      'accounts number',
      'age number',
    ]);
    expect(model.features.categorical).toMatchObject([{ column: 'sex', categories: ['남', '여'], missing: true }]);
  });

  test('of many customers some are fitted, drawn by a hash, and all are assigned: nearly the clusters of all', async () => {
    const pool = createInlinePool();
    const whole = await fitClusters(context(pool), scheme);
    const some = await fitClusters(context(pool), { ...scheme, fit_sample: 1600 });
    expect(whole.model.fit.customers).toBe(3200);
    expect(some.model.fit.customers).toBeGreaterThan(1450);
    expect(some.model.fit.customers).toBeLessThan(1750);
    const { clusters, sizes } = some.assignment;
    expect(sizes.reduce((a, b) => a + b)).toBe(3200);
    expect([...sizes].sort((a, b) => b - a)).toEqual(sizes);
    expect(clusters.map((cluster) => Math.min(cluster, 0))).toEqual(
      whole.assignment.clusters.map((cluster) => Math.min(cluster, 0)),
    );
    const meanCost = ({ cost, customers }: ClusterModel['fit']) => cost / customers;
    expect(meanCost(some.model.fit) / meanCost(whole.model.fit)).toBeCloseTo(1, 1);
    const even = await fitClusters(context(pool), { ...scheme, fit_sample: 800, where: `${scheme.where} AND customer % 2 = 0` });
    expect(Math.abs(even.model.fit.customers - 800)).toBeLessThan(80);
  });

  test.each([
    ...methodNames.map((name) => [name, {}] as const),
    ['kprototypes', { start_sample: 500 }] as const,
    ['kmeans', { fit_sample: 900 }] as const,
  ])('%s %j: a saved model gives the labels of the fit, with any number of workers, and in the engine', async (method, more) => {
    const results = await Promise.all(
      [1, 3].map(async (workers) => {
        const pool = await createNodePool(workers);
        const { model, assignment } = await fitClusters(context(pool), { ...scheme, ...more, method });
        const saved = JSON.parse(JSON.stringify(clusterModelState(model).parameters));
        const loaded = clusterModelFromState({ ...clusterModelState(model), parameters: saved });
        // a run copies a kept model: byte for byte
        expect(JSON.stringify(clusterModelState(loaded).parameters)).toBe(JSON.stringify(saved));
        const applied = await applyClusters(context(pool), { ...scheme, method }, loaded);
        expect(applied.clusters).toEqual(assignment.clusters);
        expect(applied.sizes).toEqual(assignment.sizes);
        expect(await compareAssignments(loaded, assignment.clusters)).toMatchObject({ differing: 0 });
        await pool.close();
        return { state: clusterModelState(model), clusters: assignment.clusters };
      }),
    );
    expect(results[1]).toEqual(results[0]);
  });

  test.each([
    ['minmax', undefined],
    ['standard', 'native'],
    ['robust', 'ordinal'],
    ['log-minmax', 'one-hot'],
    ['log-standard', 'native'],
    ['quantile', 'one-hot'],
  ] as const)('the engine assigns by generated SQL as the kernels do: %s, %s', async (scale, encoding) => {
    const pool = createInlinePool();
    const wanted = { ...scheme, scale, encoding, weights: { age: 3, sex: 0.5 } };
    const { model, assignment } = await fitClusters(context(pool), wanted);
    const { differing, close } = await compareAssignments(model, assignment.clusters);
    expect(differing).toBe(0);
    expect(close).toBeLessThan(customerCount / 100);
  });

  test('values that were not there when fitting are counted and treated alike by both', async () => {
    const pool = createInlinePool();
    const { model } = await fitClusters(context(pool), { ...scheme, encoding: { sex: 'ordinal' } });
    const { model: native } = await fitClusters(context(pool), { ...scheme, method: 'kprototypes' });
    await engine.run(`CREATE OR REPLACE VIEW newcomers AS SELECT * REPLACE (CASE WHEN customer % 9 = 1 THEN NULL ELSE age END AS age,
      CASE WHEN customer % 11 = 1 THEN '기타' ELSE sex END AS sex) FROM customers`);
    const method = 'kprototypes' as const;
    for (const [fitted, wanted] of [
      [model, scheme],
      [native, { ...scheme, method }],
    ] as const) {
      const applied = await applyClusters(context(pool, 'newcomers'), wanted, fitted);
      expect(applied.treated).toEqual([
        { column: 'age', kind: 'missing', customers: 356 },
        { column: 'sex', kind: 'new category', customers: 292 },
      ]);
      expect(await compareAssignments(fitted, applied.clusters, 'newcomers')).toMatchObject({ differing: 0 });
    }
  });

  test('one missing value is enough for an indicator', async () => {
    await engine.run(
      `CREATE OR REPLACE VIEW nearly AS SELECT * REPLACE (CASE WHEN customer <> 7 THEN age END AS age) FROM customers`,
    );
    const own = { ...scheme, where: null, k: 2, numeric: ['age'], categorical: [] };
    const { model } = await fitClusters(context(createInlinePool(), 'nearly'), own);
    expect(model.features.numeric.map(({ kind }) => kind)).toEqual(['number', 'indicator']);
  });

  test.each(['minmax', 'standard', 'robust', 'log-minmax', 'log-standard', 'quantile'] as const)(
    '%s: a value that is missing later, though never when fitting, counts as the median',
    async (scale) => {
      const pool = createInlinePool();
      // poor customers and three rich ones: the maximum is far from the median
      await engine.run(`CREATE OR REPLACE VIEW savers AS SELECT customer, CAST(CASE WHEN customer < 3 THEN 100000 + customer
        ELSE customer % 50 END AS DOUBLE) AS balance FROM customers WHERE customer < 301`);
      const [{ median }] = (await queryRows(engine, 'SELECT quantile_disc(balance, 0.5) AS median FROM savers')) as [
        { median: number },
      ];
      await engine.run(`CREATE OR REPLACE VIEW emptied AS SELECT * REPLACE
        (CASE WHEN customer BETWEEN 3 AND 5 THEN NULL ELSE balance END AS balance) FROM savers`);
      await engine.run(
        `CREATE OR REPLACE VIEW filled AS SELECT * REPLACE (coalesce(balance, ${median}) AS balance) FROM emptied`,
      );
      const own = { ...scheme, where: null, k: 2, numeric: ['balance'], categorical: [], scale };
      const { model } = await fitClusters(context(pool, 'savers'), own);
      expect(model.features.numeric).toMatchObject([{ kind: 'number', median }]);
      const { clusters, treated } = await applyClusters(context(pool, 'emptied'), own, model);
      expect(treated).toEqual([{ column: 'balance', kind: 'missing', customers: 3 }]);
      expect(clusters).toEqual((await applyClusters(context(pool, 'filled'), own, model)).clusters);
    },
  );

  test('missing values that a model of an earlier version takes for the maximum are reported', async () => {
    const pool = createInlinePool();
    const own = { ...scheme, where: null, numeric: ['age', 'accounts'], categorical: [] };
    const { model } = await fitClusters(context(pool), own);
    const { medians: _, ...features } = model.features;
    const kept = { ...model, features: { ...features, numeric: features.numeric.map((one) => ({ ...one, median: 89 })) } };
    await engine.run(
      'CREATE OR REPLACE VIEW ageless AS SELECT * REPLACE (CASE WHEN customer = 7 THEN NULL ELSE age END AS age) FROM customers',
    );
    const warnings = async (from: string, of: ClusterModel) =>
      (await profileClusters(context(pool, from), own, of, await applyClusters(context(pool, from), own, of))).warnings;
    expect(await warnings('customers', kept)).toEqual([]);
    expect(await warnings('ageless', model)).toEqual([]);
    expect(await warnings('ageless', kept)).toEqual([
      expect.stringMatching(/missing values of age count as the column's maximum.*fit again/),
    ]);
  });

  test('a model for other columns, another method or another k is refused', async () => {
    const pool = createInlinePool();
    const { model } = await fitClusters(context(pool), scheme);
    const apply = (other: Partial<ClusterScheme>) => applyClusters(context(pool), { ...scheme, ...other }, model);
    await expect(apply({ numeric: ['age', 'tenure'] })).rejects.toThrow(/other columns: without tenure, with balance, accounts/);
    await expect(apply({ method: 'kprototypes' })).rejects.toThrow(/the model is kmeans/);
    await expect(apply({ k: 6 })).rejects.toMatchObject({ code: 'cluster-count' });
  });

  test('a kept model that was fitted with other settings than the scheme has is reported, each setting by its name', async () => {
    const pool = createInlinePool();
    const { model, assignment } = await fitClusters(context(pool), scheme);
    const kept = clusterModelFromState(structuredClone(clusterModelState(model)));
    const warnings = async (other: Partial<ClusterScheme>, from: ClusterModel = kept) =>
      (await profileClusters(context(pool), { ...scheme, ...other }, from, assignment)).warnings;
    expect(await warnings({})).toEqual([]);
    expect(await warnings({ weights: { age: 1 }, scale: { age: 'minmax' } })).toEqual([]);
    const messages = await warnings({
      seed: 3,
      scale: { age: 'quantile' },
      weights: { sex: 2 },
      encoding: 'native',
      starts: 4,
      gamma: 1,
    });
    expect(messages).toHaveLength(1);
    for (const part of [
      'seed 0 (the config: 3)',
      'starts 3 (the config: 4)',
      'gamma not given (the config: 1)',
      'scale.age minmax (the config: quantile)',
      'encoding.sex one-hot (the config: native)',
      'weights.sex 1 (the config: 2)',
    ])
      expect(messages[0]).toContain(part);
    expect(messages[0]).not.toContain('scale.balance');
    const { settings: _, ...old } = clusterModelState(model).parameters;
    const fromOldFile = clusterModelFromState(structuredClone({ ...clusterModelState(model), parameters: old }));
    expect(await warnings({}, fromOldFile)).toEqual([expect.stringContaining('does not contain the scale')]);
  });

  test('more clusters than kinds of customers stop with exit 75, naming the empty ones', async () => {
    const few = { ...scheme, numeric: ['accounts'], categorical: [], k: 6 };
    const error = await fitClusters(context(createInlinePool()), few).catch((cause) => cause);
    expect(error).toMatchObject({ code: 'cluster-count' });
    expect(error.message).toMatch(/4 of 6 clusters have customers; empty: \d, \d$/);
  });

  test('applying to customers who fill only some of the clusters stops with exit 75', async () => {
    const pool = createInlinePool();
    const { model } = await fitClusters(context(pool), scheme);
    await engine.run('CREATE OR REPLACE VIEW one_customer AS SELECT * FROM customers WHERE customer = 1');
    await expect(applyClusters(context(pool, 'one_customer'), scheme, model)).rejects.toMatchObject({ code: 'cluster-count' });
  });

  test('the number of clusters is found where customers fall into groups', async () => {
    // Four heaps of customers, far apart on a square.
    await engine.run(`CREATE OR REPLACE VIEW heaps AS SELECT customer, (customer % 2) * 10 + (customer * 7919 % 101) / 101.0 AS x,
      (customer // 2 % 2) * 10 + (customer * 104729 % 103) / 103.0 AS y, true AS holder FROM customers`);
    const heaps = { ...scheme, numeric: ['x', 'y'], categorical: [] };
    const choice = await chooseK(context(createInlinePool(), 'heaps'), heaps, { from: 2, to: 8, choose: 'silhouette' });
    expect(choice).toMatchObject({ customers: 4000, sample: 4000, silhouetteSample: 2000, elbow: 4, silhouette: 4, chosen: 4 });
    expect(choice.trials.map(({ k }) => k)).toEqual([2, 3, 4, 5, 6, 7, 8]);
    expect(choice.trials[2]).toMatchObject({ stability: 1, sizes: [1000, 1000, 1000, 1000] });
    expect(choice.trials[2]!.silhouette).toBeGreaterThan(0.9);
    expect(choiceText(choice)).toMatch(/elbow 4, largest silhouette 4/);
  });

  test('the profile names the columns that separate the clusters, and warns where an important column does not', async () => {
    const pool = createInlinePool();
    const wanted = { ...scheme, important: ['balance', 'accounts'] };
    const { model, assignment } = await fitClusters(context(pool), wanted);
    const profile = await profileClusters(context(pool), wanted, model, assignment);
    expect(profile.sizes).toEqual(assignment.sizes.map((size) => Math.floor(size / 10) * 10));
    const explained = profile.features.map((feature) => feature.explained);
    expect([...explained].sort((a, b) => b - a)).toEqual(explained);
    const [sex] = profile.features.filter((feature) => feature.column === 'sex');
    if (sex?.kind !== 'category') throw new Error('sex is a category');
    const sql = (items: string) => queryOne(`SELECT ${items} FROM customers WHERE holder`);
    const counts = await sql('count(*) FILTER (WHERE sex IS NULL) / count(*) AS missing, avg(balance) AS mean');
    expect(sex.top[0]!.find(({ category }) => category === null)!.share).toBeCloseTo(Number(counts.missing), 2);
    const balance = profile.features.find((feature) => feature.column === 'balance')!;
    if (balance.kind !== 'number') throw new Error('balance is a number');
    expect(balance.mean[0]).toBeCloseTo(Number(counts.mean), 6);
    expect(profile.warnings).toHaveLength(1);
    expect(profile.warnings[0]).toMatch(/explain \d\.\d % of balance, which is marked important/);
    expect(profileText(profile)).toContain('Warning: clusters.deposit');
  });

  test('the profile of every number is what its values say, of a fit and of a saved model applied block by block', async () => {
    const pool = createInlinePool();
    const wanted = { ...scheme, scale: 'log-standard' as const, encoding: { sex: 'ordinal' as const } };
    const { model, assignment } = await fitClusters(context(pool), wanted);
    const profile = await profileClusters(context(pool), wanted, model, assignment);
    const labels = `unnest([${assignment.clusters.join(', ')}]) AS cluster, generate_subscripts([${assignment.clusters.join(', ')}], 1) - 1 AS customer`;
    await engine.run(`CREATE OR REPLACE TABLE found AS SELECT * FROM (SELECT ${labels}) WHERE cluster >= 0`);
    for (const column of ['balance', 'accounts', 'age']) {
      const found = profile.features.find((feature) => feature.column === column)!;
      if (found.kind !== 'number') throw new Error(`${column} is a number`);
      const scaled = `ln(1 + coalesce(${column}, ${column === 'balance' ? 'middle' : 0}))`;
      const rows = `SELECT c.*, cluster, ${column} AS x, ${scaled} AS t FROM customers c JOIN found USING (customer),
        (SELECT quantile_disc(balance, 0.5) AS middle FROM customers WHERE holder)`;
      const groups = await queryRows(
        engine,
        `SELECT count(x) AS n, avg(x) AS mean, quantile_disc(x, 0.5) AS middle, var_pop(x) AS variance, count(*) AS rows, avg(t) AS scaled,
          var_pop(t) AS spread, coalesce(cluster, -1) AS cluster FROM (${rows}) GROUP BY ROLLUP (cluster) ORDER BY 8`,
      );
      const [all, ...clusters] = groups.map((row) => ({ ...row }) as Record<string, number>);
      const between = (mean: string, n: string) =>
        clusters.reduce((sum, group) => sum + group[n]! * (group[mean]! - all![mean]!) ** 2, 0) / all![n]!;
      expect(found.mean.map((mean) => mean!.toPrecision(9))).toEqual(groups.map(({ mean }) => Number(mean).toPrecision(9)));
      expect(found.median).toEqual(groups.map(({ middle }) => middle));
      expect(found.explainedRaw).toBeCloseTo(between('mean', 'n') / all!.variance!, 9);
      expect(found.explained).toBeCloseTo(between('scaled', 'rows') / all!.spread!, 6);
    }
    const applied = await applyClusters(context(pool), wanted, model);
    const again = await profileClusters(context(pool), wanted, model, applied);
    expect(again.features.map(({ column }) => column)).toEqual(profile.features.map(({ column }) => column));
    for (const [i, feature] of again.features.entries()) {
      expect(feature.explained).toBeCloseTo(profile.features[i]!.explained, 9);
      expect({ ...feature, explained: 0, explainedRaw: 0 }).toEqual({ ...profile.features[i]!, explained: 0, explainedRaw: 0 });
    }
  });

  test('a run leaves profiles, cost curves and drift as JSON and text', async () => {
    const pool = createInlinePool();
    const fitted = await fitClusters(context(pool), scheme, { from: 2, to: 5, choose: 'elbow', sample: 500 });
    expect(fitted.model.choice).toMatchObject({ sample: 500, customers: 3200 });
    const profile = await profileClusters(context(pool), scheme, fitted.model, fitted.assignment);
    const [before, after] = [join(folder, 'before'), join(folder, 'after')];
    await Promise.all([mkdir(before), mkdir(after)]);
    await writeClusterReport(before, [profile], [fitted.model.choice!]);
    const moved = { ...profile, sizes: [2800, 100, 100, 100, 100] };
    const { drift } = await writeClusterReport(after, [moved], [], before);
    expect(drift).toMatchObject([{ name: 'deposit', verdict: 'shifted' }]);
    expect(JSON.parse(await readFile(join(before, 'clusters.json'), 'utf8'))).toMatchObject({
      drift: [],
      choices: [{ sample: 500 }],
    });
    expect(await readFile(join(after, 'clusters.txt'), 'utf8')).toMatch(/deposit +\d+\.\d{4} +shifted/);
  });

  test('clusters that are one column explain all of it, and clusters beside it nothing', async () => {
    await engine.run(`CREATE OR REPLACE VIEW two AS SELECT customer, CAST(customer % 2 AS DOUBLE) AS half, true AS holder,
      CASE customer // 2 % 2 WHEN 0 THEN 'a' ELSE 'b' END AS letter, CASE customer % 2 WHEN 0 THEN 'c' ELSE 'd' END AS same FROM customers`);
    const wanted = { ...scheme, k: 2, numeric: ['half'], categorical: ['letter', 'same'], weights: { letter: 0 } };
    const { model, assignment } = await fitClusters(context(createInlinePool(), 'two'), wanted);
    const { features } = await profileClusters(context(createInlinePool(), 'two'), wanted, model, assignment);
    expect(features.map(({ column, explained }) => [column, explained])).toEqual([
      ['half', 1],
      ['same', 1],
      ['letter', 0],
    ]);
  });

  test.each([
    ['infinite', "'inf'"],
    ['NaN', "'nan'"],
  ])('an %s value is an error naming the column', async (_, value) => {
    await engine.run(`CREATE OR REPLACE VIEW broken AS SELECT * REPLACE (CASE WHEN customer = 77 THEN CAST(${value} AS DOUBLE) ELSE age END AS age)
      FROM customers`);
    const pool = createInlinePool();
    await expect(fitClusters(context(pool, 'broken'), scheme)).rejects.toThrow(/column age holds NaN or infinite/);
    const { model } = await fitClusters(context(pool), scheme);
    await expect(applyClusters(context(pool, 'broken'), scheme, model)).rejects.toThrow(/column age holds/);
  });

  test('no customers and no columns are errors', async () => {
    const pool = createInlinePool();
    await expect(fitClusters(context(pool), { ...scheme, where: 'age < 0' })).rejects.toMatchObject({ code: 'missing-input' });
    const constant = { ...scheme, numeric: ['one', 'nothing'], categorical: ['branch'] };
    await expect(fitClusters(context(pool), constant)).rejects.toThrow(/no column left/);
  });
});

async function queryOne(sql: string) {
  const [row = {}] = await queryRows(engine, sql);
  return row;
}

/** Customers with another cluster in SQL: `close` where two distances differ by less than 1e-9, else `differing`. */
async function compareAssignments(model: ClusterModel, clusters: Int16Array, from = 'customers') {
  const rows = { from, where: scheme.where, keep: ['customer'], distances: true };
  let differing = 0;
  let close = 0;
  let seen = 0;
  for await (const { rows: count, columns } of engine.query(assignmentQuery(engine.dialect, model, rows))) {
    for (let i = 0; i < count; i++) {
      seen++;
      if (columns.cluster![i] === clusters[columns.k0![i] as number]) continue;
      const distances = Array.from({ length: model.k }, (_, j) => columns[`d${j}`]![i] as number).sort((a, b) => a - b);
      if (distances[1]! - distances[0]! < 1e-9) close++;
      else differing++;
    }
  }
  expect(seen).toBe(3200);
  return { differing, close };
}
