import { type PublishedCount, publishedCount, publishedRecord } from '@basketwise/data/base';
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
  const shown = publishedCount(served);
  // A number of list entries is rounded down to a multiple of 10 x `each`. `each` is the mean length of a list, rounded up.
  const each = served === 0 ? 1 : Math.ceil(rows / served);
  return {
    ...{ targets: publishedCount(targets), served: shown },
    ...{ unserved: publishedRecord(unserved), suppressed: publishedRecord(suppressed) },
    ...publishedRecord({ customers, baskets }),
    rows: shown === null ? null : publishedCount(rows, each),
    sources: publishedRecord(sources, each),
  };
}
