import type { PlainDate } from '@basketwise/core/parts';
import { type CustomerContexts, withFeature } from './customer-contexts.ts';

/** Stands for customers whom a scheme leaves out. */
export const noCluster = -1;

/** The cluster of each customer, and how many clusters there are. */
export interface ClusterOfCustomers {
  clusters: Int16Array;
  count: number;
}

/** Clusters of customers as their columns were at earlier dates. */
export interface DatedClusters {
  /** As of a date; null where the history does not tell all columns of the scheme at it. Who was not in it then has no cluster. */
  at(scheme: string, date: PlainDate): Promise<ClusterOfCustomers | null>;
}

/** Clusters of customers as of a date where they are known, else as they are; and the schemes of which they are known. */
export async function clustersAt(
  dated: DatedClusters | undefined,
  now: ReadonlyMap<string, ClusterOfCustomers>,
  date: PlainDate,
): Promise<{ clusters: ReadonlyMap<string, ClusterOfCustomers>; asOf: ReadonlySet<string> }> {
  const clusters = new Map(now);
  const asOf = new Set<string>();
  for (const scheme of now.keys()) {
    const then = await dated?.at(scheme, date);
    if (!then) continue;
    clusters.set(scheme, then);
    asOf.add(scheme);
  }
  return { clusters, asOf };
}

/** Customers as far as they are known, told apart by their cluster, too. */
export function withClusters(
  contexts: CustomerContexts | null,
  scheme: string,
  { clusters, count }: ClusterOfCustomers,
): CustomerContexts {
  return withFeature(contexts, clusterFeature(scheme, count), clusters);
}

/** The clusters of a scheme as levels to rank by. */
function clusterFeature(scheme: string, count: number) {
  return { name: `cluster ${scheme}`, levels: Array.from({ length: count }, (_, cluster) => clusterLevel(cluster)) };
}

/** A cluster's level; that of those without one is no level. */
export function clusterLevel(cluster: number): string {
  return cluster === noCluster ? '' : String(cluster);
}
