import { type PlainDate, required } from '@basketwise/core';
import { queryRows, type Snapshot } from '@basketwise/data';
import {
  type PublishedCount,
  publishedCount,
  publishedMiddle,
  publishedParts,
  publishedRange,
  publishedValue,
} from '@basketwise/data/base';
import type { FinishedRun } from '@basketwise/insight';
import { customerContexts, type ProtectedColumn, publishedInterval, readFeatureFile } from '@basketwise/pipeline';
import { isColumn, liftInterval, minimumCustomers, type RateInterval, z95 } from '@basketwise/recommend';
import type { CampaignTally, TestedGroup } from './campaign-tally.ts';
import { featureDimensions, labelSql, missingValue, otherValues, protectedLabels, protectedName } from './customer-groups.ts';
import { type Moments, meanOf, squaredError } from './moments.ts';
import { publishedLists } from './run-drift.ts';
import { mostSuppressed, shareOfMiddles } from './suppressed.ts';
import type { ValidationFile } from './validation-file.ts';

type Exposure = ValidationFile['exposure'][number];

/** A group is flagged if its share of served customers, divided by the share in the largest group, is below this value. */
const flaggedBelow = 0.8;

/** Group of customers by a protected column, with the number of its customers who have a list (served). */
export interface ExposedGroup {
  group: string;
  customers: number;
  served: number;
  /** Mean probability over the entries of the group's lists; null without probabilities. */
  probability: number | null;
}

/**
 * Ratio of two groups' shares of served customers (customers with a list, divided by all customers), with its 95 % interval.
 * The interval combines the score intervals of both shares by the MOVER method.
 */
export function shareRatio(own: Pick<ExposedGroup, 'customers' | 'served'>, other: typeof own): RateInterval | null {
  const arm = ({ customers, served }: typeof own) => ({ customers, bought: served });
  const { value, low, high } = liftInterval(arm(own), arm(other));
  return value === null || high === null ? null : { value: value + 1, low: low + 1, high: high + 1 };
}

/** Reads the groups of a protected column for each campaign, with their customers and lists. Null if the snapshot lacks the column. */
export async function readExposure(
  snapshot: Snapshot,
  lists: string,
  column: ProtectedColumn,
  campaigns: readonly string[],
): Promise<Map<string, ExposedGroup[]> | null> {
  const labels = await protectedLabels(snapshot, column);
  if (labels === null) return null;
  const { engine } = snapshot;
  const label = labelSql(engine, column);
  const sql = `SELECT CAST(r.campaign AS VARCHAR) AS campaign, c.label, CAST(count(*) FILTER (WHERE r.rank = 1) AS DOUBLE) AS served,
    CAST(count(r.probability) AS DOUBLE) AS entries, CAST(sum(r.probability) AS DOUBLE) AS expected FROM ${lists} r JOIN (SELECT id, ${label} AS label FROM customers) c ON r.customer = c.id
    GROUP BY ALL`;
  const rows = await queryRows(engine, sql, { place: 'validation.protected' });
  return new Map(
    campaigns.map((campaign) => [
      campaign,
      exposedGroups(
        labels,
        rows.filter((row) => row.campaign === campaign),
      ),
    ]),
  );
}

type Row = Readonly<Record<string, unknown>>;

/** Groups of a campaign from its sums by value of the column. Values that are not in `labels` are merged into one group. */
function exposedGroups(labels: readonly { label: string; customers: number }[], rows: readonly Row[]): ExposedGroup[] {
  const known = new Set(labels.map(({ label }) => label));
  const labelOf = (row: Row) => (known.has(String(row.label)) ? String(row.label) : otherValues);
  return labels.map(({ label, customers }) => {
    const own = rows.filter((row) => labelOf(row) === label);
    const sum = (of: string) => own.reduce((total, row) => total + Number(row[of] ?? 0), 0);
    const entries = sum('entries');
    return { group: label, customers, served: sum('served'), probability: entries === 0 ? null : sum('expected') / entries };
  });
}

/** Moments of the recalls of a group's test customers; null for fewer than 20 of them, or if the number of those with or without a hit is suppressed. */
function recallsOf(own: TestedGroup | undefined): Moments | null {
  if (own === undefined || own.n < minimumCustomers) return null;
  const { n, hits, recall, recallSquares } = own;
  const isSuppressed = publishedCount(hits) === null || publishedCount(n - hits) === null;
  return isSuppressed ? null : { n, sum: recall, squares: recallSquares };
}

/** Difference of two mean recalls with its 95 % interval (Welch). */
function recallGap(own: Moments, other: Moments): Exposure['groups'][number]['recallMinus'] {
  const mean = meanOf(own) - meanOf(other);
  const half = z95 * Math.sqrt(squaredError(own) + squaredError(other));
  const [low, high] = [mean - half, mean + half];
  return { mean: publishedValue(mean), low: publishedValue(low), high: publishedValue(high), level: low <= 0 && high >= 0 };
}

/**
 * Publishable exposure of a campaign by a protected column or a feature. For groups of fewer than ten customers, only their number is given.
 * @param by name of the dimension in the tally
 */
export function publishedExposure(
  column: string,
  campaign: string,
  groups: readonly ExposedGroup[],
  tally: CampaignTally | undefined,
  by = protectedName(column),
): Exposure {
  const sizes = publishedParts(groups.map(({ customers }) => customers));
  const served = publishedParts(groups.map((group) => group.served));
  const largest = groups.reduce((most, { customers }, i) => (customers > groups[most]!.customers ? i : most), 0);
  const ratioOf = (i: number) => {
    const [own, other] = [i, largest].map((at) => middlesOf(sizes[at]!, served[at]!));
    return i === largest || !own || !other ? null : publishedInterval(shareRatio(own, other));
  };
  const mostOf = (i: number) => {
    const other = middlesOf(sizes[largest]!, served[largest]!);
    if (i === largest || !other) return null;
    const own = { customers: sizes[i]!, served: Math.min(sizes[i]!, mostServed(groups[i]!.served, served)) };
    return publishedInterval(shareRatio(own, other))?.high ?? null;
  };
  const testedGroups = groups.map(({ group }) => tally?.testedBy.get(by)?.get(group));
  const tested = publishedParts(testedGroups.map((own) => own?.n ?? 0));
  const recalls = testedGroups.map(recallsOf);
  const shown = groups.flatMap((group, i): Exposure['groups'] => {
    if (sizes[i] === null) return [];
    const ratio = ratioOf(i);
    const most = ratio?.high ?? mostOf(i);
    return [
      {
        ...{ group: group.group, customers: sizes[i]!, served: served[i]!, largest: i === largest },
        share: shareOfMiddles(served[i]!, sizes[i]!),
        ...{ ratio, most, flagged: (ratio?.value ?? most ?? 1) < flaggedBelow },
        probability: group.probability === null || !served[i] ? null : publishedValue(group.probability),
        tested: tested[i]!,
        recall: recalls[i] ? publishedValue(meanOf(recalls[i])) : null,
        recallMinus: i !== largest && recalls[i] && recalls[largest] ? recallGap(recalls[i], recalls[largest]) : null,
      },
    ];
  });
  return { column, campaign, groups: shown, small: groups.length - shown.length };
}

/**
 * Greatest number that a suppressed number of served customers can be.
 * A number that is suppressed to protect a small one is at most in the same ten as the smallest shown number.
 */
function mostServed(own: number, shown: readonly PublishedCount[]): number {
  if (own <= mostSuppressed) return mostSuppressed;
  return shown.reduce<number>((least, one) => (one ? Math.min(least, publishedRange(one)[1]) : least), Number.POSITIVE_INFINITY);
}

/** Middles of the ranges of two published numbers; null if one of them is suppressed. */
function middlesOf(customers: PublishedCount, served: PublishedCount): Pick<ExposedGroup, 'customers' | 'served'> | null {
  if (customers === null || served === null) return null;
  return { customers: publishedMiddle(customers), served: publishedMiddle(served) };
}

/** Exposure of the run's lists by each feature, other than pairs of features. Empty if the run has no features. */
export async function featureExposures(
  { snapshot, folder, config, referenceDate }: FinishedRun,
  campaigns: readonly string[],
  tallies: ReadonlyMap<string, CampaignTally>,
): Promise<ValidationFile['featureExposure']> {
  if (!snapshot.manifest.features?.columns.length) return [];
  const features = (await readFeatureFile(folder)).features.filter(isColumn);
  const contexts = await customerContexts(snapshot, features).at(referenceDate as PlainDate);
  if (contexts === null) return [];
  const groups = featureDimensions(contexts, snapshot.customerCount).map(({ by, labels, codes }) => {
    return { by, labels: [...labels, missingValue], codes: codes.map((code) => (code < 0 ? labels.length : code)) };
  });
  const count = (labels: readonly string[], codes: Int16Array, isIn: (customer: number) => boolean) => {
    const counts = labels.map(() => 0);
    for (const [customer, code] of codes.entries()) if (isIn(customer)) counts[code]!++;
    return counts;
  };
  const all = new Map(groups.map(({ by, labels, codes }) => [by, count(labels, codes, () => true)]));
  const found: ValidationFile['featureExposure'] = [];
  for (const campaign of campaigns) {
    const served = new Uint8Array(snapshot.customerCount);
    const { first } = publishedLists(snapshot.engine, { folder, config }, campaign);
    const sql = `SELECT c.customer FROM ${first} r JOIN customers c ON r.customer = c.id`;
    for await (const { rows, columns } of snapshot.engine.query(sql, { place: 'recommendations' })) {
      const customer = columns.customer as Int32Array;
      for (let i = 0; i < rows; i++) served[customer[i]!] = 1;
    }
    for (const { by, labels, codes } of groups) {
      const own = count(labels, codes, (customer) => served[customer] === 1);
      const sizes = required(all, by);
      const exposed = labels.flatMap((group, code) =>
        sizes[code] === 0 ? [] : [{ group, customers: sizes[code]!, served: own[code]!, probability: null }],
      );
      found.push(publishedExposure(by.replace(/^feature /, ''), campaign, exposed, tallies.get(campaign), by));
    }
  }
  return found;
}
