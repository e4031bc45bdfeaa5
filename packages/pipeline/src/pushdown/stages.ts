import type { JobStages } from '../stages/job-stages.ts';
import { fetchBaskets } from './baskets.ts';
import { withUnitBank } from './campaign-bank.ts';
import { clusterInHive } from './cluster.ts';
import { featuresInHive } from './features.ts';
import type { HiveRun } from './hive-run.ts';
import { holdersInHive } from './holders.ts';
import { publishFromUnits } from './publish.ts';
import { publishInHive } from './publish-hive.ts';
import { segmentInHive } from './segment.ts';
import { calibrationLessons, windowBanks } from './window-bank.ts';

/** Customers and holdings stay in Hive or Spark; distinct baskets come here. */
export function pushdownStages(hiveRun: HiveRun): JobStages {
  return {
    features: () => featuresInHive(hiveRun),
    segment: (previous) => segmentInHive(hiveRun, previous),
    cluster: (previous) => clusterInHive(hiveRun, previous),
    baskets: (clusters) => fetchBaskets(hiveRun, clusters),
    withBank: () => (plan, use) => withUnitBank(hiveRun.context, plan, use),
    groupedBanks: () => windowBanks(hiveRun.context),
    groupedLessons: () => calibrationLessons(hiveRun.context),
    publish: (_, trainings, calibrations) => publishFromUnits(hiveRun, trainings, calibrations),
    // the checks of the config see to it that it is the server where customers are
    publishHive: () => publishInHive(hiveRun),
    holders: () => holdersInHive(hiveRun),
    end: () => hiveRun.dropTables(),
    manifestFacts: async () => ({ fetched: await hiveRun.fetched() }),
  };
}
