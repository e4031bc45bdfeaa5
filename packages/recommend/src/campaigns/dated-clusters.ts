import { noCluster, type PlainDate } from '@basketwise/core/parts';
import { type CustomerContexts, withFeature } from './customer-contexts.ts';

/** Cluster of each customer, and the number of clusters. */
export interface ClusterOfCustomers {
  clusters: Int16Array;
  count: number;
}

/** Clusters of customers by the values of their columns at earlier dates. */
export interface DatedClusters {
  /**
   * Clusters as of a date. Null if the history lacks a column of the scheme at the date. Customers absent from the history have
   * no cluster then.
   */
  at(scheme: string, date: PlainDate): Promise<ClusterOfCustomers | null>;
}

/** Clusters of customers as of a date if known, else today's; and the schemes whose clusters are known. */
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

/** Splits the customers' combinations by their cluster. */
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

/** Level of a cluster. Customers without a cluster have no level. */
export function clusterLevel(cluster: number): string {
  return cluster === noCluster ? '' : String(cluster);
}
