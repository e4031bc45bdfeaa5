import { type SomeCustomers, setSome } from '@basketwise/core/parts';
import type { ClusterOfCustomers } from '../campaigns/dated-clusters.ts';
import { hash } from './hash.ts';

/** About `size` customers, selected by a hash of their number; undefined if there are no more. */
export function sampleCustomers(customers: number, size: number, seed: number): SomeCustomers | undefined {
  if (customers <= size) return undefined;
  const numberOf = new Int32Array(customers).fill(-1);
  const share = (size / customers) * 2 ** 32;
  let count = 0;
  for (let customer = 0; customer < customers; customer++) if (hash(customer, 606 + seed) < share) numberOf[customer] = count++;
  return { customers: count, numberOf, drawn: `${size} by seed ${seed}` };
}

/** Clusters of the customers of a sample, by their number in it. */
export function sampledClusters(of: ClusterOfCustomers, sample: SomeCustomers | undefined): ClusterOfCustomers {
  if (sample === undefined) return of;
  const clusters = new Int16Array(sample.customers);
  setSome(clusters, of.clusters, sample.numberOf);
  return { clusters, count: of.count };
}
