import { readFileSync } from 'node:fs';
import { type AlsOptions, type BasketRow, createInlinePool, fitAls, tableFromRows } from '@basketwise/core';
import { describe, expect, test } from 'vitest';
import { dataFile } from '../../../bench/sets/real-sets.ts';
import { inner, plainCustomers } from '../../reference/als.ts';
import { hasSet, loadSet } from '../../reference/drawn.ts';
import peers from '../peers.json' with { type: 'json' };

interface Holdings {
  items: readonly string[];
  rows: BasketRow[];
}

/** Policies of 5,822 households by 21 kinds, in columns 65 to 85: the band is the number of policies. */
async function coil(): Promise<Holdings> {
  const rows = readFileSync(dataFile('coil2000/ticdata2000.txt')!, 'utf8')
    .trim()
    .split('\n')
    .map((line) => ({
      entries: line
        .split('\t')
        .slice(64, 85)
        .map((value, column) => ({ column, band: Number(value) }))
        .filter(({ band }) => band > 0),
    }));
  return { items: Array.from({ length: 21 }, (_, i) => `kind ${String(i).padStart(2, '0')}`), rows };
}

/** The drawn set with bands 1 to 3, another set with bands 1. */
async function banded(name: string): Promise<Holdings> {
  const { items, sets } = await loadSet(name);
  const bandOf = (customer: number, column: number) => (name === 'drawn' ? 1 + ((7 * customer + 3 * column) % 3) : 1);
  const rows = sets.map((set, customer) => ({ entries: set.map((column) => ({ column, band: bandOf(customer, column) })) }));
  return { items, rows };
}

/** The start of the reference figures. */
function start(columns: number, factors: number): Float64Array {
  return Float64Array.from({ length: columns * factors }, (_, at) => {
    const [i, k] = [Math.floor(at / factors), at % factors];
    return (0.01 * (((31 * i + 17 * k) % 97) - 48)) / 48;
  });
}

interface Case {
  set: string;
  /** Confidence of a holding of band r less 40 r. */
  plus: number;
  objectives: number[];
  yNorm: number;
  meanHeld: number;
  meanAll: number;
}

// Objectives after sweeps 1, 2, 5, 10; norm of Y; mean score of held products and of all. f = 8, lambda = 0.1, alpha = 40.
const cases: [string, Case][] = [
  ...peers.als.map((figures): [string, Case] => [
    `drawn as implicit has it, c = ${figures.plus} + 40 r`,
    { ...figures, set: 'drawn' },
  ]),
  [
    'coil2000, c = 1 + 40 r',
    {
      ...{ set: 'coil2000', plus: 1 },
      objectives: [80283.123551, 31928.936696, 21501.206706, 15360.213032],
      ...{ yNorm: 1.20903681, meanHeld: 0.99342607, meanAll: 0.10248281 },
    },
  ],
  [
    'coil2000, c = 40 r',
    {
      ...{ set: 'coil2000', plus: 0 },
      objectives: [79023.74787, 31197.240142, 20982.598495, 15008.049768],
      ...{ yNorm: 1.22320277, meanHeld: 0.99326694, meanAll: 0.10246882 },
    },
  ],
  [
    'groceries, c = 1 + 40 r',
    {
      ...{ set: 'groceries', plus: 1 },
      objectives: [796062.980215, 402145.533783, 349691.587685, 319552.088404],
      ...{ yNorm: 2.0005605, meanHeld: 0.84600362, meanAll: 0.18576267 },
    },
  ],
  [
    'groceries, c = 40 r',
    {
      ...{ set: 'groceries', plus: 0 },
      objectives: [778677.552238, 395373.241051, 344847.256405, 315758.507946],
      ...{ yNorm: 2.02236614, meanHeld: 0.84343102, meanAll: 0.18440001 },
    },
  ],
];

describe.each(cases)('fixed-start reference: %s', (_, { set, plus, objectives, yNorm, meanHeld, meanAll }) => {
  const load = () => (set === 'coil2000' ? coil() : banded(set));
  const weights = Array.from({ length: 16 }, (_, r) => plus + 40 * r);

  async function trained(
    rows: readonly BasketRow[],
    items: readonly string[],
    form: NonNullable<AlsOptions['rows']>,
    iterations: number,
  ) {
    const pool = createInlinePool(2 ** 24);
    const table = tableFromRows(pool.memory, items, rows);
    const parameters = { factors: 8, regularization: 0.1, alpha: 1, weights, iterations, balance: false };
    return fitAls({ pool, table, range: { from: 0, to: table.rows } }, parameters, { start: start(items.length, 8), rows: form });
  }

  test.skipIf(!hasSet(set)).each(['auto', 'dual', 'primal'] as const)('objectives and norm, rows solved %s', async (form) => {
    const { items, rows } = await load();
    const model = await trained(rows, items, form, 10);
    const after = model.history.map(({ objective }) => objective);
    for (const [at, sweep] of [1, 2, 5, 10].entries()) {
      expect(Math.abs(after[sweep - 1]! / objectives[at]! - 1), `sweep ${sweep}`).toBeLessThan(1e-7);
    }
    expect(Math.abs(Math.hypot(...model.itemFactors) / yNorm - 1)).toBeLessThan(1e-7);
    for (const { afterCustomers, objective } of model.history) expect(objective).toBeLessThan(afterCustomers);
  });

  test.skipIf(!hasSet(set))('mean scores', async () => {
    const { items, rows } = await load();
    const [before, after] = [await trained(rows, items, 'auto', 9), await trained(rows, items, 'auto', 10)].map((model) =>
      items.map((_, i) => [...model.itemFactors.subarray(i * 8, (i + 1) * 8)]),
    );
    const customers = plainCustomers(
      before!,
      rows.map(({ entries }) => ({ entries: entries.map(({ column, band }) => ({ column, confidence: weights[band]! })) })),
      0.1,
    );
    let [held, heldSum, sum] = [0, 0, 0];
    for (const [r, x] of customers.entries()) {
      for (const y of after!) sum += inner(x, y);
      for (const { column } of rows[r]!.entries) heldSum += inner(x, after![column]!);
      held += rows[r]!.entries.length;
    }
    expect(heldSum / held).toBeCloseTo(meanHeld, 6);
    expect(sum / (rows.length * items.length)).toBeCloseTo(meanAll, 6);
  });
});
