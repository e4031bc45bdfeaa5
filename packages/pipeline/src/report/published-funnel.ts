import { type PublishedCount, publishedCount, publishedRecord } from '@basketwise/data/published';
import type { CampaignCounts } from '@basketwise/recommend';

/** Publishable numbers of a campaign's customers, baskets and list entries. */
export interface PublishedFunnel {
  targets: PublishedCount;
  served: PublishedCount;
  unserved: Record<string, PublishedCount>;
  suppressed: Record<string, PublishedCount>;
  customers: PublishedCount;
  baskets: PublishedCount;
  rows: PublishedCount;
  sources: Record<string, PublishedCount>;
}

/**
 * Rounds the numbers of a campaign for publication. Target customers are served with a list, or unserved for a reason. List
 * entries are counted by source.
 */
export function publishedFunnel(counts: Pick<CampaignCounts, keyof PublishedFunnel>): PublishedFunnel {
  const { targets, served, unserved, suppressed, customers, baskets, rows, sources } = counts;
  const { [mark]: shown, ...reasons }: Record<string, PublishedCount> = publishedRecord(
    { [mark]: served, ...prefixed(unserved) },
    targets,
  );
  // A number of list entries is rounded down to a multiple of 10 x `each`. `each` is the mean length of a list, rounded up.
  const each = served === 0 ? 1 : Math.ceil(rows / served);
  const failed = Object.entries(suppressed).map(([reason, count]) => [reason, publishedCount(count)]);
  return {
    ...{
      targets: publishedCount(targets),
      served: shown!,
      unserved: unprefixed(reasons),
      suppressed: Object.fromEntries(failed),
    },
    ...{
      customers: publishedCount(customers),
      baskets: publishedCount(baskets),
      rows: shown === null ? null : publishedCount(rows, each),
    },
    sources: publishedRecord(sources, rows, each),
  };
}

/**
 * Key of the served customers, and prefix of all reasons in the same record. A bank can choose any name for a reason, but with
 * the prefix no reason equals this key.
 */
const mark = 'unserved ';
const prefixed = (record: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(record).map(([name, count]) => [mark + name, count]));
const unprefixed = (record: Record<string, PublishedCount>) =>
  Object.fromEntries(Object.entries(record).map(([name, count]) => [name.slice(mark.length), count]));
