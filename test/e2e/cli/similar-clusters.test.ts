import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { required } from '@basketwise/core';
import type { SimilarProducts } from '@basketwise/insight';
import { expect, test } from 'vitest';
import { parquetRows } from '../pipeline/parquet-rows.ts';
import { basketwise, smallBank, testBank } from '../pipeline/small-bank.ts';

const small = smallBank(150);
const config = `${small.config
  .replace('class: deposit }', 'class: deposit, by_cluster: ages, model: { kind: item-knn, similarity: cosine, neighbours: 9 } }')
  .replace('[csv, parquet] }', '[parquet], report: false }')}clusters:
  ages: { k: 2, numeric: [age] }
`;

interface Fit {
  cluster: number | null;
  customers: number;
}

test('with a model per cluster, similarities are the mean of those of the clusters, over their customers', async () => {
  const { folder } = await testBank({ ...small, config });
  expect((await basketwise(folder, 'run')).exitCode).toBe(0);
  const { trainings } = JSON.parse(await readFile(join(folder, 'out/latest/manifest.json'), 'utf8'));
  const fits: Fit[] = trainings.find(({ campaign }: { campaign: string }) => campaign === 'deposit-upsell').fits;
  expect(fits.map(({ cluster }) => cluster)).toEqual([0, 1]);
  const clusterOf = new Map(
    (await parquetRows(folder, 'out/latest/clusters.parquet')).map((row) => [String(row.customer), Number(row.cluster)]),
  );
  const holders = new Map<string, Set<string>>();
  for (const [customer, name] of small.holdings.split('\n').map((line) => line.split(',')))
    holders.set(name!, (holders.get(name!) ?? new Set()).add(customer!));
  const cosine = (one: string, other: string, cluster: number) => {
    const [a, b] = [one, other].map((name) => [...required(holders, name)].filter((id) => clusterOf.get(id) === cluster));
    return a!.filter((id) => b!.includes(id)).length / Math.sqrt(a!.length * b!.length);
  };
  const all = fits.reduce((sum, { customers }) => sum + customers, 0);
  const { stdout } = await basketwise(folder, 'similar', 'D1', '--campaign', 'deposit-upsell', '--json');
  const { by, product, similar } = JSON.parse(stdout) as SimilarProducts;
  expect(by).toBe('item-knn');
  expect(similar.length).toBeGreaterThan(1);
  for (const { name, similarity } of similar) {
    const expected = fits.reduce(
      (sum, { cluster, customers }) => sum + (cosine(product.name, name, cluster!) * customers) / all,
      0,
    );
    expect(similarity, name).toBeCloseTo(expected, 6);
  }
});
