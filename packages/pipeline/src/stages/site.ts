import type { ClusterSummary } from '@basketwise/clusters';
import type { CampaignResults } from '@basketwise/core/parts';
import type { PublishedCounts, SnapshotManifest } from '@basketwise/data';
import type {
  BankSource,
  CampaignCalibration,
  CampaignModels,
  CampaignPlan,
  GroupHolders,
  PublishedCampaign,
  SchemeClusters,
} from '@basketwise/recommend';
import type { Source } from '../drivers/driver.ts';
import type { FeatureSummary } from '../features/feature-summary.ts';
import type { StageResult } from '../run/run-folder.ts';
import type { SegmentTable } from '../segments/segment-table.ts';
import type { RunPlan } from './run-plan.ts';
import type { Done, LiveResult } from './stage-result.ts';

/** The bank of a run. */
export interface JobBank extends BankSource {
  /** Customers who hold each product group on the reference date, for the report. */
  holders(): Promise<readonly GroupHolders[]>;
}

/** The clusters of a run. */
export type DoneClusters = Done<ClusterSummary[], SchemeClusters>;

/** A campaign whose models are fitted. */
export interface LearnedCampaign {
  plan: CampaignPlan;
  /** Returns its models. */
  models: () => Promise<CampaignModels>;
  /** The calibration of its probabilities; null: no probabilities. */
  calibration: CampaignCalibration | null;
}

/** Location of customers and their holdings, with the work done there: in the snapshot, or on a server. */
export interface Site {
  /** Reads the bank's tables. */
  extract(source: Source, plan: RunPlan): Promise<StageResult<SnapshotManifest>>;
  features(): Promise<StageResult<FeatureSummary>>;
  segment(previous: string | undefined): Promise<StageResult<SegmentTable>>;
  cluster(previous: string | undefined): Promise<LiveResult<ClusterSummary[], SchemeClusters>>;
  /** Fetches the baskets, if they are grouped by a server. */
  baskets?(clusters: readonly ClusterSummary[]): Promise<StageResult<unknown>>;
  /** The bank for training and for lists; the same at each call. */
  bank(clusters: DoneClusters): Promise<JobBank>;
  publish(
    bank: BankSource,
    campaigns: readonly LearnedCampaign[],
  ): Promise<LiveResult<PublishedCampaign[], readonly CampaignResults[]>>;
  /** Publishes to tables of the server that the customers are on; absent: results are copied there. */
  publishTo?(): Promise<readonly PublishedCounts[]>;
  /** Cleans up at the end. */
  end?(): Promise<void>;
  /** Further entries of the manifest. */
  manifestFacts?(): Promise<object>;
  close(): Promise<void>;
}
