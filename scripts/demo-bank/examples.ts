import { join } from 'node:path';
import { contextAt, required } from '@basketwise/core';
import { queryRows, type Snapshot } from '@basketwise/data';
import type { BankExample, DemoProduct } from '../../packages/demo/src/engine/bank.ts';
import { type Band, bandOf, type DatedBasket } from './baskets.ts';
import type { Night } from './night.ts';

/** Example customers: the first who hold so many products of these classes, no other products, and fail no rule. */
const wanted: readonly Readonly<Record<string, number>>[] = [
  { deposit: 2 },
  { deposit: 3, insurance: 1 },
  { fund: 1, insurance: 2 },
];

/** A run's folder, and the published part of it. */
interface Shown {
  snapshot: Snapshot;
  folder: string;
  baskets: readonly DatedBasket[];
  products: readonly DemoProduct[];
  bands: readonly Band[];
}

/** Customers of the run in the page's format, with their published lists. */
export async function exampleCustomers(
  { bank, clusters, contexts, features }: Night,
  { snapshot, folder, baskets, products, bands }: Shown,
): Promise<BankExample[]> {
  const { engine } = snapshot;
  const classOf = new Map(products.map(({ key, class: of }) => [key, of]));
  const examples: BankExample[] = [];
  for (const counts of wanted) {
    const total = Object.values(counts).reduce((sum, n) => sum + n, 0);
    const customer = baskets.findIndex((basket, i) => {
      const classes = [...basket.keys()].map((key) => classOf.get(key));
      const fits = Object.entries(counts).every(([of, n]) => classes.filter((one) => one === of).length === n);
      return fits && classes.length === total && bank.eligible.every((flags) => flags[i] === 1);
    });
    const holdings = [...baskets[customer]!].map(([key, day]) => ({ key, band: bandOf(bands, day) }));
    const context = contextAt(contexts, contexts.ofCustomer[customer]!);
    const file = engine.dialect.text(join(folder, 'recommendations.parquet'));
    const rows = await queryRows(
      engine,
      `SELECT campaign, product_code AS code, score, probability, reason FROM read_parquet(${file}) published JOIN customers ON customers.id = published.customer
        WHERE customers.customer = ${customer} ORDER BY campaign, rank`,
    );
    examples.push({
      holdings: holdings.sort((a, b) => inOrder(required(classOf, a.key), required(classOf, b.key)) || inOrder(a.key, b.key)),
      levels: Object.fromEntries(features.map(({ name }, f) => [name, context[f]!])),
      clusters: Object.fromEntries([...clusters].map(([scheme, { clusters: of }]) => [scheme, of[customer]!])),
      published: rows as unknown as BankExample['published'],
    });
  }
  return examples;
}

function inOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
