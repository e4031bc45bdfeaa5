import type { SnapshotManifest } from '@basketwise/data';
import type { PlainDate } from './config/plain-date.ts';
import type { StageState } from './run/run-folder.ts';
import { type PublishedCount, publishedCount } from './segments/published-count.ts';
import type { SegmentTable } from './segments/segment-table.ts';
import type { ClusterSummary } from './stages/cluster.ts';
import type { PublishedCampaign } from './stages/publish.ts';
import type { CampaignTraining } from './stages/train-stage.ts';

/** Everything that a run has to tell, as data: what the terminal, report.json, report.html and manifest.json are made of. */
export interface RunReport {
  run: string;
  referenceDate: PlainDate;
  /** Absolute path of the run folder. */
  folder: string;
  extract: SnapshotManifest;
  segments: SegmentTable;
  clusters: readonly ClusterSummary[];
  trainings: readonly CampaignTraining[];
  /** In the order of the config. */
  campaigns: readonly PublishedCampaign[];
  warnings: readonly string[];
  /** Stages as they went in this run. */
  stages: readonly StageState[];
}

function publishedCounts(counts: Readonly<Record<string, number>>): Record<string, PublishedCount> {
  return Object.fromEntries(Object.entries(counts).map(([reason, count]) => [reason, publishedCount(count)]));
}

/** What report.json says of a run: without times and paths, small counts left out. */
export function publicReport({ run, referenceDate, extract, segments, clusters, trainings, campaigns, warnings }: RunReport) {
  return {
    version: 1,
    run,
    referenceDate,
    warnings,
    data: {
      customers: extract.customers,
      products: extract.products,
      holdings: extract.holdings,
      unknownProducts: extract.unknownProducts,
    },
    segments,
    clusters: clusters.map(({ scheme, method, k, sizes, fitted }) => ({
      scheme,
      method,
      k,
      fitted,
      sizes: sizes.map(publishedCount),
    })),
    campaigns: campaigns.map((campaign, i) => ({
      ...campaign,
      targets: publishedCount(campaign.targets),
      served: publishedCount(campaign.served),
      customers: publishedCount(campaign.customers),
      rows: publishedCount(campaign.rows),
      unserved: publishedCounts(campaign.unserved),
      suppressed: publishedCounts(campaign.suppressed),
      sources: publishedCounts(campaign.sources),
      models: trainings[i]!.fits.map(({ customers, ...fit }) => ({ ...fit, customers: publishedCount(customers) })),
    })),
  };
}
