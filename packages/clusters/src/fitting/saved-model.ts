import { AppError, type KernelPool, loadModel } from '@basketwise/core';
import type { Snapshot } from '@basketwise/data';
import { readWhole } from '@basketwise/data/base';
import type { ClusterContext } from '../features/customer-rows.ts';
import { type ClusterScheme, type SchemeConfig, schemeColumn } from '../features/scheme.ts';
import type { CustomerAssignment } from './assignment.ts';
import type { ClusterModel } from './cluster-model.ts';
import { clusterModelFromState } from './clusters.ts';

/** Summary of a scheme's clusters in one run. */
export interface ClusterSummary {
  scheme: string;
  method: string;
  k: number;
  /** Number of customers by cluster. */
  sizes: readonly number[];
  /** Whether this run fitted the model. False: it was read from the configured file. */
  fitted: boolean;
  /** sha256 over the centres. Clusters of two runs are comparable only if these are equal. */
  centres: string;
  file: string;
  /** Columns with values that did not occur at the fit. */
  treated: CustomerAssignment['treated'];
  /** Warnings about important columns of which the clusters explain little. */
  warnings: readonly string[];
}

/** Name of the file in the run folder with a scheme's model. */
export function modelFile(scheme: string): string {
  return `models/clusters/${scheme}.arrow`;
}

/** Path of the file in which a scheme's model is saved for later runs, relative to the config. */
export function keptModelFile(scheme: string, { model }: Pick<SchemeConfig, 'model'>): string {
  return model ?? `models/${scheme}-clusters.arrow`;
}

/** Scheme of the config for extracted customers. `identifier` quotes column names for their engine. */
export function schemeOf(
  name: string,
  config: SchemeConfig,
  identifier: (name: string) => string = duckdbIdentifier,
): ClusterScheme {
  return { ...config, name, where: config.where === undefined ? null : identifier(schemeColumn(name)) };
}

function duckdbIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Prepares the clustering of the customers of a snapshot. */
export function clusterContext(pool: KernelPool, { engine, customerCount }: Snapshot): ClusterContext {
  return { pool, customers: { engine, from: 'customers' }, customerCount };
}

/** Reads a cluster model from a file. Undefined if the file does not exist. */
export async function readClusterModel(path: string, place: string): Promise<ClusterModel | undefined> {
  const bytes = await readWhole(path).catch((cause: NodeJS.ErrnoException) => {
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
