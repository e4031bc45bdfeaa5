import type {
  CampaignCalibration,
  GroupedBanks,
  GroupedLessons,
  GroupHolders,
  PublishedCampaign,
  WithBank,
} from '@basketwise/core/advice';
import type { PublishedCounts } from '@basketwise/data';
import type { CampaignTraining } from '../campaigns/saved-models.ts';
import type { ClusterSummary } from '../clusters/saved-model.ts';
import type { HiveLike } from '../drivers/hive-settings.ts';
import type { FeatureSummary } from '../features/feature-summary.ts';
import { fitCodings } from '../features/fit-codings.ts';
import type { StageResult } from '../run/run-folder.ts';
import type { SegmentTable } from '../segments/segment-table.ts';
import { writeSegments } from '../segments/write-segments.ts';
import { clusterCustomers, readClusters } from './cluster.ts';
import { featureStage } from './features.ts';
import { publishResults } from './publish.ts';
import { publishHive } from './publish-hive.ts';
import type { RunContext } from './run-context.ts';

/** The stages after extraction as far as it matters where customers are: here, in the snapshot, or on a server. */
export interface JobStages {
  features(): Promise<StageResult<FeatureSummary>>;
  segment(previous: string | undefined): Promise<StageResult<SegmentTable>>;
  cluster(previous: string | undefined): Promise<StageResult<ClusterSummary[]>>;
  /** Fetches the baskets, where they are grouped elsewhere. */
  baskets?(clusters: readonly ClusterSummary[]): Promise<StageResult<unknown>>;
  withBank(clusters: readonly ClusterSummary[]): WithBank;
  /** Banks of the windows that models learn from, where they are grouped elsewhere. */
  groupedBanks?(): GroupedBanks;
  /** Lessons that probabilities are learned from, where they are grouped elsewhere. */
  groupedLessons?(): GroupedLessons;
  publish(
    withBank: WithBank,
    trainings: readonly CampaignTraining[],
    calibrations: readonly CampaignCalibration[],
  ): Promise<StageResult<PublishedCampaign[]>>;
  publishHive(to: HiveLike): Promise<StageResult<readonly PublishedCounts[]>>;
  /** Customers who hold each product group on the reference date, for the report. */
  holders(): Promise<readonly GroupHolders[]>;
  /** Tidies up when all is done. */
  end?(): Promise<void>;
  /** Further facts for the manifest. */
  manifestFacts?(): Promise<object>;
}

/** Customers and holdings are in the snapshot. */
export function snapshotStages(context: RunContext): JobStages {
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
    withBank: (clusters) => async (_, use) => use(await context.bank(() => readClusters(context, clusters))),
    publish: (withBank, trainings, calibrations) => publishResults(context, withBank, trainings, calibrations),
    publishHive: (to) => publishHive(context, to),
    holders: () => context.holders(),
  };
}
