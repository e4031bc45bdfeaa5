import { randomUUID } from 'node:crypto';
import { type Dialect, queryRows, type StatementOptions } from '@basketwise/data';
import type { HiveEngine } from './engine.ts';
import { tableSql } from './table-sql.ts';

/** Table property with the publisher, on tables that a publication made for its own use. */
const publisherProperty = 'basketwise.publisher';
/** Prefix of numbered properties of a staging table. Each names a folder whose files the publication replaces. */
const replacedProperty = 'basketwise.replaces.';
/** Suffix of the names of tables that are made only to delete a folder. */
const goneMark = '_gone';
/** Seconds after which the tables of another publisher count as left by a killed run. */
const abandonedSeconds = 24 * 60 * 60;

/** Table that a publication made for its own use. */
export interface OwnTable {
  /** Name as SHOW TABLES gives it. */
  name: string;
  quoted: string;
  /** Reference date (ISO) of the rows in it. */
  referenceDate: string;
}

/** Names of the tables of one attempt to publish. */
export interface PublicationTables {
  /** Published table, with its database, quoted. */
  published: string;
  /** Published table without its database, not quoted. */
  name: string;
  staging: OwnTable;
  publisher: string;
  /** Database with a dot after it, quoted. Empty for the session's database. */
  database: string;
  /** First characters of the names of all staging tables of this published table. */
  prefix: string;
}

/** Chooses the table names of an attempt. Name and folder of the staging table are new. */
export function publicationTables(
  { identifier }: Dialect,
  publication: { table: string; referenceDate: string; run: string; publisher: string },
): PublicationTables {
  const parts = publication.table.split('.');
  const name = parts.at(-1)!;
  const database = parts.length > 1 ? `${identifier(parts[0]!)}.` : '';
  const prefix = `${name}_bw_`.toLowerCase();
  const day = publication.referenceDate.replaceAll('-', '');
  const staging = `${prefix}${day}_${publication.run}_${randomUUID().slice(0, 8)}`.toLowerCase();
  return {
    published: `${database}${identifier(name)}`,
    staging: { name: staging, quoted: `${database}${identifier(staging)}`, referenceDate: publication.referenceDate },
    publisher: publication.publisher,
    ...{ name, database, prefix },
  };
}

/** SQL of the property that marks the tables of a publisher. */
export function stagingMark({ text }: Dialect, publisher: string): string {
  return `${text(publisherProperty)} = ${text(publisher)}`;
}

/**
 * Writes to the properties of the staging table the folders to delete later, when no partition points at them. Leaves out folders
 * that were made neither by a publication nor by an INSERT into the published table.
 */
export async function recordReplaced(
  hive: HiveEngine,
  tables: PublicationTables,
  locations: readonly string[],
  options: StatementOptions,
): Promise<void> {
  const root = await tableLocation(hive, tables.published, options);
  const folders = locations.map((location) => ownFolder(tables, root, location)).filter((folder) => folder !== undefined);
  if (folders.length === 0) return;
  const { text } = hive.dialect;
  const properties = [...new Set(folders)].map((folder, i) => `${text(`${replacedProperty}${i}`)} = ${text(folder)}`);
  const sql = `ALTER TABLE ${tables.staging.quoted} SET TBLPROPERTIES (${properties.join(', ')})`;
  await hive.run(sql, { ...options, repeatable: true });
}

/**
 * Folder to delete together with a partition's files: the folder of an older staging table, or the partition's own folder in the
 * published table. Undefined for any other location.
 */
function ownFolder({ prefix }: PublicationTables, root: string | undefined, location: string): string | undefined {
  const parts = /^(.*\/([^/]+))\/reference_date=[^/]+\/campaign=[^/]+\/?$/.exec(location);
  if (parts === null) return undefined;
  const [, table, name] = parts;
  if (isOwnName(prefix, name!)) return table;
  return root !== undefined && pathOf(table!) === pathOf(root) ? location : undefined;
}

function isOwnName(prefix: string, name: string): boolean {
  return name.startsWith(prefix) && /^\d{8}_/.test(name.slice(prefix.length));
}

/**
 * Drops a table that a publication made, its files, and the files that the publication replaced. Files of the partitions of the
 * published table are not deleted.
 */
export async function dropWithFiles(
  hive: HiveEngine,
  tables: PublicationTables,
  { name, quoted, referenceDate }: OwnTable,
  options: StatementOptions,
): Promise<void> {
  const repeatable = { ...options, repeatable: true };
  const properties = await propertiesOf(hive, quoted, options);
  const published = [...(await partitionLocations(hive, tables.published, referenceDate, options)).values()];
  const isFree = (folder: string): boolean => !published.some((location) => overlap(location, folder));
  const own = await tableLocation(hive, quoted, options);
  const isOwnFree = own !== undefined && isFree(own);
  const replaced = [...properties].filter(([name]) => name.startsWith(replacedProperty)).map(([, folder]) => folder);
  // Some of its partitions may have become published ones.
  const staged = isOwnFree ? [] : [...(await partitionLocations(hive, quoted, referenceDate, options)).values()];
  const { purges } = tableSql(hive);
  const whole = isOwnFree && !purges ? [own] : [];
  for (const folder of [...replaced, ...staged, ...whole].filter(isFree)) await deleteFolder(hive, tables, folder, options);
  if (purges) {
    await hive.run(`ALTER TABLE ${quoted} SET TBLPROPERTIES ('external.table.purge' = '${isOwnFree}')`, repeatable);
  } else if (name.endsWith(goneMark)) {
    await keepPublished(hive, quoted, referenceDate, isFree, options);
  }
  await hive.run(`DROP TABLE IF EXISTS ${quoted}`, repeatable);
}

/**
 * Changes the partitions of a table whose deletion was interrupted, if a published partition now has their files. Otherwise
 * dropping the table would delete these files.
 */
async function keepPublished(
  hive: HiveEngine,
  quoted: string,
  referenceDate: string,
  isFree: (folder: string) => boolean,
  options: StatementOptions,
): Promise<void> {
  const { text } = hive.dialect;
  for (const [campaign, location] of await partitionLocations(hive, quoted, referenceDate, options)) {
    if (isFree(location)) continue;
    const away = text(`${await tableLocation(hive, quoted, options)}/none`);
    const partition = partitionClause(hive.dialect, referenceDate, campaign);
    await hive.run(`ALTER TABLE ${quoted} PARTITION ${partition} SET LOCATION ${away}`, { ...options, repeatable: true });
  }
}

/** Deletes a folder through a table, because only the server is certain to have access to the folder. */
async function deleteFolder(
  hive: HiveEngine,
  { staging, database, publisher }: PublicationTables,
  folder: string,
  options: StatementOptions,
): Promise<void> {
  const { identifier, text } = hive.dialect;
  const table = `${database}${identifier(`${staging.name}${goneMark}`)}`;
  const partition = partitionClause(hive.dialect, staging.referenceDate, 'gone');
  const deletion = { table, folder, mark: stagingMark(hive.dialect, publisher), partition };
  for (const sql of tableSql(hive).deletion(deletion, text)) await hive.run(sql, { ...options, repeatable: true });
}

/** Tables that ended attempts left, for any reference date. Tables of other publishers count as left only after a day. */
export async function leftTables(
  hive: HiveEngine,
  { staging, publisher, database, prefix }: PublicationTables,
  options: StatementOptions,
): Promise<readonly OwnTable[]> {
  const found: OwnTable[] = [];
  const [clock] = await queryRows(hive, 'SELECT unix_timestamp() AS now', options);
  // No pattern, because Hive 4 has other wildcards.
  for (const row of await queryRows(hive, `SHOW TABLES${database && ` IN ${database.slice(0, -1)}`}`, options)) {
    // Spark returns the database first.
    const name = String(row.tableName ?? Object.values(row)[0]);
    if (name === staging.name || !isOwnName(prefix, name)) continue;
    const quoted = `${database}${hive.dialect.identifier(name)}`;
    const properties = await propertiesOf(hive, quoted, options);
    const owner = properties.get(publisherProperty);
    const age = Number(clock?.now) - Number(properties.get('transient_lastDdlTime'));
    if (owner !== publisher && !(owner !== undefined && age > abandonedSeconds)) continue;
    const day = name.slice(prefix.length);
    found.push({ name, quoted, referenceDate: `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6, 8)}` });
  }
  return found;
}

async function propertiesOf(hive: HiveEngine, table: string, options: StatementOptions): Promise<ReadonlyMap<string, string>> {
  const rows = await queryRows(hive, `SHOW TBLPROPERTIES ${table}`, options);
  return new Map(rows.map((row) => Object.values(row).map(String) as [string, string]));
}

/** Location of the files of each campaign's partition, for a date. The table is partitioned by reference_date and campaign. */
export async function partitionLocations(
  hive: HiveEngine,
  table: string,
  referenceDate: string,
  options: StatementOptions,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const campaign of await partitionsOf(hive, table, referenceDate, options)) {
    const partition = partitionClause(hive.dialect, referenceDate, campaign);
    const location = await tableLocation(hive, `${table} PARTITION ${partition}`, options);
    if (location !== undefined) found.set(campaign, location);
  }
  return found;
}

/** Campaigns that have a partition for a date. */
export async function partitionsOf(
  hive: HiveEngine,
  table: string,
  referenceDate: string,
  options: StatementOptions,
): Promise<readonly string[]> {
  const date = hive.dialect.text(referenceDate);
  const rows = await queryRows(hive, `SHOW PARTITIONS ${table} PARTITION (reference_date = ${date})`, options);
  return rows.map((row) => partitionValue(String(Object.values(row)[0])));
}

/** Values of one partition in SQL, with parentheses: `(reference_date = ..., campaign = ...)`. */
export function partitionClause({ text }: Dialect, referenceDate: string, campaign: string): string {
  return `(reference_date = ${text(referenceDate)}, campaign = ${text(campaign)})`;
}

/** Location of the files of a table, or of one of its partitions. */
async function tableLocation(hive: HiveEngine, table: string, options: StatementOptions): Promise<string | undefined> {
  const described = await queryRows(hive, `DESCRIBE FORMATTED ${table}`, options);
  const start = described.findIndex(({ col_name }) => String(col_name).startsWith('# Detailed'));
  // Spark writes no colon, and lists the table's location after the partition's.
  const line = described.slice(start + 1).find(({ col_name }) => /^Location:?$/.test(String(col_name).trim()));
  return line === undefined ? undefined : String(line.data_type).trim();
}

/** Campaign in the name of a partition, decoded: `reference_date=2022-08-31/campaign=a%3Ab` gives `a:b`. */
function partitionValue(name: string): string {
  return name
    .slice(name.indexOf('/') + 1 + 'campaign='.length)
    .replace(/%([0-9A-F]{2})/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));
}

/** Path of a location, without scheme, server and redundant slashes, so that equal folders have equal paths. */
function pathOf(location: string): string {
  return location
    .replace(/^[a-z][\w+.-]*:(\/\/[^/]*)?/i, '')
    .replace(/\/+/g, '/')
    .replace(/\/$/, '');
}

/** Whether two folders are equal or one contains the other. */
function overlap(one: string, other: string): boolean {
  const [a, b] = [`${pathOf(one)}/`, `${pathOf(other)}/`];
  return a.startsWith(b) || b.startsWith(a);
}
