import { type Dialect, queryRows, type StatementOptions } from '@basketwise/data';
import type { HiveEngine } from './engine.ts';

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
export async function tableLocation(hive: HiveEngine, table: string, options: StatementOptions): Promise<string | undefined> {
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
export function pathOf(location: string): string {
  return location
    .replace(/^[a-z][\w+.-]*:(\/\/[^/]*)?/i, '')
    .replace(/\/+/g, '/')
    .replace(/\/$/, '');
}

/** Whether two folders are equal or one contains the other. */
export function overlap(one: string, other: string): boolean {
  const [a, b] = [`${pathOf(one)}/`, `${pathOf(other)}/`];
  return a.startsWith(b) || b.startsWith(a);
}
