import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInlinePool, type KernelPool } from '@basketwise/core';
import { createNodePool } from '@basketwise/core/node';
import { type DuckdbEngine, openDuckdb } from '@basketwise/data';
import { applyClusters, type ClusterScheme, clusterModelFromState, clusterModelState, fitClusters } from '@basketwise/pipeline';
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

  test.each(['kmeans', 'kprototypes'] as const)(
    '%s: a saved model gives the labels of the fit, whatever the workers',
    async (method) => {
      const results = await Promise.all(
        [1, 2, 3].map(async (workers) => {
          const pool = await createNodePool(workers);
          const { model, assignment } = await fitClusters(context(pool), { ...scheme, method });
          const saved = JSON.parse(JSON.stringify(clusterModelState(model).parameters));
          const loaded = clusterModelFromState({ ...clusterModelState(model), parameters: saved });
          const applied = await applyClusters(context(pool), { ...scheme, method }, loaded);
          expect(applied.clusters).toEqual(assignment.clusters);
          expect(applied.sizes).toEqual(assignment.sizes);
          await pool.close();
          return { state: clusterModelState(model), clusters: assignment.clusters };
        }),
      );
      expect(results[1]).toEqual(results[0]);
      expect(results[2]).toEqual(results[0]);
    },
  );
});
