import { AppError, bug } from '@basketwise/core';
import {
  type CampaignRows,
  countCampaigns,
  countsDiffer,
  type DuckdbEngine,
  type PublishedCounts,
  type PublishedKind,
  publishedTables,
  type StatementOptions,
} from '@basketwise/data';
import { bringRows } from './bring.ts';
import type { HiveEngine } from './engine.ts';
import {
  dropWithFiles,
  leftTables,
  type PublicationTables,
  partitionClause,
  partitionLocations,
  partitionsOf,
  publicationTables,
  recordReplaced,
  stagingMark,
} from './publication-tables.ts';
import { serverName, settingsKey } from './settings.ts';
import { tableSql } from './table-sql.ts';

const usualTable = 'recommendations';

function columnsBesidePartitions(of: PublishedKind = usualTable) {
  return publishedTables[of].columns.filter(({ partition }) => !partition);
}

function typesOf(of: PublishedKind = usualTable): Readonly<Record<string, string>> {
  return Object.fromEntries(columnsBesidePartitions(of).map(({ name, hive }) => [name, hive]));
}

/** Type in Hive and Spark of each column of the published recommendations, except the partition columns. */
export const publishedColumns = typesOf();

/** Rows of a publication, and the table that they go to. */
export interface HivePublication {
  /** Which rows: recommendations or offers. Default: recommendations. */
  of?: PublishedKind;
  /** Name `database.table`. If absent, the table is created: external, partitioned by reference_date and campaign, Parquet. */
  table: string;
  /** Reference date of the rows (ISO). */
  referenceDate: string;
  /** Names of the campaigns. A campaign without rows becomes an empty partition. */
  campaigns: readonly string[];
  /** Identifies the run, by letters and digits, in the names of its staging tables. */
  run: string;
  /**
   * Identifies the publisher, by letters and digits. A publisher runs one publication at a time. Other staging tables of the same
   * publisher are therefore abandoned.
   */
  publisher: string;
  /**
   * Folder that HiveServer2 reads under the same path. Absent: rows are sent in INSERT statements, which is practical up to about
   * 100,000 rows.
   */
  shared?: string | undefined;
}

/** Steps of a publication, in the order in which they run. `swap` runs once per campaign. */
export type PublishStep = 'create' | 'stage' | 'validate' | 'swap' | 'tidy';

/** Options that let a caller observe and end a publication. */
export interface PublishOptions extends StatementOptions {
  /** Called before each step. An error ends the publication there. */
  step?: (step: PublishStep, campaign?: string) => void | Promise<void>;
}

/** Source of the rows of a publication. */
export interface RowsToPublish {
  /**
   * For each campaign, counted in the rows to publish: rows, customers, and the sum of the column `rank` (of `order` for offers).
   */
  counts(campaigns: readonly string[], options: StatementOptions): Promise<readonly CampaignRows[]>;
  /** Copies the rows of a campaign into a partition of the staging table. */
  fill(campaign: string, table: string, partition: string, options: StatementOptions): Promise<void>;
}

/** Rows of a relation in DuckDB, as a source for a publication. */
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
 * Publishes recommendations, or offers, from DuckDB.
 * @param from relation (to put after FROM) with the columns of recommendations.parquet, or of offers.parquet
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
 * Publishes recommendations, or offers, to a partitioned table of Hive or Spark. Rows go to a separate staging table, whose
 * counts are compared with the computed ones. Then the location of each partition of the published table is changed to its staged
 * files. This is one step of the metastore. After a failure, each partition has either all old or all new rows. No file that a
 * partition points at is deleted. Publishing a date again replaces it.
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
    // The next publication does the remaining cleanup. Throw the original failure.
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
  // Dropping the staging table must not delete its files, which become the published ones.
  const kept = `TBLPROPERTIES ('external.table.purge' = 'false', ${stagingMark(hive.dialect, publisher)})`;
  await hive.run(`CREATE EXTERNAL TABLE IF NOT EXISTS ${staging.quoted} ${shape}${located(staging.name)} ${kept}`, repeatable);
}

/** Transfers the rows to the staging table, and compares its counts with those of the source. */
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
    // An empty partition first, because a campaign without rows needs one too.
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
      'Nothing was replaced. Check the server log for the insertion, and run again.',
    );
  }
  return expected.map(({ campaign, rows, customers }) => ({ campaign, rows, customers }));
}

/**
 * Changes the location of each partition to its staged files. Writes the old locations to the staging table first, so that a
 * killed run leaves no unrecorded files.
 */
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
      throw bug(`${tables.staging.name} has no partition ${partition}`);
    }
    const at = hive.dialect.text(location);
    const change = old.has(campaign)
      ? `PARTITION ${partition} SET LOCATION ${at}`
      : `ADD IF NOT EXISTS PARTITION ${partition} LOCATION ${at}`;
    await hive.run(`ALTER TABLE ${tables.published} ${change}`, { ...options, repeatable: true });
  }
}

/**
 * Drops leftovers of an older run of the date, and of failed attempts: partitions of campaigns that no longer exist, replaced
 * files, and tables.
 */
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

/** Converts an error to `cannot-write` if a permission on the output is missing. Returns other errors unchanged. */
function hiveWriteFailure({ settings }: HiveEngine, error: unknown): unknown {
  if (!(error instanceof AppError) || error.code !== 'not-permitted') return error;
  return new AppError(
    'cannot-write',
    error.message,
    `Grant the user of ${settingsKey(settings)} what publishing needs (docs/servers.md#permissions).`,
    {
      cause: error,
    },
  );
}
