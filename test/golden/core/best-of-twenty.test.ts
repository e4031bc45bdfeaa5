// The best cost of 20 starts of scikit-learn 1.9.1 (KMeans: k-means++, tol 0) and kmodes 0.12.2 (KModes: Huang, and Cao once for soybean;
// KPrototypes: Huang) on the same standardised tables, and costs from given rows; all run once for this project.
import { centresFromRows, createInlinePool, fitCentres } from '@basketwise/core';
import { describe, expect, test } from 'vitest';
import { some } from '../../cases.ts';
import { drawnTable } from '../../reference/drawn.ts';
import { dataFile, evenRows, numbersOf, pointsOf, readTable, standardised } from '../../reference/mixed-set.ts';
import peers from '../peers.json' with { type: 'json' };

interface Case {
  name: string;
  /** Absent: the drawn table. */
  file?: string;
  options?: string;
  numeric?: readonly string[] | 'all';
  categorical?: readonly string[] | 'others';
  ignore?: readonly string[];
  kind?: 'one-hot' | 'native';
  gamma?: number;
  /** Per k: the peer's best of 20, and the cost from rows floor(j * n / k) where known. */
  best: Readonly<Record<number, number>>;
  /** Of the starts, one after the other; default 0. */
  seeds?: readonly number[];
  given?: Readonly<Record<number, number>>;
}

const bestOf = <T extends { k: number }>(fits: readonly T[], best: (fit: T) => number) =>
  Object.fromEntries(fits.map((fit) => [fit.k, best(fit)]));
const drawn: Case[] = [
  { name: 'drawn numbers', best: bestOf(peers.kmeans, ({ best }) => best), given: bestOf(peers.kmeans, ({ cost }) => cost) },
  { name: 'drawn, k-prototypes', gamma: 20, best: bestOf(peers.kprototypes.fits, ({ best }) => best) },
  { name: 'drawn, k-modes', best: bestOf(peers.kprototypes.fits, ({ modes }) => modes) },
];
const cases: Case[] = [
  {
    name: 'cc_general',
    file: 'cc_general/cc_general.csv',
    numeric: 'all',
    ignore: ['CUST_ID'],
    best: { 3: 111973.9694, 5: 91491.6076, 8: 74598.7511 },
    given: { 3: 111973.769159, 5: 99221.620225, 8: 74794.793389 },
  },
  {
    name: 'bank_marketing, k-prototypes',
    file: 'bank_marketing_4521/bank.csv',
    numeric: ['age', 'balance', 'duration', 'campaign', 'pdays', 'previous'],
    categorical: ['job', 'marital', 'education', 'default', 'housing', 'loan', 'contact', 'poutcome'],
    gamma: 0.5,
    best: { 3: 24533.803266, 5: 19884.802167, 8: 15677.072445 },
  },
  {
    name: 'adult, k-means with one-hot categories',
    file: 'adult/adult_uci.csv',
    numeric: ['age', 'fnlwgt', 'education-num', 'capital-gain', 'capital-loss', 'hours-per-week'],
    categorical: 'others',
    ignore: ['income'],
    kind: 'one-hot',
    best: { 5: 346471.920816 },
  },
  {
    name: 'soybean, k-modes',
    file: 'kmodes_examples/soybean.csv',
    options: 'header = false',
    categorical: 'others',
    ignore: ['column35'],
    best: { 3: 236, 5: 176, 8: 132 },
    seeds: [0, 1, 2, 3],
  },
];

async function load({ name, file, options, numeric = [], categorical = [], ignore = [], kind = 'native' }: Case) {
  if (file === undefined) {
    const { numeric, texts } = drawnTable();
    const parts = [name.includes('modes') ? [] : numeric, name.includes('numbers') ? [] : texts] as const;
    return pointsOf(createInlinePool(), ...parts, { collapse: true });
  }
  const table = await readTable(file, options);
  const names = Object.keys(table).filter((name) => !ignore.includes(name));
  const numbers = numeric === 'all' ? names : numeric;
  const texts = categorical === 'others' ? names.filter((name) => !numbers.includes(name)) : categorical;
  const columns = numbers.map((name) => standardised(numbersOf(table[name]!)));
  return pointsOf(
    createInlinePool(),
    columns,
    texts.map((name) => table[name]!),
    { kind, collapse: true },
  );
}

describe.each([...drawn, ...some(cases, 1)])('$name', (entry) => {
  const isAbsent = entry.file !== undefined && dataFile(entry.file) === undefined;
  test.skipIf(isAbsent).each(Object.entries(entry.best))('best of 20 starts, k = %s', async (k, best) => {
    const points = await load(entry);
    const options = { k: Number(k), starts: 20, tolerance: 0, maxIterations: 300, gamma: entry.gamma };
    for (const seed of entry.seeds ?? [0]) {
      const fit = await fitCentres(points, { ...options, seed });
      expect(fit.costs).toHaveLength(20);
      expect(fit.cost / best).toBeLessThanOrEqual(1.005);
    }
  });

  for (const [k, cost] of Object.entries(entry.given ?? {})) {
    test.skipIf(isAbsent)(`from given rows, k = ${k}`, async () => {
      const points = await load(entry);
      const map = points.pool.memory.u32(points.map, points.sourceRows);
      const rows = evenRows(points.sourceRows, Number(k)).map((row) => map[row]!);
      const start = centresFromRows(points, rows);
      const fit = await fitCentres(points, { k: Number(k), start, tolerance: 0, maxIterations: 300 });
      expect(fit.cost / cost).toBeCloseTo(1, 6);
    });
  }
});
