import { type PublishedCount, publishedCount, publishedRecord } from '@basketwise/data/published';
import type { CampaignCounts } from '@basketwise/recommend';

/** Publishable numbers of a campaign's customers. */
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

/** Publishes the outcomes of a campaign's targets. Targets are the served and the unserved; list entries have sources. */
export function publishedFunnel(counts: Pick<CampaignCounts, keyof PublishedFunnel>): PublishedFunnel {
  const { targets, served, unserved, suppressed, customers, baskets, rows, sources } = counts;
  const { [mark]: shown, ...reasons }: Record<string, PublishedCount> = publishedRecord(
    { [mark]: served, ...prefixed(unserved) },
    targets,
  );
  // Entries of a list are a multiple of its customers, and rounded with them.
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

/** Prefix of reasons. A bank can choose any name for a reason, so it must not equal the key of the served customers. */
const mark = 'unserved ';
const prefixed = (record: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(record).map(([name, count]) => [mark + name, count]));
const unprefixed = (record: Record<string, PublishedCount>) =>
  Object.fromEntries(Object.entries(record).map(([name, count]) => [name.slice(mark.length), count]));
