import { bug, type KernelPool, type PointBlock, type Points, PointsBuilder } from '@basketwise/core';
import { queryRows } from '@basketwise/data';
import { type FeatureSet, spaceOf } from './feature.ts';
import { type CustomerRelation, fromCustomers, oneCustomerIn } from './feature-fit.ts';
import { featureColumns } from './feature-sql.ts';
import { type ClusterScheme, defaultFitSample } from './scheme.ts';

/** Some of a scheme's customers, with their features. */
export interface CustomerBlock extends PointBlock {
  /** Index of each customer in the snapshot, i32[customers of the block], ascending. */
  customer: Int32Array;
}

/** Customers to cluster, and the engine and kernels for it. */
export interface ClusterContext {
  pool: KernelPool;
  customers: CustomerRelation;
  /** Number of customers. They are numbered from 0. */
  customerCount: number;
}

/** Features of a scheme's customers, or of a sample of them, in kernel memory. */
export interface LoadedCustomers {
  points: Points;
  /** Number in the snapshot of each loaded customer, i32[loaded customers]. */
  customer: Int32Array;
  /** Whether all customers of the scheme are loaded, not a sample. */
  isWhole: boolean;
}

/**
 * Loads the features of a scheme's customers into kernel memory; the caller releases it. Equal rows are stored once.
 * If there are more customers than the scheme's `fit_sample`, a sample is loaded.
 */
export async function loadPoints(
  { pool, customers }: ClusterContext,
  scheme: ClusterScheme,
  features: FeatureSet,
): Promise<LoadedCustomers> {
  const all = await countSchemeCustomers(customers, scheme);
  const apart = all / (scheme.fit_sample ?? defaultFitSample);
  const capacity = apart <= 1 ? all : await countSchemeCustomers(customers, scheme, apart);
  const customer = new Int32Array(capacity);
  const builder = new PointsBuilder(pool, spaceOf(features), { capacity, collapse: true });
  let at = 0;
  for await (const block of streamCustomerRows(customers, scheme, features, apart)) {
    customer.set(block.customer.subarray(0, block.rows), at);
    at += block.rows;
    await builder.append(block);
  }
  return { points: await builder.finish(), customer, isWhole: apart <= 1 };
}

async function countSchemeCustomers(customers: CustomerRelation, scheme: ClusterScheme, apart = 1): Promise<number> {
  const sql = `SELECT count(*) AS customers ${oneCustomerIn(apart, fromCustomers(customers, scheme))}`;
  const [row = {}] = await queryRows(customers.engine, sql, { place: `clusters.${scheme.name}` });
  return Number(row.customers);
}

/**
 * Streams the features of a scheme's customers in the order of their numbers, in blocks. With `apart`, about one in `apart`
 * customers is drawn. Callers must finish a block before they request the next.
 */
export async function* streamCustomerRows(
  customers: CustomerRelation,
  scheme: ClusterScheme,
  features: FeatureSet,
  apart = 1,
): AsyncGenerator<CustomerBlock> {
  const { engine } = customers;
  const columns = ['customer', ...featureColumns(engine.dialect, features)];
  const sql = `SELECT ${columns.join(', ')} ${oneCustomerIn(apart, fromCustomers(customers, scheme))}`;
  let last = -1;
  for await (const batch of engine.query(sql, { place: `clusters.${scheme.name}`, reuse: true })) {
    const customer = batch.columns.customer as Int32Array;
    for (let i = 0; i < batch.rows; i++) {
      if (customer[i]! <= last) throw bug('customers are not in their order');
      last = customer[i]!;
    }
    yield {
      rows: batch.rows,
      customer,
      numeric: features.numeric.map((_, f) => batch.columns[`f${f}`] as Float64Array),
      codes: features.categorical.map((_, q) => batch.columns[`c${q}`] as Int32Array),
    };
  }
}
