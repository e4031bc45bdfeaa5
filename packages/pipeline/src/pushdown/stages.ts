import type { WithBank } from '@basketwise/core/advice';
import { planCampaigns } from '../config/campaign-plan.ts';
import type { JobStages } from '../stages/job-stages.ts';
import { fetchBaskets } from './baskets.ts';
import { campaignBank } from './campaign-bank.ts';
import { clusterInHive } from './cluster.ts';
import type { HiveSide } from './hive-side.ts';
import { publishFromUnits } from './publish.ts';
import { publishInHive } from './publish-hive.ts';
import { rowsOfUnits } from './report.ts';
import { segmentInHive } from './segment.ts';

/** Customers and holdings stay in Hive; distinct baskets come here. */
export function pushdownStages(side: HiveSide): JobStages {
  return {
    segment: (previous) => segmentInHive(side, previous),
    cluster: (previous) => clusterInHive(side, previous),
    baskets: (clusters) => fetchBaskets(side, clusters),
    withBank: () => bankOf(side),
    publish: (withBank, trainings) => publishFromUnits(side, withBank, trainings),
    publishHive: () => publishInHive(side),
    rowsToReport: () => rowsOfUnits(side),
    end: () => side.dropTables(),
    manifestFacts: async () => ({ fetched: await side.fetched() }),
  };
}

/** A campaign's bank is in kernel memory while it is lent. */
function bankOf({ context }: HiveSide): WithBank {
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
