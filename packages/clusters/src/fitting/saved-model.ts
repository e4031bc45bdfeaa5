import { AppError } from '@basketwise/core';
import { type KernelPool, loadModel } from '@basketwise/core/parts';
import type { Snapshot } from '@basketwise/data';
import { readWhole } from '@basketwise/data/files';
import type { ClusterContext } from '../features/customer-rows.ts';
import { type ClusterScheme, type SchemeConfig, schemeColumn } from '../features/scheme.ts';
import type { CustomerAssignment } from './assignment.ts';
import type { ClusterModel } from './cluster-model.ts';
import { clusterModelFromState } from './clusters.ts';

/** Result of a cluster scheme. */
export interface ClusterSummary {
  scheme: string;
  method: string;
  k: number;
  /** Customers by cluster. */
  sizes: readonly number[];
  /** Whether the model was fitted in this run, not read from the configured file. */
  fitted: boolean;
  /** sha256 over the centres. Only clusters with equal hashes are comparable. */
  centres: string;
  file: string;
  /** Values that did not occur at the fit. */
  treated: CustomerAssignment['treated'];
  /** Warnings of important columns that the clusters hardly explain. */
  warnings: readonly string[];
}

/** File of a scheme's model in the run folder. */
export function modelFile(scheme: string): string {
  return `models/clusters/${scheme}.arrow`;
}

/** Path of a scheme's model for later runs, relative to the config. */
export function keptModelFile(scheme: string, { model }: Pick<SchemeConfig, 'model'>): string {
  return model ?? `models/${scheme}-clusters.arrow`;
}

/** Scheme of the config over extracted customers. `identifier` quotes names for their engine. */
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

/** Resources and customers of clustering, on a snapshot. */
export function clusterContext(pool: KernelPool, { engine, customerCount }: Snapshot): ClusterContext {
  return { pool, customers: { engine, from: 'customers' }, customerCount };
}

/** Reads the model of a file; undefined if there is no such file. */
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
