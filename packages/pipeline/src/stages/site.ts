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

/** Bank of a run: the data for training and for lists. */
export interface JobBank extends BankSource {
  /** Number of customers who hold each product group on the reference date, for the report. */
  holders(): Promise<readonly GroupHolders[]>;
}

/** Result of the stage `cluster`. */
export type DoneClusters = Done<ClusterSummary[], SchemeClusters>;

/** Campaign with its fitted models and its calibration. */
export interface LearnedCampaign {
  plan: CampaignPlan;
  /** Returns the models of the campaign. */
  models: () => Promise<CampaignModels>;
  /** Calibration of the campaign's probabilities. Null: the lists have no probabilities. */
  calibration: ListCalibration;
}

/** Place of a run's customers and holdings: the snapshot, or with pushdown a server. Its methods do the work of the stages there. */
export interface Site {
  /** Reads the bank's tables. */
  extract(source: Source, plan: RunPlan): Promise<StageResult<SnapshotManifest>>;
  features(): Promise<StageResult<FeatureSummary>>;
  segment(previous: string | undefined): Promise<StageResult<SegmentTable>>;
  cluster(previous: string | undefined): Promise<LiveResult<ClusterSummary[], SchemeClusters>>;
  /** Fetches the baskets that the server has grouped. Absent: no server groups baskets. */
  baskets?(clusters: readonly ClusterSummary[]): Promise<StageResult<unknown>>;
  /** Bank for training and for lists. All calls return the same object. */
  bank(clusters: DoneClusters): Promise<JobBank>;
  publish(
    bank: BankSource,
    campaigns: readonly LearnedCampaign[],
  ): Promise<LiveResult<PublishedCampaign[], readonly CampaignResults[]>>;
  /** Publishes to tables of the server that has the customers. Absent: results are copied to the target's server. */
  publishTo?(): Promise<readonly PublishedCounts[]>;
  /** Cleans up after the last stage. */
  end?(): Promise<void>;
  /** Entries of the manifest that only this kind of site has. */
  manifestFacts?(): Promise<object>;
  close(): Promise<void>;
}
