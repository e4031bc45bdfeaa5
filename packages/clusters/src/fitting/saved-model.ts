import { AppError } from '@basketwise/core';
import { type KernelPool, loadModel } from '@basketwise/core/parts';
import { readWhole, type Snapshot } from '@basketwise/data';
import type { ClusterContext } from '../features/customer-rows.ts';
import { type ClusterScheme, type SchemeConfig, schemeColumn } from '../features/scheme.ts';
import type { CustomerAssignment } from './assignment.ts';
import type { ClusterModel } from './cluster-model.ts';
import { clusterModelFromState } from './clusters.ts';

/** Outcome of a cluster scheme. */
export interface ClusterSummary {
  scheme: string;
  method: string;
  k: number;
  /** Customers by cluster. */
  sizes: readonly number[];
  /** Fitted in this run, or read from the configured model file. */
  fitted: boolean;
  /** sha256 over the centres: only clusters with equal hashes are comparable. */
  centres: string;
  file: string;
  /** Values that did not occur at the fit. */
  treated: CustomerAssignment['treated'];
  /** Warnings of important columns that the clusters explain little of. */
  warnings: readonly string[];
}

/** The run folder's file of a scheme's model. */
export function modelFile(scheme: string): string {
  return `models/clusters/${scheme}.arrow`;
}

/** Path, relative to the config, of a scheme's model for later runs. */
export function keptModelFile(scheme: string, { model }: Pick<SchemeConfig, 'model'>): string {
  return model ?? `models/${scheme}-clusters.arrow`;
}

/** A scheme of the config over extracted customers; `identifier` quotes names for their engine. */
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

/** The model of a file; undefined if there is no such file. */
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
