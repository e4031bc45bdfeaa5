import { AppError } from '@basketwise/core';
import type { DuckdbEngine } from '../duckdb/engine.ts';
import type { StatementOptions } from '../engine/engine.ts';
import { type CampaignRows, countCampaigns, countsDiffer, type PublishedCounts } from '../results/campaign-counts.ts';
import { type PublishedKind, publishedTables } from '../results/published-tables.ts';
import { bringRows } from './bring.ts';
import type { HiveEngine } from './engine.ts';
import {
  dropWithFiles,
  leftTables,
  type PublicationTables,
  publicationTables,
  recordReplaced,
  stagingMark,
} from './publication-tables.ts';
import { partitionClause, partitionLocations, partitionsOf } from './published-files.ts';
import { serverName, settingsKey } from './settings.ts';
import { tableSql } from './table-sql.ts';

const usualTable = 'recommendations';

function columnsBesidePartitions(of: PublishedKind = usualTable) {
  return publishedTables[of].columns.filter(({ partition }) => !partition);
}

function typesOf(of: PublishedKind = usualTable): Readonly<Record<string, string>> {
  return Object.fromEntries(columnsBesidePartitions(of).map(({ name, hive }) => [name, hive]));
}

/** Columns of the recommendations' table besides its partitions, and their types in Hive and Spark. */
export const publishedColumns = typesOf();

/** A publication: what, and where. */
export interface HivePublication {
  /** Kind of the rows. Default: recommendations. */
  of?: PublishedKind;
  /** `database.table`; made when absent: external, partitioned by reference_date and campaign, Parquet. */
  table: string;
  /** ISO date. */
  referenceDate: string;
  /** Names of the campaigns; one without rows becomes an empty partition. */
  campaigns: readonly string[];
  /** Tells this run's staging tables from others': letters and digits. */
  run: string;
  /** Tells who publishes: letters and digits. One publisher does one thing at a time, so that what its earlier attempts left is nobody's. */
  publisher: string;
  /** A folder that HiveServer2 reads under the same path; without it rows go through statements, which suits some 100,000 rows. */
  shared?: string | undefined;
}

/** The steps of a publication, in order; `swap` comes once per campaign. */
export type PublishStep = 'create' | 'stage' | 'validate' | 'swap' | 'tidy';

/** How a publication may be watched and ended. */
export interface PublishOptions extends StatementOptions {
  /** Called before each step; what it throws ends the publication there. */
  step?: (step: PublishStep, campaign?: string) => void | Promise<void>;
}

/** Where the rows of a publication come from. */
export interface RowsToPublish {
  /** Rows, customers and the sum of ranks, or of orders, of each campaign, as computed. */
  counts(campaigns: readonly string[], options: StatementOptions): Promise<readonly CampaignRows[]>;
  /** Puts the rows of a campaign into a partition of the staging table. */
  fill(campaign: string, table: string, partition: string, options: StatementOptions): Promise<void>;
}

/** Rows that are in the workbench. */
function workbenchRows(
  hive: HiveEngine,
  workbench: DuckdbEngine,
  from: string,
  { of, shared, publisher }: HivePublication,
): RowsToPublish {
  const { text, identifier } = workbench.dialect;
  const cast = columnsBesidePartitions(of).map(
    ({ name, parquet }) => `CAST(${identifier(name)} AS ${parquet}) AS ${identifier(name)}`,
  );
  return {
    counts: (campaigns, options) => countCampaigns(workbench, from, campaigns, options, publishedTables[of ?? usualTable].place),
    async fill(campaign, table, partition, options) {
      const select = `SELECT ${cast.join(', ')} FROM ${from} WHERE campaign = ${text(campaign)}`;
      await bringRows(hive, workbench, select, { table, partition, columns: typesOf(of), shared, publisher }, options);
    },
  };
}

/**
 * Publishes recommendations, or offers, that are in the workbench.
 * @param from what to put after FROM there: the columns of recommendations.parquet, or of offers.parquet
 * @throws AppError as `publishRowsToHive`
 */
export async function publishToHive(
  hive: HiveEngine,
  workbench: DuckdbEngine,
  from: string,
  publication: HivePublication,
  options: PublishOptions = {},
): Promise<readonly PublishedCounts[]> {
  return await publishRowsToHive(hive, workbenchRows(hive, workbench, from, publication), publication, options);
}

/**
 * Publishes recommendations, or offers, to a partitioned table of Hive or Spark: rows go to a staging table of this attempt's own, its counts are compared with
 * what was computed here, then each partition of the published table is pointed at its staged files, in one step of the metastore.
 * Whatever fails, every partition is whole, the old or the new one, and no file that a partition points at is deleted. Publishing a date
 * again replaces it.
 * @throws AppError cannot-write (no permission, counts differ), unreachable
 */
export async function publishRowsToHive(
  hive: HiveEngine,
  rows: RowsToPublish,
  publication: HivePublication,
  options: PublishOptions = {},
): Promise<readonly PublishedCounts[]> {
  const tables = publicationTables(hive.dialect, publication);
  const statement: StatementOptions = {
    place: `output.${hive.settings.engine ?? 'hive'}.table ${publication.table}`,
    ...(options.signal && { signal: options.signal }),
  };
  const step = options.step ?? (() => {});
  try {
    await step('create');
    await createTables(hive, publication, tables, statement);
    await step('stage');
    const counted = await stageRows(hive, rows, publication, tables, statement, step);
    await swapPartitions(hive, publication, tables, statement, step);
    await step('tidy');
    await tidy(hive, publication, tables, statement);
    return counted;
  } catch (error) {
    // what cannot be done is left to the next publication; the failure that led here is the one to report
    await dropWithFiles(hive, tables, tables.staging, { place: tables.staging.name }).catch(() => {});
    throw hiveWriteFailure(hive, error);
  }
}

async function createTables(
  hive: HiveEngine,
  { of }: HivePublication,
  { published, staging, publisher, database, name }: PublicationTables,
  options: StatementOptions,
): Promise<void> {
  const declared = Object.entries(typesOf(of)).map(([name, type]) => `${hive.dialect.identifier(name)} ${type}`);
  const shape = `(${declared.join(', ')}) PARTITIONED BY (reference_date date, campaign string) STORED AS PARQUET`;
  const repeatable = { ...options, repeatable: true };
  const { identifier, text } = hive.dialect;
  const schema = database === '' ? identifier(hive.settings.database) : database.slice(0, -1);
  const home = await tableSql(hive).home(hive, schema, options);
  const located = (table: string): string =>
    home === undefined ? '' : ` LOCATION ${text(`${home.replace(/\/$/, '')}/${table.toLowerCase()}`)}`;
  await hive.run(`CREATE EXTERNAL TABLE IF NOT EXISTS ${published} ${shape}${located(name)}`, repeatable);
  // dropping the staging table must leave its files: they become the published ones
  const kept = `TBLPROPERTIES ('external.table.purge' = 'false', ${stagingMark(hive.dialect, publisher)})`;
  await hive.run(`CREATE EXTERNAL TABLE IF NOT EXISTS ${staging.quoted} ${shape}${located(staging.name)} ${kept}`, repeatable);
}

/** Brings the rows to the staging table and compares what arrived with what is here. */
async function stageRows(
  hive: HiveEngine,
  rows: RowsToPublish,
  publication: HivePublication,
  { staging }: PublicationTables,
  options: StatementOptions,
  step: NonNullable<PublishOptions['step']>,
): Promise<readonly PublishedCounts[]> {
  for (const campaign of publication.campaigns) {
    const partition = partitionClause(hive.dialect, publication.referenceDate, campaign);
    // an empty partition first: a campaign without rows has one too
    await hive.run(`ALTER TABLE ${staging.quoted} ADD IF NOT EXISTS PARTITION ${partition}`, { ...options, repeatable: true });
    await rows.fill(campaign, staging.quoted, partition, options);
  }
  await step('validate');
  const expected = await rows.counts(publication.campaigns, options);
  const { place } = publishedTables[publication.of ?? usualTable];
  const arrived = await countCampaigns(hive, staging.quoted, publication.campaigns, options, place);
  const difference = countsDiffer(expected, arrived);
  if (difference !== undefined) {
    throw new AppError(
      'cannot-write',
      `${serverName(hive.settings)}, table ${publication.table}: ${difference}`,
      'Nothing was replaced. Look into the server log for the insertion, and run again.',
    );
  }
  return expected.map(({ campaign, rows, customers }) => ({ campaign, rows, customers }));
}

/** Points each partition at its staged files. Where the old ones are is recorded first: a killed run leaves nothing that nobody knows of. */
async function swapPartitions(
  hive: HiveEngine,
  publication: HivePublication,
  tables: PublicationTables,
  options: StatementOptions,
  step: NonNullable<PublishOptions['step']>,
): Promise<void> {
  const old = await partitionLocations(hive, tables.published, publication.referenceDate, options);
  const staged = await partitionLocations(hive, tables.staging.quoted, publication.referenceDate, options);
  await recordReplaced(hive, tables, [...old.values()], options);
  for (const campaign of publication.campaigns) {
    await step('swap', campaign);
    const location = staged.get(campaign);
    const partition = partitionClause(hive.dialect, publication.referenceDate, campaign);
    if (location === undefined) {
      throw new AppError('bug', `${tables.staging.name} has no partition ${partition}`, 'Please report this.');
    }
    const at = hive.dialect.text(location);
    const change = old.has(campaign)
      ? `PARTITION ${partition} SET LOCATION ${at}`
      : `ADD IF NOT EXISTS PARTITION ${partition} LOCATION ${at}`;
    await hive.run(`ALTER TABLE ${tables.published} ${change}`, { ...options, repeatable: true });
  }
}

/** Drops what is left of the date's older run: campaigns that are no more, files that were replaced; and what failed attempts left. */
async function tidy(
  hive: HiveEngine,
  publication: HivePublication,
  tables: PublicationTables,
  options: StatementOptions,
): Promise<void> {
  const { referenceDate, campaigns } = publication;
  const there = await partitionsOf(hive, tables.published, referenceDate, options);
  const others = there.filter((campaign) => !campaigns.includes(campaign));
  if (others.length > 0) {
    const dropped = others.map((campaign) => `PARTITION ${partitionClause(hive.dialect, referenceDate, campaign)}`).join(', ');
    await hive.run(`ALTER TABLE ${tables.published} DROP IF EXISTS ${dropped}`, { ...options, repeatable: true });
  }
  await dropWithFiles(hive, tables, tables.staging, options);
  for (const left of await leftTables(hive, tables, options)) await dropWithFiles(hive, tables, left, options);
}

/** No permission on the output is a failure to write. */
function hiveWriteFailure({ settings }: HiveEngine, error: unknown): unknown {
  if (!(error instanceof AppError) || error.code !== 'not-permitted') return error;
  return new AppError(
    'cannot-write',
    error.message,
    `Grant the user of ${settingsKey(settings)} what publishing needs (docs/hive.md, permissions).`,
    {
      cause: error,
    },
  );
}
