import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@basketwise/core';
import { openDuckdb } from '@basketwise/data';
import { expect, test } from 'vitest';
import { readOut } from '../../../packages/pipeline/src/outcomes/outcomes.ts';

test('lists without offers: who is not listed in a campaign counts there once, and bought what any of its lists has', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'basketwise-read-out-'));
  const engine = await openDuckdb({ memory: '500MB', threads: 1, tempDirectory: join(folder, 'spill') });
  const { next } = createRandom(3);
  const [customers, products, campaigns] = [60, 6, ['a', 'b']];
  const lists: { customer: number; campaign: string; product: number }[] = [];
  const bought = new Set<string>();
  for (let customer = 0; customer < customers; customer++) {
    for (let product = 0; product < products; product++) {
      if (next() < 0.2) bought.add(`${customer} ${product}`);
      // campaign b has only the last products, so that others are bought for nothing there
      for (const campaign of campaigns) {
        if (next() < 0.2 && (campaign === 'a' || product > 3)) lists.push({ customer, campaign, product });
      }
    }
  }
  const text = (customer: number) => `'c${customer}'`;
  try {
    await engine.run(
      `CREATE TABLE customers AS SELECT CAST(range AS INTEGER) AS customer, concat('c', range) AS id FROM range(${customers})`,
    );
    await engine.run(
      `CREATE TABLE products AS SELECT CAST(range AS INTEGER) AS product, concat('P', range) AS code, concat('Product ', range) AS name, concat('g', range) AS group_key FROM range(${products})`,
    );
    const held = [...bought].map((one) => `(${one.replace(' ', ', ')}, DATE '2022-06-15')`);
    await engine.run(`CREATE TABLE holdings AS SELECT * FROM (VALUES ${held.join(', ')}) h(customer, product, opened)`);
    const rows = lists.map(
      ({ customer, campaign, product }) => `(${text(customer)}, '${campaign}', 'P${product}', 1, .1::FLOAT, 0, 'm')`,
    );
    await engine.run(
      `COPY (SELECT * FROM (VALUES ${rows.join(', ')}) r(customer, campaign, product_code, rank, probability, cluster, source)) TO '${join(folder, 'recommendations.parquet')}' (FORMAT parquet)`,
    );
    const run = {
      run: 'night',
      folder,
      date: '2022-05-31',
      hasOffers: false,
      draws: {},
      output: { formats: ['parquet'], escape_formulas: false },
    } as const;
    const { outcomes } = await readOut(engine, '2022-08-31', { window: { months: 1, days: 0 }, gap: null }, [run]);
    expect(outcomes.map(({ by, value, isProof, proven }) => [by, value, isProof, proven])).toEqual(
      campaigns.map((campaign) => ['campaign', campaign, false, false]),
    );
    for (const { value, offered, control } of outcomes) {
      const own = lists.filter(({ campaign }) => campaign === value);
      const listed = new Set(own.map(({ customer }) => customer));
      const others = Array.from({ length: customers }, (_, i) => i).filter((one) => !listed.has(one));
      const codes = [...new Set(own.map(({ product }) => product))];
      const buyers = new Set(
        own.filter(({ customer, product }) => bought.has(`${customer} ${product}`)).map(({ customer }) => customer),
      );
      expect(offered).toEqual({ customers: listed.size, bought: buyers.size });
      const otherBuyers = others.filter((one) => codes.some((product) => bought.has(`${one} ${product}`)));
      expect(control).toEqual({ customers: others.length, bought: otherBuyers.length });
    }
  } finally {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  }
});
