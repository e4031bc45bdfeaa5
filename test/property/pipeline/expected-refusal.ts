import { snapshotOf } from '../../reference/snapshot.ts';
import { clustered } from './output-faults.ts';
import type { RandomBank, RandomCustomer } from './random-bank.ts';

/** The code with which a job must refuse a bank; null where it must serve it. In the order in which a job looks. */
export function expectedRefusal(bank: RandomBank): string | null {
  if (bank.tables === 'parquet' && bank.dateForm === 'moment' && !bank.hasZone) return 'config';
  const classes = new Set(bank.products.map((product) => product.class));
  const named = [
    ...bank.campaigns.flatMap((campaign) => [campaign.class, ...campaign.columns]),
    ...bank.rules.flatMap((rule) => rule.class ?? []),
  ];
  if (named.some((name) => !classes.has(name))) return 'config';
  const { repeated, customers } = bank;
  if (repeated && customers.find(({ id }) => id === repeated.id)!.age !== repeated.age) return 'bad-data';
  const { dropped, kept } = snapshotOf(bank, bank.referenceDate, bank.by);
  if (dropped.unknownProduct / bank.holdings.length > bank.unknownProducts) return 'bad-data';
  if (dropped.unknownCustomer / bank.holdings.length > bank.unknownCustomers) return 'bad-data';
  if (kept === 0) return 'bad-data';
  for (const [scheme, { k }] of Object.entries(bank.schemes)) {
    const refusal = clusterRefusal(clustered(bank, scheme), k);
    if (refusal !== null) return refusal;
  }
  return null;
}

/** Customers that cannot be put into k clusters. */
function clusterRefusal(customers: readonly RandomCustomer[], k: number): string | null {
  if (customers.length === 0) return 'missing-input';
  const different = new Set(customers.map(({ age, balance, kind }) => JSON.stringify([age, balance, kind])));
  const varies = different.size > 1;
  // A constant column has no information; neither has one without any value.
  if (!varies) return 'bad-data';
  if (k > customers.length) return 'bad-data';
  return different.size < k ? 'cluster-count' : null;
}
