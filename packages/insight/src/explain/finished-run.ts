import { join } from 'node:path';
import { AppError, createInlinePool, type KernelPool, type PlainDate } from '@basketwise/core';
import { publishedRelation, queryRows, type Scalar } from '@basketwise/data';
import type { OfferSummary } from '@basketwise/offers';
import {
  type CampaignTraining,
  type Config,
  configOfRun,
  openRunSnapshot,
  type RunSnapshot,
  readSealed,
  type Settings,
  settingsPath,
  successfulRun,
} from '@basketwise/pipeline';

/** The parts of a run's manifest.json that commands read after the run. */
export interface RunManifest {
  version: number;
  referenceDate: PlainDate;
  config: Partial<Config>;
  trainings: readonly CampaignTraining[];
  offers?: OfferSummary;
}

/** Finished run that is open for reading. The caller closes it. */
export interface FinishedRun extends RunSnapshot {
  referenceDate: PlainDate;
  /** Config that the run had, even if the file has changed since. */
  config: Config;
  trainings: readonly CampaignTraining[];
  /** Summary of the offers. Absent if the run has none. */
  offers?: OfferSummary | undefined;
  pool: KernelPool;
}

/**
 * Opens a finished run by its name. Without a name, opens the latest run.
 * @throws AppError missing-input if there is no such run, bad-data if another version of Basketwise wrote it
 */
export async function openFinishedRun(settings: Settings, run: string | undefined): Promise<FinishedRun> {
  const output = settingsPath(settings, settings.config.output.dir);
  const name = await successfulRun(output, run);
  const folder = join(output, 'runs', name);
  const manifest = await readSealed<RunManifest>(join(folder, 'manifest.json'));
  if (manifest?.version !== 1) {
    throw new AppError('bad-data', `${folder}/manifest.json is damaged or of another version`, 'Run the job again.');
  }
  const opened = await openRunSnapshot(settings, 1, name);
  return finishedRun(opened, manifest);
}

/** Finished run made from its open snapshot and its manifest. */
export function finishedRun(opened: RunSnapshot, manifest: RunManifest): FinishedRun {
  const { referenceDate, trainings, config, offers } = manifest;
  return { ...opened, referenceDate, trainings, offers, pool: createInlinePool(), config: configOfRun(config) };
}

/** Published recommendations to one customer, sorted by campaign and rank. */
export async function rowsOfCustomer({ folder, snapshot, config }: FinishedRun, id: string): Promise<Record<string, Scalar>[]> {
  const { dialect } = snapshot.engine;
  const from = publishedRelation(dialect, folder, config.output);
  const sql =
    'SELECT CAST(campaign AS VARCHAR) AS campaign, CAST(rank AS INTEGER) AS rank, CAST(product_code AS VARCHAR) AS code,' +
    ' CAST(product_name AS VARCHAR) AS name, CAST(score AS DOUBLE) AS score, CAST(probability AS DOUBLE) AS probability,' +
    ` CAST(source AS VARCHAR) AS source FROM ${from} WHERE customer = ${dialect.text(id)} ORDER BY campaign, rank`;
  return queryRows(snapshot.engine, sql, { place: 'recommendations' });
}

/** Offers to one customer, in the order of their position. */
export async function offersOfCustomer({ folder, snapshot, config }: FinishedRun, id: string): Promise<Record<string, Scalar>[]> {
  const { dialect } = snapshot.engine;
  const from = publishedRelation(dialect, folder, config.output, 'offers');
  const sql =
    'SELECT CAST("order" AS INTEGER) AS "order", CAST(campaign AS VARCHAR) AS campaign, CAST(product_code AS VARCHAR) AS code,' +
    ' CAST(product_name AS VARCHAR) AS name, CAST(value AS DOUBLE) AS value, CAST(probability AS DOUBLE) AS probability' +
    ` FROM ${from} WHERE customer = ${dialect.text(id)} ORDER BY "order"`;
  return queryRows(snapshot.engine, sql, { place: 'offers' });
}
