import { AppError } from '@basketwise/core';
import type { DuckdbEngine } from '../duckdb/engine.ts';
import type { StatementOptions } from '../engine/engine.ts';
import { queryRows } from '../engine/query-rows.ts';
import { bringRows } from './bring.ts';
import type { HiveEngine } from './engine.ts';
import { serverName } from './settings.ts';

/** Types of the workbench for the published table's types. */
const workbenchTypes: Readonly<Record<string, string>> = { string: 'VARCHAR', int: 'INTEGER', float: 'FLOAT' };

/** Columns of the published table besides its partitions, and their types in Hive: the output contract's, in its order. */
export const publishedColumns: Readonly<Record<string, string>> = {
  customer: 'string',
  rank: 'int',
  product_code: 'string',
  product_name: 'string',
  score: 'float',
  probability: 'float',
  source: 'string',
  cluster: 'int',
  reason: 'string',
};

/** What to publish, and where. */
export interface HivePublication {
  /** `database.table`; made when absent: external, partitioned by reference_date and campaign, Parquet. */
  table: string;
  /** ISO date. */
  referenceDate: string;
  /** Names of the campaigns; one without rows becomes an empty partition. */
  campaigns: readonly string[];
  /** Tells this run's staging table from others': letters and digits. */
  run: string;
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

/** Rows and customers of one campaign. */
export interface PublishedCampaign {
  campaign: string;
  rows: number;
  customers: number;
}

/** Where the rows of a publication come from. */
export interface RowsToPublish {
  /** Rows, customers and the sum of ranks of each campaign, as computed. */
  counts(campaigns: readonly string[], options: StatementOptions): Promise<readonly CampaignRows[]>;
  /** Puts the rows of a campaign into a partition of the staging table. */
  fill(campaign: string, table: string, partition: string, options: StatementOptions): Promise<void>;
}

/** What is compared before anything is replaced. */
interface CampaignRows extends PublishedCampaign {
  ranks: number;
}

/** Rows that are in the workbench. */
function workbenchRows(hive: HiveEngine, workbench: DuckdbEngine, from: string, shared: string | undefined): RowsToPublish {
  const { text, identifier } = workbench.dialect;
  const cast = Object.entries(publishedColumns).map(
    ([name, type]) => `CAST(${identifier(name)} AS ${workbenchTypes[type]}) AS ${identifier(name)}`,
  );
  return {
    counts: (campaigns, options) => countRows(workbench, from, campaigns, options),
    async fill(campaign, table, partition, options) {
      const select = `SELECT ${cast.join(', ')} FROM ${from} WHERE campaign = ${text(campaign)}`;
      await bringRows(hive, workbench, select, { table, partition, columns: publishedColumns, shared }, options);
    },
  };
}

/**
 * Publishes recommendations that are in the workbench.
 * @param from what to put after FROM there: the columns of recommendations.parquet
 * @throws AppError as `publishRowsToHive`
 */
export async function publishToHive(
  hive: HiveEngine,
  workbench: DuckdbEngine,
  from: string,
  publication: HivePublication,
  options: PublishOptions = {},
): Promise<readonly PublishedCampaign[]> {
  return await publishRowsToHive(hive, workbenchRows(hive, workbench, from, publication.shared), publication, options);
}

/**
 * Publishes recommendations to a partitioned Hive table: rows go to a staging table, its counts are compared with what was computed here,
 * then each partition of the published table is pointed at its staged files, in one step of the metastore. Whatever fails, every
 * partition is whole, the old or the new one. Publishing a date again replaces it.
 * @throws AppError cannot-write (no permission, counts differ), unreachable
 */
export async function publishRowsToHive(
  hive: HiveEngine,
  rows: RowsToPublish,
  publication: HivePublication,
  options: PublishOptions = {},
): Promise<readonly PublishedCampaign[]> {
  const names = namesOf(hive, publication);
  const statement: StatementOptions = {
    place: `output.hive.table ${publication.table}`,
    ...(options.signal && { signal: options.signal }),
  };
  const step = options.step ?? (() => {});
  let isSwapping = false;
  try {
    await step('create');
    await createTables(hive, names, statement);
    await step('stage');
    const counted = await stageRows(hive, rows, publication, names, statement, step);
    const replaced: string[] = [];
    for (const campaign of publication.campaigns) {
      await step('swap', campaign);
      isSwapping = true;
      replaced.push(...(await swapPartition(hive, names, publication, campaign, statement)));
    }
    await step('tidy');
    await tidy(hive, names, publication, replaced, statement);
    return counted;
  } catch (error) {
    await discard(hive, names.staging, !isSwapping, { place: names.staging });
    throw writeFailure(error);
  }
}

/** Drops a staging table, with its files unless published partitions may point at them; what cannot be done is left to the next run. */
async function discard(hive: HiveEngine, table: string, withFiles: boolean, options: StatementOptions): Promise<void> {
  try {
    if (withFiles) await hive.run(`ALTER TABLE ${table} SET TBLPROPERTIES ('external.table.purge' = 'true')`, options);
    await hive.run(`DROP TABLE IF EXISTS ${table}`, options);
  } catch {
    // the failure that led here is the one to report
  }
}

interface Names {
  /** Quoted, like the others. */
  published: string;
  staging: string;
  /** A table made only to delete replaced files. */
  retired: string;
  /** Prefix of staging tables of this table and date, as SHOW TABLES matches names. */
  database: string | undefined;
  stagingPrefix: string;
}

function namesOf(hive: HiveEngine, { table, referenceDate, run }: HivePublication): Names {
  const parts = table.split('.');
  const name = parts.at(-1)!;
  const database = parts.length > 1 ? parts[0] : undefined;
  const stagingPrefix = `${name}_bw_${referenceDate.replaceAll('-', '')}_`.toLowerCase();
  const stagingTable = `${stagingPrefix}${run}`.toLowerCase();
  const quoted = (last: string): string => [...parts.slice(0, -1), last].map(hive.dialect.identifier).join('.');
  return {
    published: quoted(name),
    staging: quoted(stagingTable),
    retired: quoted(`${stagingTable}_old`),
    database,
    stagingPrefix,
  };
}

async function createTables(hive: HiveEngine, { published, staging }: Names, options: StatementOptions): Promise<void> {
  const declared = Object.entries(publishedColumns).map(([name, type]) => `${hive.dialect.identifier(name)} ${type}`);
  const shape = `(${declared.join(', ')}) PARTITIONED BY (reference_date date, campaign string) STORED AS PARQUET`;
  await hive.run(`CREATE EXTERNAL TABLE IF NOT EXISTS ${published} ${shape}`, { ...options, repeatable: true });
  await hive.run(`DROP TABLE IF EXISTS ${staging}`, { ...options, repeatable: true });
  // dropping the staging table must leave its files: they become the published ones
  const kept = "TBLPROPERTIES ('external.table.purge' = 'false')";
  await hive.run(`CREATE EXTERNAL TABLE ${staging} ${shape} ${kept}`, { ...options, repeatable: false });
}

/** Brings the rows to the staging table and compares what arrived with what is here. */
async function stageRows(
  hive: HiveEngine,
  rows: RowsToPublish,
  publication: HivePublication,
  names: Names,
  options: StatementOptions,
  step: NonNullable<PublishOptions['step']>,
): Promise<readonly PublishedCampaign[]> {
  for (const campaign of publication.campaigns) {
    const partition = partitionOf(hive, publication, campaign);
    // an empty partition first: a campaign without rows has one too
    await hive.run(`ALTER TABLE ${names.staging} ADD IF NOT EXISTS PARTITION ${partition}`, { ...options, repeatable: true });
    await rows.fill(campaign, names.staging, partition, options);
  }
  await step('validate');
  const expected = await rows.counts(publication.campaigns, options);
  const arrived = await countRows(hive, names.staging, publication.campaigns, options);
  for (const [i, { campaign, rows, customers, ranks }] of expected.entries()) {
    const found = arrived[i]!;
    if (found.rows === rows && found.customers === customers && found.ranks === ranks) continue;
    throw new AppError(
      'cannot-write',
      `Hive at ${serverName(hive.settings)}, table ${publication.table}: campaign ${campaign} has ${found.rows} rows of ${found.customers} customers in staging, computed were ${rows} of ${customers}`,
      'Nothing was replaced. Look into the server log for the insertion, and run again.',
    );
  }
  return expected.map(({ campaign, rows, customers }) => ({ campaign, rows, customers }));
}

async function countRows(
  engine: HiveEngine | DuckdbEngine,
  from: string,
  campaigns: readonly string[],
  options: StatementOptions,
): Promise<CampaignRows[]> {
  const rank = engine.dialect.identifier('rank');
  const sql = `SELECT campaign, count(*) AS n, count(DISTINCT customer) AS customers, CAST(sum(${rank}) AS bigint) AS ranks FROM ${from} GROUP BY campaign`;
  const found = new Map((await queryRows(engine, sql, options)).map((row) => [row.campaign, row]));
  return campaigns.map((campaign) => {
    const row = found.get(campaign);
    return { campaign, rows: Number(row?.n ?? 0), customers: Number(row?.customers ?? 0), ranks: Number(row?.ranks ?? 0) };
  });
}

function partitionOf(hive: HiveEngine, { referenceDate }: HivePublication, campaign: string): string {
  return `(reference_date = ${hive.dialect.text(referenceDate)}, campaign = ${hive.dialect.text(campaign)})`;
}

/** Points a partition at its staged files; returns where its old files are. */
async function swapPartition(
  hive: HiveEngine,
  { published, staging }: Names,
  publication: HivePublication,
  campaign: string,
  options: StatementOptions,
): Promise<string[]> {
  const partition = partitionOf(hive, publication, campaign);
  const old = await locationOf(hive, published, partition, options);
  const location = await locationOf(hive, staging, partition, options);
  if (location === undefined) throw new AppError('bug', `${staging} has no partition ${partition}`, 'Please report this.');
  const at = hive.dialect.text(location);
  const change =
    old === undefined ? `ADD IF NOT EXISTS PARTITION ${partition} LOCATION ${at}` : `PARTITION ${partition} SET LOCATION ${at}`;
  await hive.run(`ALTER TABLE ${published} ${change}`, { ...options, repeatable: true });
  return old === undefined || old === location ? [] : [old];
}

async function locationOf(
  hive: HiveEngine,
  table: string,
  partition: string,
  options: StatementOptions,
): Promise<string | undefined> {
  const partitions = await queryRows(hive, `SHOW PARTITIONS ${table} PARTITION ${partition}`, options);
  if (partitions.length === 0) return undefined;
  const described = await queryRows(hive, `DESCRIBE FORMATTED ${table} PARTITION ${partition}`, options);
  const line = described.find(({ col_name }) => String(col_name).trim() === 'Location:');
  return line === undefined ? undefined : String(line.data_type).trim();
}

/** Drops what is left of the date's older run: campaigns that are no more, files that were replaced, staging tables of runs that failed. */
async function tidy(
  hive: HiveEngine,
  names: Names,
  publication: HivePublication,
  replaced: readonly string[],
  options: StatementOptions,
): Promise<void> {
  const date = hive.dialect.text(publication.referenceDate);
  const others = publication.campaigns.map((campaign) => `campaign <> ${hive.dialect.text(campaign)}`).join(', ');
  const repeatable = { ...options, repeatable: true };
  await hive.run(`ALTER TABLE ${names.published} DROP IF EXISTS PARTITION (reference_date = ${date}, ${others})`, repeatable);
  for (const location of replaced) {
    const at = `LOCATION ${hive.dialect.text(location)} TBLPROPERTIES ('external.table.purge' = 'true')`;
    await hive.run(`CREATE EXTERNAL TABLE ${names.retired} (x string) ${at}`, options);
    await hive.run(`DROP TABLE ${names.retired}`, repeatable);
  }
  const scope = names.database === undefined ? '' : `IN ${hive.dialect.identifier(names.database)} `;
  // no pattern: its wildcards are others in Hive 4
  for (const row of await queryRows(hive, `SHOW TABLES ${scope}`, options)) {
    const table = String(Object.values(row)[0]);
    if (!table.startsWith(names.stagingPrefix)) continue;
    const quoted = [...(names.database === undefined ? [] : [names.database]), table].map(hive.dialect.identifier).join('.');
    await hive.run(`DROP TABLE IF EXISTS ${quoted}`, repeatable);
  }
}

/** No permission on the output is a failure to write. */
function writeFailure(error: unknown): unknown {
  if (!(error instanceof AppError) || error.code !== 'not-permitted') return error;
  return new AppError(
    'cannot-write',
    error.message,
    'Grant the user of source.hive what publishing needs (docs/hive.md, permissions).',
    {
      cause: error,
    },
  );
}
