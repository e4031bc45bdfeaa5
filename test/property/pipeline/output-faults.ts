import { snapshotOf } from '../../reference/snapshot.ts';
import { ageBand } from './bank-files.ts';
import { campaignName, predicates, type RandomBank, type RandomCustomer } from './random-bank.ts';

/** Results of a run, as plain rows. */
export interface PublishedRows {
  recommendations: readonly Recommendation[];
  /** The same rows, read from the files of other formats. */
  others: readonly (readonly Recommendation[])[];
  /** Null: fewer than 10 customers. */
  suppressed: readonly { campaign: string; reason: string; customers: number | null }[];
  segments: readonly { customer: string; age: string }[];
  clusters: readonly { customer: string; scheme: string; cluster: number }[];
  /** As the manifest has them. */
  campaigns: readonly {
    campaign: string;
    targets: number;
    served: number;
    rows: number;
    unserved: Readonly<Record<string, number>>;
    suppressed: Readonly<Record<string, number>>;
  }[];
}

interface Recommendation {
  customer: string;
  campaign: string;
  rank: number;
  product_code: string;
  product_name: string;
  score: number;
  probability: number | null;
  source: string;
  cluster: number | null;
}

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Customers of a cluster scheme. */
export function clustered(bank: RandomBank, scheme: string): RandomCustomer[] {
  const { where } = bank.schemes[scheme]!;
  return bank.customers.filter((customer) => where === null || predicates[where]!.holds(customer, bank));
}

/** Every invariant of the output that a run's rows break, said in words; the obvious code, every pair compared. */
export function outputFaults(bank: RandomBank, published: PublishedRows): string[] {
  const faults: string[] = [];
  const { ids, products, open } = snapshotOf(bank, bank.referenceDate, bank.by);
  const held = ids.map((_, customer) => new Set(open.filter((row) => row.startsWith(`${customer} `)).map((row) => groupOf(row))));
  const campaignRows: Recommendation[][] = [];
  const say = (fault: string) => faults.push(fault);
  for (const [c, campaign] of bank.campaigns.entries()) {
    const name = campaignName(c);
    const rows = published.recommendations.filter((row) => row.campaign === name);
    campaignRows.push(rows);
    const rules = bank.rules.filter((rule) => rule.class === null || rule.class === campaign.class);
    const suppressed: Record<string, number> = {};
    const unserved: Record<string, number> = {};
    let [targets, served] = [0, 0];
    const count = (record: Record<string, number>, reason: string) => {
      record[reason] = (record[reason] ?? 0) + 1;
    };
    for (const [customer, id] of ids.entries()) {
      const list = rows.filter((row) => row.customer === id);
      const groups = held[customer]!;
      const heldProducts = products.filter(({ groupKey }) => groups.has(groupKey));
      const isHolder = heldProducts.some((product) => product.class === campaign.class);
      if (isHolder !== (campaign.kind === 'upsell')) {
        if (list.length > 0) say(`${name}: ${id} is no target and has a list`);
        continue;
      }
      targets++;
      const facts = bank.customers.find((row) => row.id === id)!;
      const reasons = rules.filter((rule) => !predicates[rule.predicate]!.holds(facts, bank)).map(({ reason }) => reason);
      for (const reason of new Set(reasons)) count(suppressed, reason);
      const free = products.filter(
        (product) =>
          product.class === campaign.class && product.representative === product.product && !groups.has(product.groupKey),
      );
      const length = reasons.length > 0 ? 0 : Math.min(bank.topN, free.length);
      if (length > 0) served++;
      else {
        count(unserved, reasons[0] ?? 'NO_PRODUCT_LEFT');
      }
      const isEmpty = !heldProducts.some((product) => [campaign.class, ...campaign.columns].includes(product.class));
      for (const fault of listFaults(list, length, free, isEmpty && bank.fallback === 'popularity'))
        say(`${name}: ${id}: ${fault}`);
    }
    const total = { campaign: name, targets, served, rows: rows.length, unserved, suppressed };
    const found = published.campaigns[c]!;
    for (const key of ['campaign', 'targets', 'served', 'rows', 'unserved', 'suppressed'] as const)
      if (!isEqual(found[key], total[key])) say(`${name}: ${key} ${text(found[key])}, expected ${text(total[key])}`);
    const reported = Object.fromEntries(
      published.suppressed.filter((row) => row.campaign === name).map((row) => [row.reason, row.customers]),
    );
    const left = unserved.NO_PRODUCT_LEFT ? { NO_PRODUCT_LEFT: unserved.NO_PRODUCT_LEFT } : {};
    // the rest of the targets may be suppressed because the number of served ones would reveal it
    const isHidden = (reason: string) => reported[reason] === null && reason in left;
    const shown = Object.entries({ ...suppressed, ...left }).map(([reason, n]) => [
      reason,
      n < 10 || isHidden(reason) ? null : Math.floor(n / 10) * 10,
    ]);
    if (!isEqual(reported, Object.fromEntries(shown)))
      say(`${name}: suppressed.parquet ${text(reported)}, expected ${text(shown)}`);
  }
  if (campaignRows.flat().some((row, i) => row !== published.recommendations[i]))
    say('rows are not in the order of the campaigns');
  for (const rows of campaignRows) {
    const isOrdered = rows.every((row, i) => {
      const order = i === 0 ? -1 : byBytes(rows[i - 1]!.customer, row.customer);
      return order < 0 || (order === 0 && rows[i - 1]!.rank < row.rank);
    });
    if (!isOrdered) say('rows are not ordered by customer and rank');
  }
  for (const other of published.others)
    if (!isEqual(comparable(other), comparable(published.recommendations))) say('the formats hold different rows');
  const labels = [...bank.customers]
    .sort((a, b) => byBytes(a.id, b.id))
    .map(({ id, age }) => ({ customer: id, age: ageBand(age) }));
  if (text(published.segments) !== text(labels)) say('segments.parquet has other labels');
  return [...faults, ...clusterFaults(bank, published)];
}

/** A row as both formats hold it. */
function comparable(rows: readonly Recommendation[]): unknown {
  return rows.map(({ customer, campaign, rank, product_code, product_name, score, source, cluster }) => [
    ...[customer, campaign, rank, product_code, product_name, Math.fround(score), source, cluster],
  ]);
}

function groupOf(open: string): string {
  return open.slice(open.indexOf(' ') + 1, open.lastIndexOf(' '));
}

const sorted = (value: unknown): unknown =>
  typeof value === 'object' && value !== null ? Object.entries(value).sort(([a], [b]) => byBytes(a, b)) : value;
const text = (value: unknown) => JSON.stringify(value);
const isEqual = (a: unknown, b: unknown) => text(sorted(a)) === text(sorted(b));

function listFaults(
  list: readonly Recommendation[],
  length: number,
  free: readonly { code: string; name: string }[],
  isPopular: boolean,
): string[] {
  const faults: string[] = [];
  if (list.length !== length) faults.push(`${list.length} products, expected ${length}`);
  if (list.some(({ rank }, i) => rank !== i + 1)) faults.push(`ranks ${list.map(({ rank }) => rank).join(' ')}`);
  if (new Set(list.map((row) => row.product_code)).size < list.length) faults.push('a product twice');
  for (const row of list) {
    const product = free.find(({ code }) => code === row.product_code);
    if (!product) faults.push(`${row.product_code} is held, not on sale, or not of the class`);
    else if (product.name !== row.product_name) faults.push(`${row.product_code} is called ${row.product_name}`);
    if (!Number.isFinite(row.score)) faults.push(`score ${row.score}`);
    if (!(Number(row.probability) > 0 && Number(row.probability) < 1)) faults.push(`probability ${row.probability}`);
    if (isPopular && row.source !== 'popularity') faults.push(`an empty basket scored by ${row.source}`);
  }
  for (const [i, row] of list.entries()) {
    const before = list[i - 1];
    if (!before) continue;
    if (before.source === 'popularity' && row.source !== 'popularity') faults.push('popular products before the model’s');
    if (before.source === row.source && row.score > before.score) faults.push('scores rise');
  }
  return faults;
}

function clusterFaults(bank: RandomBank, { clusters, recommendations }: PublishedRows): string[] {
  const faults: string[] = [];
  for (const [scheme, { k }] of Object.entries(bank.schemes)) {
    const found = clusters.filter((row) => row.scheme === scheme);
    const expected = clustered(bank, scheme).map(({ id }) => id);
    if (
      !isEqual(
        found.map(({ customer }) => customer),
        expected.sort(byBytes),
      )
    )
      faults.push(`${scheme}: other customers are clustered`);
    if (found.some(({ cluster }) => cluster < 0 || cluster >= k)) faults.push(`${scheme}: a cluster beyond ${k}`);
  }
  for (const row of recommendations) {
    const { scheme } = bank.campaigns.find((_, i) => campaignName(i) === row.campaign)!;
    const own = clusters.find(({ customer, scheme: of }) => customer === row.customer && of === scheme)?.cluster ?? null;
    if (row.cluster !== own) faults.push(`${row.campaign}: ${row.customer} has cluster ${row.cluster}, not ${own}`);
  }
  return faults;
}
