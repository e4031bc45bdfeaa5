import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError, type KernelPool, loadModel, saveModel } from '@basketwise/core';
import { appendColumns, type Snapshot } from '@basketwise/data';
import { applyClusters, type CustomerAssignment, noCluster } from '../clusters/assignment.ts';
import type { KChoice } from '../clusters/choose-k.ts';
import { type ClusterModel, clusterModelFromState, clusterModelState } from '../clusters/cluster-model.ts';
import { writeClusterReport } from '../clusters/cluster-report.ts';
import type { ClusterContext } from '../clusters/customer-rows.ts';
import { fromCustomers } from '../clusters/feature-fit.ts';
import { type FittedClusters, fitClusters } from '../clusters/fit-clusters.ts';
import { type ClusterProfile, profileClusters } from '../clusters/profile.ts';
import type { ClusterScheme } from '../clusters/scheme.ts';
import { settingsPath } from '../config/load.ts';
import type { PlainDate } from '../config/plain-date.ts';
import type { ClusterConfig } from '../config/schema.ts';
import { hashFile, makeFolder, writeFailure, writeWhole } from '../run/files.ts';
import type { StageResult } from '../run/run-folder.ts';
import { schemeColumn } from '../source/extract-request.ts';
import type { SchemeClusters, Workshop } from './workshop.ts';

/** What became of a cluster scheme. */
export interface ClusterSummary {
  scheme: string;
  method: ClusterConfig['method'];
  k: number;
  /** Customers by cluster. */
  sizes: readonly number[];
  /** Fitted in this run, or taken from the configured model file. */
  fitted: boolean;
  file: string;
  /** Values that the fitted preprocessing has no place of its own for. */
  treated: CustomerAssignment['treated'];
  /** About important columns that the clusters explain little of. */
  warnings: readonly string[];
}

const clustersFile = 'clusters.parquet';
/** The cost curve that a fit leaves for the report, where there is one, though the config names k. */
export const reportedTrials = { from: 2, to: 12, choose: 'elbow', sample: 5_000 } as const;

/** The run folder's file of a scheme's model. */
export function modelFile(scheme: string): string {
  return `models/clusters-${scheme}.arrow`;
}

/** What the clusters depend on beside data and config: the configured model files; where there is none yet, the one that is to go there. */
export async function clusterKey({ settings, folder }: Workshop): Promise<string> {
  const hashes = Object.entries(settings.config.clusters).map(async ([scheme, { model }]) => {
    if (model === undefined) return `${scheme}:`;
    const own = () => hashFile(folder.file(modelFile(scheme))).catch(() => '');
    return `${scheme}:${await hashFile(settingsPath(settings, model)).catch(own)}`;
  });
  return (await Promise.all(hashes)).join(' ');
}

/**
 * Copies fresh models to where the config keeps them for later runs. Done when the stage is recorded: a run killed before that fits again,
 * and leaves what a fit leaves.
 */
export async function keepClusterModels({ settings, folder }: Workshop, summaries: readonly ClusterSummary[]): Promise<void> {
  for (const { scheme, file } of summaries) {
    const model = settings.config.clusters[scheme]?.model;
    if (model === undefined) continue;
    const path = settingsPath(settings, model);
    const isThere = await stat(path).catch(() => undefined);
    if (isThere) continue;
    await mkdir(dirname(path), { recursive: true }).catch((cause) => {
      throw writeFailure(path, cause);
    });
    await writeWhole(path, await readFile(folder.file(file)));
  }
}

/**
 * Puts every customer of every scheme into a cluster, by the configured model file or a fresh fit, and writes clusters.parquet; profiles
 * and cost curves go to clusters.json and clusters.txt.
 * @param previous the previous run's folder, for the drift
 */
export async function clusterCustomers(workshop: Workshop, previous?: string): Promise<StageResult<ClusterSummary[]>> {
  const summaries: ClusterSummary[] = [];
  const profiles: ClusterProfile[] = [];
  const choices: KChoice[] = [];
  const clusters = new Map<string, Int16Array>();
  await makeFolder(workshop.folder.file('models'));
  for (const [scheme, config] of Object.entries(workshop.settings.config.clusters)) {
    workshop.checkStop();
    const { summary, assignment, profile, choice } = await clusterScheme(workshop, schemeOf(scheme, config), config);
    summaries.push(summary);
    profiles.push(profile);
    if (choice) choices.push(choice);
    clusters.set(scheme, assignment);
  }
  await writeClusters(workshop, clusters);
  await writeClusterReport(workshop.folder.path, profiles, choices, previous);
  return { files: [...summaries.map(({ file }) => file), clustersFile, 'clusters.json', 'clusters.txt'], summary: summaries };
}

/** A scheme of the config over extracted customers; `identifier` quotes names as the engine that has them does. */
export function schemeOf(
  name: string,
  config: ClusterConfig,
  identifier: (name: string) => string = duckdbIdentifier,
): ClusterScheme {
  return { ...config, name, where: config.where === undefined ? null : identifier(schemeColumn(name)) };
}

function duckdbIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** What clustering works with on a snapshot. */
export function clusterContext(pool: KernelPool, { engine, customerCount }: Snapshot): ClusterContext {
  return { pool, customers: { engine, from: 'customers' }, customerCount };
}

async function clusterScheme(workshop: Workshop, scheme: ClusterScheme, config: ClusterConfig) {
  const snapshot = await workshop.snapshot();
  const context = clusterContext(await workshop.pool(), snapshot);
  const path = config.model === undefined ? undefined : settingsPath(workshop.settings, config.model);
  const known = path === undefined ? undefined : await readClusterModel(path, `clusters.${scheme.name}.model`);
  const { model, assignment } = known
    ? { model: known, assignment: await applyClusters(context, scheme, known) }
    : dated(
        await fitClusters(context, scheme, workshop.settings.config.output.report ? reportedTrials : undefined),
        workshop.referenceDate,
      );
  const bytes = await saveModel(clusterModelState(model), { dataHash: snapshot.manifest.dataHash });
  const file = modelFile(scheme.name);
  await writeWhole(workshop.folder.file(file), bytes);
  const profile = await profileClusters(context, scheme, model, assignment);
  const { sizes, treated } = assignment;
  const summary: ClusterSummary = {
    ...{ scheme: scheme.name, method: scheme.method, k: model.k, sizes, treated },
    ...{ fitted: known === undefined, file, warnings: profile.warnings },
  };
  return { summary, assignment: assignment.clusters, profile, choice: model.choice };
}

/** The fit with its date at the cost curve, which stays with the model. */
function dated({ model, assignment }: FittedClusters, date: PlainDate): FittedClusters {
  const choice = model.choice && { ...model.choice, fittedOn: date };
  return { model: { ...model, choice }, assignment };
}

/** The model of a file; undefined where there is no such file. */
export async function readClusterModel(path: string, place: string): Promise<ClusterModel | undefined> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw new AppError('not-permitted', `${place}: ${path} cannot be read: ${cause.code}`, 'Let this user read it.', { cause });
  });
  if (!bytes) return undefined;
  try {
    return clusterModelFromState((await loadModel(bytes)).state);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError(
      error.code,
      `${place}: ${path}: ${error.message}`,
      'Remove the file, so that the clusters are fitted again.',
      {
        cause: error,
      },
    );
  }
}

/** Writes (customer, scheme, cluster), by scheme in the order of the config, then by customer. */
async function writeClusters(workshop: Workshop, clusters: ReadonlyMap<string, Int16Array>): Promise<void> {
  const { engine } = await workshop.snapshot();
  const { text } = engine.dialect;
  const rows = engine.temporaryTable();
  await engine.run(`CREATE TABLE ${rows} (customer VARCHAR, scheme VARCHAR, cluster INTEGER)`);
  for (const [scheme, of] of clusters) {
    const table = engine.temporaryTable();
    await engine.run(`CREATE TABLE ${table} (cluster INTEGER)`);
    await appendColumns(engine, table, of.length, [{ values: Int32Array.from(of) }]);
    const joined = `(SELECT id FROM customers) c POSITIONAL JOIN ${table} k WHERE k.cluster >= 0`;
    await engine.run(`INSERT INTO ${rows} SELECT c.id, ${text(scheme)}, k.cluster FROM ${joined}`);
    await engine.run(`DROP TABLE ${table}`);
  }
  await workshop.copyToParquet(`FROM ${rows}`, clustersFile);
  await engine.run(`DROP TABLE ${rows}`);
}

/** The clusters that an earlier stage, or an earlier run of it, wrote: the file has the customers of each scheme in their order. */
export async function readClusters(workshop: Workshop, summaries: readonly ClusterSummary[]): Promise<SchemeClusters> {
  const { engine, customerCount } = await workshop.snapshot();
  const { text } = engine.dialect;
  const options = { signal: workshop.signal, place: clustersFile, reuse: true };
  const schemes = new Map<string, { clusters: Int16Array; count: number }>();
  for (const { scheme, k, sizes } of summaries) {
    const written = new Int16Array(sizes.reduce((sum, size) => sum + size, 0));
    const file = `read_parquet(${text(workshop.folder.file(clustersFile))})`;
    let read = 0;
    for await (const { rows, columns } of engine.query(`SELECT cluster FROM ${file} WHERE scheme = ${text(scheme)}`, options)) {
      written.set((columns.cluster as Int32Array).subarray(0, rows), read);
      read += rows;
    }
    const clusters = new Int16Array(customerCount).fill(noCluster);
    const members = fromCustomers({ engine, from: 'customers' }, schemeOf(scheme, workshop.settings.config.clusters[scheme]!));
    let at = 0;
    for await (const { rows, columns } of engine.query(`SELECT customer ${members}`, options)) {
      const customer = columns.customer as Int32Array;
      for (let i = 0; i < rows; i++) clusters[customer[i]!] = written[at++]!;
    }
    if (read !== at) throw new AppError('bug', `${clustersFile}: ${read} customers of ${scheme}, not ${at}`, 'Report this.');
    schemes.set(scheme, { clusters, count: k });
  }
  return schemes;
}
