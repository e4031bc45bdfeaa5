import { type Combinations, type Feature, noCluster, type PlainDate, type SomeCustomers } from '@basketwise/core';
import { type PairRanks, rankPairs } from './pair-ranks.ts';

/** Features of all customers as of a date. Each distinct combination of feature levels is stored once, ascending by the codes of the levels. */
export interface CustomerContexts extends Combinations {
  /** Position of each customer's combination of levels, u32[customers]. */
  ofCustomer: Uint32Array;
  /** Number of bank customers that each element of `ofCustomer` stands for, u32[customers]. Absent: 1 each. Set if equal customers are grouped. */
  weight?: Uint32Array;
}

/** Features of a bank's customers, available for each date with known values. */
export interface DatedContexts {
  /**
   * Returns the features as of a date, or null if the values on that date are unknown.
   * @param only a customer number, or a sample of customers. Absent: all customers
   * @param soon dates that the caller will request next for the same customers
   */
  at(date: PlainDate, only?: number | SomeCustomers, soon?: readonly PlainDate[]): Promise<CustomerContexts | null>;
}

/**
 * Collects the distinct combinations of feature levels.
 * @param codes level of each customer: one array per feature, i16[customers], negative for values without a level
 */
export function contextsOf(features: readonly Feature[], codes: readonly Int16Array[], customers: number): CustomerContexts {
  let split: Pick<PairRanks, 'rank' | 'count'> = { rank: new Uint32Array(customers), count: 1 };
  for (const [f, { levels }] of features.entries()) {
    split = rankPairs({ first: split.rank, firsts: split.count, second: codes[f]!, seconds: levels.length });
  }
  const width = features.length;
  const ofCombinations = new Int16Array(split.count * width);
  for (const [f, codesOfFeature] of codes.entries()) {
    for (let customer = 0; customer < customers; customer++)
      ofCombinations[split.rank[customer]! * width + f] = codesOfFeature[customer]!;
  }
  const named = features.map(({ name, levels }) => ({ name, levels }));
  return { features: named, codes: ofCombinations, ofCustomer: split.rank };
}

/**
 * Adds one more feature to the customers' combinations of levels.
 * @param codes level of each customer, i16[customers], negative for customers without a level
 */
function withFeature(contexts: CustomerContexts | null, feature: Feature, codes: Int16Array): CustomerContexts {
  const { features = [], codes: before = new Int16Array(), ofCustomer = new Uint32Array(codes.length) } = contexts ?? {};
  const firsts = features.length === 0 ? 1 : before.length / features.length;
  const { rank, count } = rankPairs({ first: ofCustomer, firsts, second: codes, seconds: feature.levels.length });
  const width = features.length + 1;
  const split = new Int16Array(count * width);
  for (let customer = 0; customer < rank.length; customer++) {
    const to = rank[customer]! * width;
    const from = ofCustomer[customer]! * features.length;
    for (let f = 0; f < features.length; f++) split[to + f] = before[from + f]!;
    split[to + features.length] = codes[customer]!;
  }
  return {
    features: [...features, feature],
    codes: split,
    ofCustomer: rank,
    ...(contexts?.weight && { weight: contexts.weight }),
  };
}

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
