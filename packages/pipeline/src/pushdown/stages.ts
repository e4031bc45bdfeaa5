import type { WithBank } from '@basketwise/core/advice';
import { planCampaigns } from '../config/campaign-plan.ts';
import type { JobStages } from '../stages/job-stages.ts';
import { fetchBaskets } from './baskets.ts';
import { campaignBank } from './campaign-bank.ts';
import { clusterInHive } from './cluster.ts';
import { featuresInHive } from './features.ts';
import type { HiveRun } from './hive-run.ts';
import { publishFromUnits } from './publish.ts';
import { publishInHive } from './publish-hive.ts';
import { rowsOfUnits } from './report.ts';
import { segmentInHive } from './segment.ts';
import { calibrationLessons, windowBanks } from './window-bank.ts';

/** Customers and holdings stay in Hive or Spark; distinct baskets come here. */
export function pushdownStages(hiveRun: HiveRun): JobStages {
  return {
    features: () => featuresInHive(hiveRun),
    segment: (previous) => segmentInHive(hiveRun, previous),
    cluster: (previous) => clusterInHive(hiveRun, previous),
    baskets: (clusters) => fetchBaskets(hiveRun, clusters),
    withBank: () => bankOf(hiveRun),
    groupedBanks: () => windowBanks(hiveRun.context),
    groupedLessons: () => calibrationLessons(hiveRun.context),
    publish: (withBank, trainings, calibrations) => publishFromUnits(hiveRun, withBank, trainings, calibrations),
    // the checks of the config see to it that it is the server where customers are
    publishHive: () => publishInHive(hiveRun),
    rowsToReport: () => rowsOfUnits(hiveRun),
    end: () => hiveRun.dropTables(),
    manifestFacts: async () => ({ fetched: await hiveRun.fetched() }),
  };
}

/** A campaign's bank is in kernel memory while it is lent. */
function bankOf({ context }: HiveRun): WithBank {
  const plans = planCampaigns(context.settings.config);
  return async (plan, use) => {
    const { memory } = await context.pool();
    const mark = memory.mark();
    try {
      return await use(await campaignBank(context, plan, plans));
    } finally {
      memory.release(mark);
    }
  };
}
