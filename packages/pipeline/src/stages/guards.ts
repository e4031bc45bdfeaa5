import type { ClusterSummary } from '@basketwise/clusters';
import { AppError, daysSinceEpoch } from '@basketwise/core';
import { mostlyRepeated, repeatedHint, type SnapshotManifest } from '@basketwise/data';
import { countWords, percent, publishedCount } from '@basketwise/data/base';
import { z } from 'zod';
import { namedClasses } from '../config/campaign-plan.ts';
import type { Config } from '../config/schema.ts';

const rows = z.number().nonnegative();

/** Fields of a run's manifest.json that guards compare. Optional fields are absent in runs of older versions, and not compared then. */
export const guardedRun = z.object({
  run: z.string(),
  extract: z.object({
    customers: z.object({ kept: rows, withoutHoldings: rows }),
    products: z.object({ read: rows }),
    holdings: z.object({
      ...{ read: rows, kept: rows, unknownProduct: rows },
      ...{ excludedByWhere: rows.optional(), unknownCustomer: rows.optional() },
    }),
    holdingsByClass: z.record(z.string(), rows).optional(),
    filled: z.record(z.string(), z.object({ part: rows, whole: rows })).optional(),
    rules: z
      .array(
        z.object({
          ...{ reason: z.string(), class: z.string().nullable(), products: z.array(z.string()).readonly().optional() },
          ...{ eligible: rows, notEligible: rows, unknown: rows },
        }),
      )
      .readonly(),
  }),
  clusters: z
    .array(z.object({ scheme: z.string(), k: rows, sizes: z.array(rows).readonly(), centres: z.string().optional() }))
    .optional(),
});
/** Figures of a run that guards compare. */
export type GuardedRun = z.output<typeof guardedRun>;

type Extract = GuardedRun['extract'];

type Guards = Config['guards'];
type Counts = Readonly<Record<string, number>>;
/** Part of a total, whose share is compared. The share of an empty total is 0. */
interface PartOfWhole {
  part: number;
  whole: number;
}
type Shares = Readonly<Record<string, PartOfWhole>>;
/** Function that returns the text for a counted name, such as a class, in messages. */
type Said = (name: string) => string;

/** Smallest number of holdings in a class, or of values in a column, that guards compare. */
const smallestPart = 100;

/**
 * Stops a run whose data differs implausibly from the last successful run:
 * - fewer rows of a table or of a class
 * - more customers without holdings
 * - another mix of classes, or another share of customers who pass a rule
 * - a column that has lost its values, or a rule that no longer excludes customers
 * The guards on holdings of unknown products or customers, and on old holdings, need no earlier run.
 * @throws AppError bad-data with the figures, previous figures and limits of all guards that stop the run
 */
export function guardData(config: Config, now: SnapshotManifest, before: GuardedRun | undefined): void {
  const { guards } = config;
  const then = before?.extract;
  const named = namedClasses(config);
  const said: Said = (name) =>
    named.has(name) ? `holdings of class ${name}` : 'holdings of a class that the config does not name';
  stopFor(
    [
      unknownProductsFinding(guards, now, then),
      unknownCustomersFinding(guards, now, then),
      oldHoldings(guards, now),
      ...(then
        ? [
            ...[rowDrop(guards, now, then, said), withoutHoldings(guards, now, then), classMix(guards, now, then, said)],
            lostValues(guards, now, then),
          ]
        : []),
    ],
    before,
  );
}

/**
 * Stops a run without usable holdings, regardless of the limits in `guards`, or most of whose rows repeat another row. The lists of the
 * first would be equal for all customers. The tables of the second have no list of holdings.
 * @throws AppError bad-data
 */
export function refuseUnusableHoldings({ holdings }: SnapshotManifest): void {
  const { repeated = 0 } = holdings;
  if (mostlyRepeated(repeated, lookedAt(holdings)))
    throw new AppError(
      'bad-data',
      `tables.holdings: ${countPhrase(repeated)} of ${countPhrase(lookedAt(holdings))} rows repeat another row`,
      repeatedHint,
    );
  if (holdings.kept > 0) return;
  const lost = Object.entries({
    'left out by `where`': holdings.excludedByWhere,
    'without a customer': holdings.nullCustomer,
    'without a product': holdings.nullProduct,
    'of products that the products table lacks': holdings.unknownProduct,
    'of customers that the customers table lacks': holdings.unknownCustomer,
  }).flatMap(([why, rows]) => (rows > 0 ? [`${countPhrase(rows)} ${why}`] : []));
  throw new AppError(
    'bad-data',
    `tables.holdings: no holding can be used; of ${countPhrase(holdings.read)} rows are ${lost.join(', ')}`,
    'Compare how customers and products are written in the tables: leading zeros, blanks, names or codes (tables.holdings.by).',
  );
}

/**
 * Stops a run if the share of customers in a cluster has changed too much since the last successful run. Clusters are compared only if
 * this run used a saved model, and the last run had the same centres or recorded none.
 * @throws AppError bad-data
 */
export function guardClusters({ guards }: Config, now: readonly ClusterSummary[], before: GuardedRun | undefined): void {
  const comparable = now.flatMap((scheme) => {
    const then = before?.clusters?.find((other) => other.scheme === scheme.scheme && other.k === scheme.k);
    const isSame = then && (then.centres === undefined || then.centres === scheme.centres);
    return scheme.fitted || !isSame ? [] : [{ now: scheme, then }];
  });
  const sizes = ({ scheme, sizes: counts }: Pick<ClusterSummary, 'scheme' | 'sizes'>) =>
    Object.fromEntries(counts.map((count, i) => [`cluster ${i} of ${scheme}`, count]));
  const jumps = comparable.flatMap((of) => shareChanges(guards, sharesOfSum(sizes(of.now)), sharesOfSum(sizes(of.then))));
  stopFor([shareFinding(guards, jumps)], before);
}

function stopFor(findings: readonly (string | undefined)[], before: GuardedRun | undefined): void {
  const found = findings.filter((finding) => finding !== undefined);
  if (found.length === 0) return;
  const compared = before ? `; the last successful run is ${before.run}` : '';
  throw new AppError(
    'bad-data',
    `${found.join('; ')}${compared}`,
    'Check the delivered data; if it is right, run with --accept-drop, or change guards.',
  );
}

function countPhrase(rows: number): string {
  return countWords(publishedCount(rows));
}

/** Rounds down to tens, as for publication. A number below 10 becomes 0. */
const tens = (rows: number) => publishedCount(rows) ?? 0;

function partRatio({ part, whole }: PartOfWhole): number {
  return whole > 0 ? part / whole : 0;
}

/** Text of a share in a message, computed from published numbers. An exact share times its total would reveal a small part. */
function partOfWholeText(share: PartOfWhole): string {
  const [part, whole] = [publishedCount(share.part), publishedCount(share.whole)];
  if (part === null || (part > 0 && whole === null)) return `${countPhrase(share.part)} of ${countPhrase(share.whole)}`;
  return percent(part === 0 ? 0 : Math.min(1, part / whole!));
}

function rowDrop({ max_row_drop: limit }: Guards, now: SnapshotManifest, then: Extract, saidClass: Said): string | undefined {
  const classes = Object.entries(then.holdingsByClass ?? {})
    .filter(([, rows]) => rows >= smallestPart)
    .map(([name, rows]) => [saidClass(name), rows, now.holdingsByClass[name] ?? 0] as const);
  const tables = [
    ['customers', then.customers.kept, now.customers.kept],
    ['products', then.products.read, now.products.read],
    ['holdings', then.holdings.kept, now.holdings.kept],
    ...classes,
  ] as const;
  const dropped = tables.filter(([, before, rows]) => before > 0 && (before - rows) / before > limit);
  if (dropped.length === 0) return undefined;
  const lost = (before: number, rows: number) => partOfWholeText({ part: Math.max(0, tens(before) - tens(rows)), whole: before });
  const drops = dropped.map(
    ([name, before, rows]) => `${name} ${countPhrase(before)} -> ${countPhrase(rows)} (-${lost(before, rows)})`,
  );
  return `fewer rows than in the last successful run: ${drops.join(', ')}; guards.max_row_drop is ${percent(limit)}`;
}

function unknownProductsFinding(
  { max_unknown_products: limit }: Guards,
  { holdings, unknownProducts: unknown }: SnapshotManifest,
  then: Extract | undefined,
): string | undefined {
  const { unknownProduct } = holdings;
  const rows = lookedAt(holdings);
  if (rows === 0 || unknownProduct / rows <= limit) return undefined;
  const before = then ? shareBefore(then.holdings.unknownProduct, then.holdings) : '';
  return (
    `${countPhrase(unknownProduct)} of ${countPhrase(rows)} holdings point at ${countPhrase(unknown.distinct)} products that the products table lacks (snapshot/unknown-products.csv of this run lists them):` +
    ` ${partOfWholeText({ part: unknownProduct, whole: rows })}${before}; guards.max_unknown_products is ${percent(limit)}`
  );
}

function unknownCustomersFinding(
  { max_unknown_customers: limit }: Guards,
  { holdings }: SnapshotManifest,
  then: Extract | undefined,
): string | undefined {
  const rows = lookedAt(holdings);
  if (rows === 0 || holdings.unknownCustomer / rows <= limit) return undefined;
  const before = then?.holdings.unknownCustomer === undefined ? '' : shareBefore(then.holdings.unknownCustomer, then.holdings);
  return (
    `${countPhrase(holdings.unknownCustomer)} of ${countPhrase(rows)} holdings are of customers that the customers table lacks:` +
    ` ${partOfWholeText({ part: holdings.unknownCustomer, whole: rows })}${before}; guards.max_unknown_customers is ${percent(limit)}`
  );
}

/** Rows of the holdings table that its `where` selects. */
function lookedAt({ read, excludedByWhere = 0 }: Extract['holdings']): number {
  return read - excludedByWhere;
}

function shareBefore(rows: number, of: Extract['holdings']): string {
  return lookedAt(of) > 0 ? ` (${partOfWholeText({ part: rows, whole: lookedAt(of) })} before)` : '';
}

function withoutHoldings({ max_without_holdings_rise: limit }: Guards, now: SnapshotManifest, then: Extract): string | undefined {
  const shareOf = ({ customers: { withoutHoldings: part, kept: whole } }: Extract): PartOfWhole => ({ part, whole });
  const [before, share] = [shareOf(then), shareOf(now)];
  if (partRatio(share) - partRatio(before) <= limit) return undefined;
  return `customers without holdings ${partOfWholeText(before)} -> ${partOfWholeText(share)}; guards.max_without_holdings_rise is ${percent(limit)}`;
}

function classMix(guards: Guards, now: SnapshotManifest, then: Extract, said: Said): string | undefined {
  const [rules, rulesThen] = [eligibleShares(now), eligibleShares(then)];
  const known = Object.fromEntries(Object.entries(rules).filter(([name]) => name in rulesThen));
  const still = Object.fromEntries(Object.entries(rulesThen).filter(([name]) => name in rules));
  const changes = [...shareChanges(guards, holdingShares(now), holdingShares(then), said), ...shareChanges(guards, known, still)];
  return shareFinding(guards, changes);
}

/** Numbers of rows with a value, by column, and numbers of customers excluded by each rule. */
function valueShares({ filled = {}, rules }: Extract): Shares {
  const excluded = Object.entries(eligibleShares({ rules })).map(([passed, { part, whole }]) => [
    passed.replace('who pass', 'excluded by'),
    { part: whole - part, whole },
  ]);
  return { ...filled, ...Object.fromEntries(excluded) };
}

function lostValues({ max_value_drop: limit }: Guards, now: SnapshotManifest, then: Extract): string | undefined {
  const shares = valueShares(now);
  const lost = Object.entries(valueShares(then)).flatMap(([name, before]) => {
    const share = shares[name];
    const isCompared = share !== undefined && share.whole > 0 && before.part >= smallestPart;
    if (!isCompared || 1 - partRatio(share) / partRatio(before) <= limit) return [];
    return [`${name} ${countPhrase(before.part)} -> ${countPhrase(share.part)}`];
  });
  if (lost.length === 0) return undefined;
  return `fewer rows have a value than in the last successful run: ${lost.join(', ')}; guards.max_value_drop is ${percent(limit)}`;
}

function oldHoldings({ max_days_old: limit }: Guards, { newestDay, referenceDate }: SnapshotManifest): string | undefined {
  if (newestDay === undefined) return undefined;
  const days = daysSinceEpoch(referenceDate) - daysSinceEpoch(newestDay);
  if (days <= limit) return undefined;
  return `the newest holding was opened on ${newestDay}, ${days} days before the reference date ${referenceDate}; guards.max_days_old is ${limit}`;
}

function holdingShares({ holdingsByClass }: Extract): Shares {
  return sharesOfSum(holdingsByClass ?? {});
}

/** Share of customers who pass each rule. */
function eligibleShares({ rules }: Pick<Extract, 'rules'>): Shares {
  return Object.fromEntries(
    rules.map(({ reason, class: of, products = [], eligible, notEligible, unknown }) => [
      `customers who pass rule ${reason}${of === null ? '' : ` of class ${of}`}${products.length === 0 ? '' : ` for ${products.join(', ')}`}`,
      { part: eligible, whole: eligible + notEligible + unknown },
    ]),
  );
}

/** Converts counts to shares of their sum. */
function sharesOfSum(counts: Counts): Shares {
  const whole = Object.values(counts).reduce((sum, rows) => sum + rows, 0);
  return Object.fromEntries(Object.entries(counts).map(([name, part]) => [name, { part, whole }]));
}

/** Texts of shares that have changed by more than the limit. A share that only one of the runs has counts as 0 in the other. */
function shareChanges({ max_share_change: limit }: Guards, now: Shares, then: Shares, said: Said = (name) => name): string[] {
  if (Object.keys(now).length === 0 || Object.keys(then).length === 0) return [];
  return [...new Set([...Object.keys(then), ...Object.keys(now)])].flatMap((name) => {
    const none = { part: 0, whole: 0 };
    const [before, share] = [then[name] ?? none, now[name] ?? none];
    return Math.abs(partRatio(share) - partRatio(before)) > limit
      ? [`${said(name)} ${partOfWholeText(before)} -> ${partOfWholeText(share)}`]
      : [];
  });
}

function shareFinding({ max_share_change: limit }: Guards, changes: readonly string[]): string | undefined {
  if (changes.length === 0) return undefined;
  return `shares have jumped since the last successful run: ${changes.join(', ')}; guards.max_share_change is ${percent(limit)}`;
}
