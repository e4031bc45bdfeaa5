import { noCluster, type PlainDate } from '@basketwise/core/parts';
import { type CustomerContexts, withFeature } from './customer-contexts.ts';

/** Cluster of each customer, and the number of clusters. */
export interface ClusterOfCustomers {
  clusters: Int16Array;
  count: number;
}

/** Clusters of customers as of earlier dates, by the values that the customers' columns had then. */
export interface DatedClusters {
  /**
   * Returns the clusters of a scheme as of a date. Null if the history lacks a column of the scheme on that date. Customers absent from the history
   * on that date have no cluster.
   */
  at(scheme: string, date: PlainDate): Promise<ClusterOfCustomers | null>;
}

/**
 * Clusters of customers as of a date, by scheme. Schemes whose earlier clusters are unknown get today's clusters instead. `asOf` is the set of
 * schemes with known clusters.
 */
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

/** Adds the cluster of a scheme as one more feature of the customers. */
export function withClusters(
  contexts: CustomerContexts | null,
  scheme: string,
  { clusters, count }: ClusterOfCustomers,
): CustomerContexts {
  return withFeature(contexts, clusterFeature(scheme, count), clusters);
}

/** Feature whose levels are the clusters of a scheme. */
export function clusterFeature(scheme: string, count: number) {
  return { name: `cluster ${scheme}`, levels: Array.from({ length: count }, (_, cluster) => clusterLevel(cluster)) };
}

/** Name of a cluster's feature level. `noCluster` gives the empty text. */
export function clusterLevel(cluster: number): string {
  return cluster === noCluster ? '' : String(cluster);
}
