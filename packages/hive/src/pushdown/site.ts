import type { RunContext, Site } from '@basketwise/pipeline/engine';
import { fetchBaskets } from './baskets.ts';
import { clusterInHive } from './cluster.ts';
import { extractInHive } from './extract.ts';
import { featuresInHive } from './features.ts';
import { HiveRun } from './hive-run.ts';
import { publishFromUnits } from './publish.ts';
import { publishInHive } from './publish-hive.ts';
import { segmentInHive } from './segment.ts';
import { pushdownBank } from './window-bank.ts';

/** Stages of a run whose customers and holdings stay in Hive or Spark. Only distinct baskets, and counts, are fetched. */
export function pushdownSite(context: RunContext): Site {
  const hiveRun = new HiveRun(context);
  return {
    extract: (source, { dates }) => extractInHive(hiveRun, source, dates),
    features: () => featuresInHive(hiveRun),
    segment: (previous) => segmentInHive(hiveRun, previous),
    cluster: (previous) => clusterInHive(hiveRun, previous),
    baskets: (clusters) => fetchBaskets(hiveRun, clusters),
    bank: async () => pushdownBank(hiveRun),
    publish: (bank, campaigns) => publishFromUnits(hiveRun, bank, campaigns),
    // The checks of the config ensure that this is the server of the customers.
    publishTo: () => publishInHive(hiveRun),
    end: () => hiveRun.dropTables(),
    manifestFacts: async () => ({ fetched: await hiveRun.fetched() }),
    close: () => hiveRun.close(),
  };
}
