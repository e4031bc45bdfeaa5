import { createHash } from 'node:crypto';
import { readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  applyClusters,
  type ClusterModel,
  type ClusterProfile,
  type ClusterScheme,
  type ClusterSummary,
  type CustomerAssignment,
  centresHash,
  clusterContext,
  clusterModelState,
  fitInRun,
  fromCustomers,
  modelFile,
  profileClusters,
  readClusterModel,
  schemeOf,
} from '@basketwise/clusters';
import { bug, noCluster, required, saveModel } from '@basketwise/core';
import { appendColumns, trainedOn } from '@basketwise/data';
import { hashFile, ifThere, makeFolder, makeLastingFolder, writeFailure, writeWhole } from '@basketwise/data/base';
import type { SchemeClusters } from '@basketwise/recommend';
import { type Settings, settingsPath } from '../config/load.ts';
import type { ClusterConfig } from '../config/schema-clusters.ts';
import { writeClusterReport } from '../report/cluster-report.ts';
import { syncRuns } from '../run/latest.ts';
import { guardClusters } from './guards.ts';
import { clusterParts, nightBeforePart } from './made-of.ts';
import { previousRun, type RunContext, runBefore } from './run-context.ts';
import type { LiveResult } from './site.ts';
import type { Stage } from './stage.ts';

const clustersFile = 'clusters.parquet';

/** Stage that assigns customers to clusters, for every cluster scheme. */
export const cluster: Stage<ClusterSummary[], SchemeClusters> = {
  name: 'cluster',
  async madeOf(given) {
    const { config, plan } = given;
    return {
      ...{ derive: config.derive, ...(await clusterParts(Object.keys(config.clusters), given)) },
      ...{ report: config.output.report, ids: config.output.parquet ?? null },
      ...nightBeforePart(plan),
    };
  },
  key: async ({ context }) => `${await clusterKey(context)} ${context.folder.previousKey}`,
  work: async ({ context, site }) => site.cluster(await previousRun(context)),
  isShared: true,
  read: (summary, { context }) => readClusters(context, summary),
  /** Checks the sizes of the clusters, and saves new models. @throws AppError bad-data if a guard stops the run */
  async after(summary, { context, acceptDrop }) {
    if (!acceptDrop) guardClusters(context.settings.config, summary, await runBefore(context));
    await keepClusterModels(context, summary);
  },
};

/**
 * Key of the saved models that the config names: their hashes. If a saved model is missing, the hash of the model in the run
 * folder counts. The run copies that model to the missing path afterwards.
 */
async function clusterKey({ settings, folder }: RunContext): Promise<string> {
  const hashes = Object.entries(settings.config.clusters).map(async ([scheme, { model }]) => {
    if (model === undefined) return `${scheme}:`;
    const [saved, own] = [settingsPath(settings, model), folder.file(modelFile(scheme))];
    return `${scheme}:${(await ifThere(saved, hashFile(saved))) ?? (await ifThere(own, hashFile(own))) ?? ''}`;
  });
  return (await Promise.all(hashes)).join(' ');
}

/**
 * Copies new models to the paths in the config, for later runs. This happens after the stage is recorded. A run that is killed
 * before the copy fits the same models again.
 */
async function keepClusterModels({ settings, folder }: RunContext, summaries: readonly ClusterSummary[]): Promise<void> {
  // A power cut must not leave a saved model without the run that fitted it.
  if (summaries.length > 0) await syncRuns(settingsPath(settings, settings.config.output.dir));
  for (const { scheme, file } of summaries) {
    const model = settings.config.clusters[scheme]?.model;
    if (model === undefined) continue;
    const path = settingsPath(settings, model);
    const mark = outputMark(settings);
    await rm(`${path}.${mark}`, { force: true }).catch((cause) => {
      throw writeFailure(path, cause);
    });
    const isThere = await ifThere(path, stat(path));
    if (isThere) continue;
    await makeLastingFolder(dirname(path));
    await writeWhole(path, await readFile(folder.file(file)), mark);
  }
}

/**
 * Suffix of an unfinished model file. It contains a hash of the output folder, by which the next run of this folder finds the
 * file of a killed run. No live run owns the file, because the next run holds the lock of the folder.
 */
function outputMark(settings: Settings): string {
  const output = settingsPath(settings, settings.config.output.dir);
  return `${createHash('sha256').update(output).digest('hex').slice(0, 8)}.unfinished`;
}

/**
 * Assigns customers to clusters for every scheme, by the model file that the config names or by a new fit. Writes
 * clusters.parquet. Writes profiles and cost curves to clusters.json and clusters.txt.
 * @param previous folder of the previous run, for the drift
 */
export async function clusterHere(context: RunContext, previous?: string): Promise<LiveResult<ClusterSummary[], SchemeClusters>> {
  const assigned: AssignedScheme[] = [];
  await makeFolder(context.folder.file('models/clusters'));
  for (const [scheme, config] of Object.entries(context.settings.config.clusters)) {
    context.checkStop();
    assigned.push(await clusterScheme(context, schemeOf(scheme, config), config));
  }
  const clusters = new Map(assigned.map(({ scheme, assignment }) => [scheme.name, assignment.clusters]));
  // The engine writes the file while the process computes the profiles.
  const writing = writeClusters(context, clusters);
  const written = writing.catch(() => undefined); // Prevents an unhandled rejection; `await writing` still throws the error.
  const profiles = await profileAll(context, assigned).finally(() => written);
  await writing;
  const summaries = assigned.map((one, i) => schemeSummary(one, profiles[i]!));
  const live = new Map(summaries.map(({ scheme, k }) => [scheme, { clusters: required(clusters, scheme), count: k }]));
  const choices = assigned.flatMap(({ model }) => model.choice ?? []);
  await writeClusterReport(context.folder.path, profiles, choices, previous);
  return {
    files: [...summaries.map(({ file }) => file), clustersFile, 'clusters.json', 'clusters.txt'],
    summary: summaries,
    live,
  };
}

/** Cluster scheme with its model and the cluster of each customer. */
interface AssignedScheme {
  scheme: ClusterScheme;
  model: ClusterModel;
  assignment: CustomerAssignment;
  fitted: boolean;
}

/** Assigns the customers of a scheme to clusters, and saves the model in the run folder. */
async function clusterScheme(context: RunContext, scheme: ClusterScheme, config: ClusterConfig): Promise<AssignedScheme> {
  const snapshot = await context.snapshot();
  const clustering = clusterContext(await context.pool(), snapshot);
  const path = config.model === undefined ? undefined : settingsPath(context.settings, config.model);
  const known = path === undefined ? undefined : await readClusterModel(path, `clusters.${scheme.name}.model`);
  const { model, assignment } = known
    ? { model: known, assignment: await applyClusters(clustering, scheme, known) }
    : await fitInRun(clustering, scheme, { report: context.settings.config.output.report, date: context.referenceDate });
  const bytes = await saveModel(clusterModelState(model), { dataHash: trainedOn(snapshot.manifest) });
  await writeWhole(context.folder.file(modelFile(scheme.name)), bytes);
  return { scheme, model, assignment, fitted: known === undefined };
}

/** Profiles of all schemes' clusters, in the order of the schemes. */
async function profileAll(context: RunContext, assigned: readonly AssignedScheme[]): Promise<ClusterProfile[]> {
  const clustering = clusterContext(await context.pool(), await context.snapshot());
  const profiles: ClusterProfile[] = [];
  for (const { scheme, model, assignment } of assigned) {
    context.checkStop();
    profiles.push(await profileClusters(clustering, scheme, model, assignment));
  }
  return profiles;
}

function schemeSummary(
  { scheme, model, assignment: { sizes, treated }, fitted }: AssignedScheme,
  profile: ClusterProfile,
): ClusterSummary {
  return {
    ...{ scheme: scheme.name, method: scheme.method, k: model.k, sizes, treated },
    ...{ fitted, centres: centresHash(model), file: modelFile(scheme.name), warnings: profile.warnings },
  };
}

/** Writes rows (customer, scheme, cluster) to clusters.parquet: by scheme in the order of the config, then by customer. */
async function writeClusters(context: RunContext, clusters: ReadonlyMap<string, Int16Array>): Promise<void> {
  const { engine } = await context.snapshot();
  const { text } = engine.dialect;
  const id = await context.publishedId('c.id');
  const tables: string[] = [];
  const rows: string[] = [];
  for (const [scheme, of] of clusters) {
    const table = engine.temporaryTable();
    tables.push(table);
    await engine.run(`CREATE TABLE ${table} (cluster INTEGER)`);
    await appendColumns(engine, table, of.length, [{ values: Int32Array.from(of) }]);
    const joined = `(SELECT id FROM customers) c POSITIONAL JOIN ${table} k WHERE k.cluster >= 0`;
    rows.push(`SELECT ${id} AS customer, ${text(scheme)} AS scheme, k.cluster AS cluster FROM ${joined}`);
  }
  const none = `SELECT ${id} AS customer, '' AS scheme, 0 AS cluster FROM customers c WHERE false`;
  await context.copyToParquet(rows.join(' UNION ALL ') || none, clustersFile);
  for (const table of tables) await engine.run(`DROP TABLE ${table}`);
}

/** Reads the clusters of customers from clusters.parquet, which has the customers of each scheme in ascending order. */
async function readClusters(context: RunContext, summaries: readonly ClusterSummary[]): Promise<SchemeClusters> {
  const { engine, customerCount } = await context.snapshot();
  const { text } = engine.dialect;
  const options = { signal: context.signal, place: clustersFile, reuse: true };
  const schemes = new Map<string, { clusters: Int16Array; count: number }>();
  for (const { scheme, k, sizes } of summaries) {
    const written = new Int16Array(sizes.reduce((sum, size) => sum + size, 0));
    const file = `read_parquet(${text(context.folder.file(clustersFile))})`;
    let read = 0;
    for await (const { rows, columns } of engine.query(`SELECT cluster FROM ${file} WHERE scheme = ${text(scheme)}`, options)) {
      written.set((columns.cluster as Int32Array).subarray(0, rows), read);
      read += rows;
    }
    const clusters = new Int16Array(customerCount).fill(noCluster);
    const members = fromCustomers({ engine, from: 'customers' }, schemeOf(scheme, context.settings.config.clusters[scheme]!));
    let at = 0;
    for await (const { rows, columns } of engine.query(`SELECT customer ${members}`, options)) {
      const customer = columns.customer as Int32Array;
      for (let i = 0; i < rows; i++) clusters[customer[i]!] = written[at++]!;
    }
    if (read !== at) throw bug(`${clustersFile}: ${read} customers of ${scheme}, not ${at}`);
    schemes.set(scheme, { clusters, count: k });
  }
  return schemes;
}
