import type { ClusterSummary, SegmentTable } from '@basketwise/clusters';
import type { CampaignResults } from '@basketwise/core/parts';
import type { PublishedCounts, SnapshotManifest } from '@basketwise/data';
import type {
  BankSource,
  CampaignModels,
  CampaignPlan,
  GroupHolders,
  PublishedCampaign,
  SchemeClusters,
} from '@basketwise/recommend';
import type { Source } from '../drivers/driver.ts';
import type { FeatureSummary } from '../features/feature-summary.ts';
import type { StageResult } from '../run/run-folder.ts';
import type { ListCalibration } from './list-calibration.ts';
import type { RunPlan } from './run-plan.ts';
import type { Done, LiveResult } from './stage-result.ts';

/** Bank of a run. */
export interface JobBank extends BankSource {
  /** Customers who hold each product group on the reference date, for the report. */
  holders(): Promise<readonly GroupHolders[]>;
}

/** Clusters of a run. */
export type DoneClusters = Done<ClusterSummary[], SchemeClusters>;

/** Campaign whose models are fitted. */
export interface LearnedCampaign {
  plan: CampaignPlan;
  /** Returns the models of the campaign. */
  models: () => Promise<CampaignModels>;
  /** Calibration of its probabilities. Null: no probabilities. */
  calibration: ListCalibration;
}

/** Location of customers and their holdings (the snapshot, or a server), with the work done there. */
export interface Site {
  /** Reads the bank's tables. */
  extract(source: Source, plan: RunPlan): Promise<StageResult<SnapshotManifest>>;
  features(): Promise<StageResult<FeatureSummary>>;
  segment(previous: string | undefined): Promise<StageResult<SegmentTable>>;
  cluster(previous: string | undefined): Promise<LiveResult<ClusterSummary[], SchemeClusters>>;
  /** Fetches the baskets, if a server groups them. */
  baskets?(clusters: readonly ClusterSummary[]): Promise<StageResult<unknown>>;
  /** Bank for training and for lists. Each call returns the same one. */
  bank(clusters: DoneClusters): Promise<JobBank>;
  publish(
    bank: BankSource,
    campaigns: readonly LearnedCampaign[],
  ): Promise<LiveResult<PublishedCampaign[], readonly CampaignResults[]>>;
  /** Publishes to tables of the server that has the customers. Absent: results are copied there. */
  publishTo?(): Promise<readonly PublishedCounts[]>;
  /** Cleans up at the end. */
  end?(): Promise<void>;
  /** Further entries of the manifest. */
  manifestFacts?(): Promise<object>;
  close(): Promise<void>;
}
