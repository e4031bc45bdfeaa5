import { modelFile, readClusterModel } from '@basketwise/clusters';
import { snapshotBank } from '../campaigns/snapshot-bank.ts';
import { datedClusters } from '../features/dated-clusters.ts';
import { fitCodings } from '../features/fit-codings.ts';
import { runContexts } from '../features/snapshot-contexts.ts';
import { clusterHere } from './cluster.ts';
import { extractHere } from './extract.ts';
import { makeFeatures } from './features.ts';
import { publishHere } from './publish.ts';
import type { RunContext } from './run-context.ts';
import { segmentHere } from './segment.ts';
import type { DoneClusters, JobBank, Site } from './site.ts';

/** Site of a run without pushdown: its customers and holdings are in the snapshot. */
export function snapshotSite(context: RunContext): Site {
  let bank: Promise<JobBank> | undefined;
  return {
    extract: (source, plan) => extractHere(context, source, plan),
    features: () => makeFeatures(context, (snapshot, known) => fitCodings(snapshot, known, context.signal)),
    segment: (previous) => segmentHere(context, previous),
    cluster: (previous) => clusterHere(context, previous),
    bank: (clusters) => (bank ??= openBank(context, clusters)),
    publish: (from, campaigns) => publishHere(context, from, campaigns),
    // The context closes the snapshot.
    close: async () => {},
  };
}

/** Bank of a run's snapshot, with the features saved in the run folder. The models in the run folder determine the clusters at earlier dates. */
async function openBank(context: RunContext, clusters: DoneClusters): Promise<JobBank> {
  const { settings, folder, referenceDate: date, signal } = context;
  const about = { pool: await context.pool(), snapshot: await context.snapshot(), config: settings.config };
  return snapshotBank({
    ...{ ...about, date, signal },
    clusters: () => clusters.take(),
    contexts: await runContexts(folder.path, about.snapshot, about.config, signal),
    dated: datedClusters(about, (scheme) => readClusterModel(folder.file(modelFile(scheme)), `clusters.${scheme}`)),
  });
}
