import type { BankSource, CampaignCalibration, GroupHolders, PublishedCampaign } from '@basketwise/core/advice';
import type { PublishedCounts } from '@basketwise/data';
import type { CampaignTraining } from '../campaigns/saved-models.ts';
import { snapshotBank } from '../campaigns/snapshot-bank.ts';
import { type ClusterSummary, modelFile, readClusterModel } from '../clusters/saved-model.ts';
import type { HiveLike } from '../drivers/hive-settings.ts';
import { datedClusters } from '../features/dated-clusters.ts';
import type { FeatureSummary } from '../features/feature-summary.ts';
import { fitCodings } from '../features/fit-codings.ts';
import { runContexts } from '../features/snapshot-contexts.ts';
import type { StageResult } from '../run/run-folder.ts';
import type { SegmentTable } from '../segments/segment-table.ts';
import { writeSegments } from '../segments/write-segments.ts';
import { clusterCustomers, readClusters } from './cluster.ts';
import { featureStage } from './features.ts';
import { publishResults } from './publish.ts';
import { publishHive } from './publish-hive.ts';
import type { RunContext } from './run-context.ts';

/** The bank of a run. */
export interface JobBank extends BankSource {
  /** Customers who hold each product group on the reference date, for the report. */
  holders(): Promise<readonly GroupHolders[]>;
}

/** The stages after extraction as far as it matters where customers are: here, in the snapshot, or on a server. */
export interface JobStages {
  features(): Promise<StageResult<FeatureSummary>>;
  segment(previous: string | undefined): Promise<StageResult<SegmentTable>>;
  cluster(previous: string | undefined): Promise<StageResult<ClusterSummary[]>>;
  /** Fetches the baskets, where they are grouped elsewhere. */
  baskets?(clusters: readonly ClusterSummary[]): Promise<StageResult<unknown>>;
  /** The bank that models learn from and lists are made for; the same each time. */
  bank(clusters: readonly ClusterSummary[]): Promise<JobBank>;
  publish(
    bank: BankSource,
    trainings: readonly CampaignTraining[],
    calibrations: readonly CampaignCalibration[],
  ): Promise<StageResult<PublishedCampaign[]>>;
  publishHive(to: HiveLike): Promise<StageResult<readonly PublishedCounts[]>>;
  /** Tidies up when all is done. */
  end?(): Promise<void>;
  /** Further facts for the manifest. */
  manifestFacts?(): Promise<object>;
}

/** Customers and holdings are in the snapshot. */
export function snapshotStages(context: RunContext): JobStages {
  let bank: Promise<JobBank> | undefined;
  return {
    features: () => featureStage(context, (snapshot, known) => fitCodings(snapshot, known, context.signal)),
    async segment(previous) {
      const snapshot = await context.snapshot();
      const id = await context.publishedId('id');
      const summary = await writeSegments(snapshot, context.settings.config.segments, {
        id,
        folder: context.folder.path,
        previous,
      });
      return { files: ['segments.parquet', 'segments.json', 'segments.txt'], summary };
    },
    cluster: (previous) => clusterCustomers(context, previous),
    bank: (clusters) => (bank ??= openBank(context, clusters)),
    publish: (from, trainings, calibrations) => publishResults(context, from, trainings, calibrations),
    publishHive: (to) => publishHive(context, to),
  };
}

/** The snapshot of a run as a bank: features as its folder has them, and clusters at earlier dates by the models that it fitted or took. */
async function openBank(context: RunContext, clusters: readonly ClusterSummary[]): Promise<JobBank> {
  const { settings, folder, referenceDate: date, signal } = context;
  const about = { pool: await context.pool(), snapshot: await context.snapshot(), config: settings.config };
  return snapshotBank({
    ...{ ...about, date, signal },
    clusters: () => readClusters(context, clusters),
    contexts: await runContexts(folder.path, about.snapshot, about.config, signal),
    dated: datedClusters(about, (scheme) => readClusterModel(folder.file(modelFile(scheme)), `clusters.${scheme}`)),
  });
}
