import { join } from 'node:path';
import { AppError, type KernelPool, saveModel } from '@basketwise/core';
import { createNodePool } from '@basketwise/core/node';
import { openSnapshot, type Snapshot } from '@basketwise/data';
import type { CustomerAssignment } from '../clusters/assignment.ts';
import type { KChoice, KRange } from '../clusters/choose-k.ts';
import type { ClusterModel } from '../clusters/cluster-model.ts';
import { applyClusters, assignmentQuery, chooseK, clusterModelState, fitClusters } from '../clusters/clusters.ts';
import type { ClusterContext } from '../clusters/customer-rows.ts';
import { type ClusterProfile, profileClusters } from '../clusters/profile.ts';
import { publishedChoice, publishedProfile } from '../clusters/published-profile.ts';
import { clusterContext, readClusterModel, schemeOf } from '../clusters/saved-model.ts';
import type { ClusterScheme } from '../clusters/scheme.ts';
import { type Settings, settingsPath } from '../config/load.ts';
import { makeFolder, writeWhole } from '../run/files.ts';
import { snapshotOf, successfulRun } from '../run/latest.ts';
import { openSpill } from '../run/spill.ts';
import { segmentLabels } from '../segments/segment-sql.ts';
import { countSegments, type SegmentTable } from '../segments/segment-table.ts';
import { engineOptions, threadCount } from '../source/open-source.ts';

/** The snapshot of the latest run, as the commands about customers work with it. */
interface Desk {
  snapshot: Snapshot;
  context: ClusterContext;
}

/** Opens the snapshot of the latest run for as long as `work` takes. @throws AppError missing-input before the first run, bad-data where its manifest is damaged */
async function atDesk<T>(settings: Settings, work: (desk: Desk) => Promise<T>): Promise<T> {
  const output = settingsPath(settings, settings.config.output.dir);
  const run = await successfulRun(output);
  const threads = threadCount(settings.config.workers);
  const spill = await openSpill(output);
  let snapshot: Snapshot | undefined;
  let pool: KernelPool | undefined;
  try {
    snapshot = await openSnapshot(await snapshotOf(output, run), engineOptions(settings, threads, spill.path));
    pool = await createNodePool(threads);
    return await work({ snapshot, context: clusterContext(pool, snapshot) });
  } finally {
    await pool?.close();
    await snapshot?.close();
    await spill.close();
  }
}

/** A scheme by its name. @throws AppError usage where the config has none of that name */
function namedScheme({ config }: Settings, name: string): ClusterScheme {
  const scheme = config.clusters[name];
  if (scheme) return schemeOf(name, scheme);
  const known = Object.keys(config.clusters).join(', ') || 'none';
  throw new AppError('usage', `no cluster scheme is named ${name}`, `The config has: ${known}.`);
}

function modelPath(settings: Settings, name: string): string {
  const { model } = settings.config.clusters[name]!;
  return settingsPath(settings, model ?? `models/${name}-clusters.arrow`);
}

async function savedModel(settings: Settings, name: string): Promise<ClusterModel> {
  const path = modelPath(settings, name);
  const model = await readClusterModel(path, `clusters.${name}.model`);
  if (model) return model;
  throw new AppError('missing-input', `clusters.${name}: there is no model ${path}`, 'Fit it: `basketwise cluster fit`.');
}

/** Tries numbers of clusters on the customers of the latest run. */
export function tryClusterCounts(settings: Settings, name: string, range: KRange): Promise<KChoice> {
  const scheme = namedScheme(settings, name);
  return atDesk(settings, async ({ context }) => publishedChoice(await chooseK(context, scheme, range)));
}

/** Fits a scheme on the customers of the latest run and saves the model where later runs look for it. */
export function refitClusters(settings: Settings, name: string): Promise<{ profile: ClusterProfile; file: string }> {
  const scheme = namedScheme(settings, name);
  return atDesk(settings, async ({ snapshot, context }) => {
    const { model, assignment } = await fitClusters(context, scheme);
    const file = modelPath(settings, name);
    await makeFolder(join(file, '..'));
    await writeWhole(file, await saveModel(clusterModelState(model), { dataHash: snapshot.manifest.dataHash }));
    return { profile: publishedProfile(await profileClusters(context, scheme, model, assignment)), file };
  });
}

/** Applies the saved model of a scheme to the customers of the latest run. */
export async function reapplyClusters(settings: Settings, name: string): Promise<CustomerAssignment> {
  const scheme = namedScheme(settings, name);
  const model = await savedModel(settings, name);
  return atDesk(settings, ({ context }) => applyClusters(context, scheme, model));
}

/** Profiles the saved model of a scheme on the customers of the latest run. */
export async function reprofileClusters(settings: Settings, name: string): Promise<ClusterProfile> {
  const scheme = namedScheme(settings, name);
  const model = await savedModel(settings, name);
  return atDesk(settings, async ({ context }) => {
    return publishedProfile(await profileClusters(context, scheme, model, await applyClusters(context, scheme, model)));
  });
}

/** The saved model as a query that assigns the customers of a relation with the config's columns, in the SQL of the snapshot's engine. */
export async function clusterSql(settings: Settings, name: string, from: string): Promise<string> {
  namedScheme(settings, name);
  const model = await savedModel(settings, name);
  const { id } = settings.config.tables.customers;
  return atDesk(settings, async ({ snapshot }) => {
    const { dialect } = snapshot.engine;
    return assignmentQuery(dialect, model, { from, where: null, keep: [dialect.identifier(id)] });
  });
}

/** Counts the segments of the config on the customers of the latest run. */
export function recountSegments(settings: Settings): Promise<SegmentTable> {
  const { segments } = settings.config;
  return atDesk(settings, ({ snapshot: { engine } }) =>
    countSegments(engine, segments, segmentLabels(engine.dialect, segments, 'customers')),
  );
}
