import { join } from 'node:path';
import {
  applyClusters,
  assignmentQuery,
  type ClusterContext,
  type ClusterModel,
  type ClusterProfile,
  type ClusterScheme,
  chooseK,
  clusterContext,
  clusterModelState,
  countSegments,
  fitClusters,
  type KChoice,
  type KRange,
  keptModelFile,
  profileClusters,
  publishedChoice,
  publishedProfile,
  readClusterModel,
  type SegmentTable,
  schemeOf,
  segmentLabels,
} from '@basketwise/clusters';
import { AppError, createNodePool, type KernelPool, saveModel } from '@basketwise/core';
import { type Snapshot, trainedOn } from '@basketwise/data';
import { makeLastingFolder, publishedCount, publishedParts, writeWhole } from '@basketwise/data/base';
import { checkWritten, closeAll, type Settings, settingsPath, threadCount } from '@basketwise/pipeline';
import { type ExploreOptions, openNewestSnapshot } from './newest-snapshot.ts';

/** Customers of the newest snapshot, for commands such as `cluster` and `segment`. */
interface NewestCustomers {
  snapshot: Snapshot;
  context: ClusterContext;
}

/**
 * Opens the newest snapshot while `work` runs.
 * @throws AppError as `openNewestSnapshot`
 */
async function withNewest<T>(
  settings: Settings,
  options: ExploreOptions,
  work: (newest: NewestCustomers) => Promise<T>,
): Promise<T> {
  const threads = threadCount(settings.config.workers);
  const { snapshot, close } = await openNewestSnapshot(settings, threads, options);
  let pool: KernelPool | undefined;
  try {
    pool = await createNodePool(threads);
    return await work({ snapshot, context: clusterContext(pool, snapshot) });
  } finally {
    await closeAll([pool, { close }]);
  }
}

/**
 * Cluster scheme with the name `name`.
 * @throws AppError usage for an unknown name
 */
function namedScheme({ config }: Settings, name: string): ClusterScheme {
  const scheme = config.clusters[name];
  if (scheme) return schemeOf(name, scheme);
  const known = Object.keys(config.clusters).join(', ') || 'none';
  throw new AppError('usage', `no cluster scheme is named ${name}`, `The config has: ${known}.`);
}

function modelPath(settings: Settings, name: string): string {
  return settingsPath(settings, keptModelFile(name, settings.config.clusters[name]!));
}

async function savedModel(settings: Settings, name: string): Promise<ClusterModel> {
  const path = modelPath(settings, name);
  const model = await readClusterModel(path, `clusters.${name}.model`);
  if (model) return model;
  throw new AppError('missing-input', `clusters.${name}: there is no model ${path}`, 'Fit it: `basketwise cluster fit`.');
}

/** Tries several numbers of clusters on the customers of the newest snapshot. */
export function tryClusterCounts(
  settings: Settings,
  name: string,
  range: KRange,
  options: ExploreOptions = {},
): Promise<KChoice> {
  const scheme = namedScheme(settings, name);
  return withNewest(settings, options, async ({ context }) => publishedChoice(await chooseK(context, scheme, range)));
}

/** Fits a scheme to the customers of the newest snapshot. Saves the model where later runs read it. */
export async function refitClusters(
  settings: Settings,
  name: string,
  options: ExploreOptions = {},
): Promise<{ profile: ClusterProfile; file: string; refitted: string[] }> {
  const scheme = namedScheme(settings, name);
  await checkWritten(settings);
  const before = await readClusterModel(modelPath(settings, name), `clusters.${name}.model`).catch(() => undefined);
  return withNewest(settings, options, async ({ snapshot, context }) => {
    const { model, assignment } = await fitClusters(context, scheme);
    const file = modelPath(settings, name);
    await makeLastingFolder(join(file, '..'));
    await writeWhole(file, await saveModel(clusterModelState(model), { dataHash: trainedOn(snapshot.manifest) }));
    return {
      profile: publishedProfile(await profileClusters(context, scheme, model, assignment)),
      file,
      refitted: refittedText(settings, name, before, model),
    };
  });
}

/** Sentences about the model that a fit replaces, and about campaign models that must be fitted again. */
function refittedText({ config }: Settings, name: string, before: ClusterModel | undefined, now: ClusterModel): string[] {
  const columnsOf = ({ columns }: ClusterModel) => [...columns.numeric, ...columns.categorical];
  const by = Object.entries(config.campaigns).flatMap(([campaign, { by_cluster: scheme }]) =>
    scheme === name ? [campaign] : [],
  );
  const then = by.length > 0 ? [`the next run trains the models by these clusters again: ${by.join(', ')}`] : [];
  if (before === undefined) return then;
  const added = columnsOf(now).filter((column) => !columnsOf(before).includes(column));
  const gone = columnsOf(before).filter((column) => !columnsOf(now).includes(column));
  const changes = [
    ...(before.k === now.k ? [] : [`k ${before.k} -> ${now.k}`]),
    ...(before.method === now.method ? [] : [`${before.method} -> ${now.method}`]),
    ...(added.length > 0 ? [`with ${added.join(', ')}`] : []),
    ...(gone.length > 0 ? [`without ${gone.join(', ')}`] : []),
  ];
  return [`fitted again${changes.length > 0 ? `: ${changes.join(', ')}` : ', unchanged'}`, ...then];
}

/**
 * Applies the saved model of a scheme to the customers of the newest snapshot. Returns the sizes of the clusters and the values
 * unknown to the model, both rounded for publication.
 */
export async function reapplyClusters(settings: Settings, name: string, options: ExploreOptions = {}) {
  const scheme = namedScheme(settings, name);
  const model = await savedModel(settings, name);
  return withNewest(settings, options, async ({ context }) => {
    const { sizes, treated } = await applyClusters(context, scheme, model);
    return {
      sizes: publishedParts(sizes),
      treated: treated.map((column) => ({ ...column, customers: publishedCount(column.customers) })),
    };
  });
}

/** Profiles the clusters of a scheme's saved model on the customers of the newest snapshot. */
export async function reprofileClusters(settings: Settings, name: string, options: ExploreOptions = {}): Promise<ClusterProfile> {
  const scheme = namedScheme(settings, name);
  const model = await savedModel(settings, name);
  return withNewest(settings, options, async ({ context }) => {
    return publishedProfile(await profileClusters(context, scheme, model, await applyClusters(context, scheme, model)));
  });
}

/**
 * SQL query by which a saved model assigns the customers of a relation to clusters. The relation must have the config's columns.
 */
export async function clusterSql(settings: Settings, name: string, from: string, options: ExploreOptions = {}): Promise<string> {
  namedScheme(settings, name);
  const model = await savedModel(settings, name);
  const { id } = settings.config.tables.customers;
  return withNewest(settings, options, async ({ snapshot }) => {
    const { dialect } = snapshot.engine;
    return assignmentQuery(dialect, model, { from, where: null, keep: [dialect.identifier(id)] });
  });
}

/** Counts the customers of the newest snapshot by the segments of the config. */
export function recountSegments(settings: Settings, options: ExploreOptions = {}): Promise<SegmentTable> {
  const { segments } = settings.config;
  return withNewest(settings, options, ({ snapshot: { engine } }) =>
    countSegments(engine, segments, segmentLabels(engine.dialect, segments, 'customers')),
  );
}
