import type { ClusterSummary, SegmentTable } from '@basketwise/clusters';
import type { CampaignResults, PlainDate } from '@basketwise/core';
import type { PublishedCounts, SnapshotManifest } from '@basketwise/data';
import type {
  BankSource,
  CampaignModels,
  CampaignPlan,
  GroupHolders,
  PublishedCampaign,
  SchemeClusters,
} from '@basketwise/recommend';
import { type Settings, settingsPath } from '../config/load.ts';
import type { Source } from '../drivers/driver.ts';
import type { FeatureSummary } from '../features/feature-file.ts';
import { featureDates } from '../features/feature-plan.ts';
import { type KeptPast, ownPasts } from '../features/kept-features.ts';
import { findInputs, identifyRun, type RunIdentity } from '../run/identity.ts';
import type { InputFiles } from '../run/input-files.ts';
import { nightBefore } from '../run/latest.ts';
import type { PublishedRun } from '../run/published-runs.ts';
import type { StageResult } from '../run/run-folder.ts';
import type { ListCalibration } from './list-calibration.ts';

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

/** Result of a stage: its files, its summary, and optionally data in memory (`live`). */
export type LiveResult<Summary, Live> = StageResult<Summary> & { live?: Live };

/** Result of a finished stage, from this execution or an earlier one. */
export interface Done<Summary, Live = undefined> {
  summary: Summary;
  /**
   * Returns the stage's data in memory. If they were released or never computed, reads them from the files of the stage. If the
   * stage is shared, all calls return the same object.
   */
  take(): Promise<Live>;
}

/** Inputs of a run, determined before its first stage. */
export interface RunPlan {
  settings: Settings;
  identity: RunIdentity;
  /** Dates of the requested feature values, the reference date first. */
  dates: readonly PlainDate[];
  /** Feature values that earlier runs have saved. */
  kept: readonly KeptPast[];
  /** Input files. Null if the tables are not files. */
  inputs: InputFiles | null;
  /** Earlier run with which this run is compared. */
  previous: PublishedRun | undefined;
}

/** Determines the inputs of a run, and its identity. @param damaged called if the record of published runs is damaged */
export async function planRun(
  settings: Settings,
  referenceDate: PlainDate,
  { workbench }: Source,
  aside?: boolean,
  damaged?: (problem: string) => void,
): Promise<RunPlan> {
  const output = settingsPath(settings, settings.config.output.dir);
  const dates = featureDates(settings.config, referenceDate);
  const kept = await ownPasts(output, dates.slice(1), settings.config);
  const inputs = await findInputs(settings, workbench);
  const identity = await identifyRun(settings, referenceDate, inputs, kept, aside);
  return { settings, identity, dates, kept, inputs, previous: await nightBefore(output, referenceDate, damaged) };
}
