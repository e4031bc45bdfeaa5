import { queryRows, type StatementOptions } from '@basketwise/data';
import type { HiveEngine } from './engine.ts';

/** How one statement reads a folder of Parquet files as a table. */
interface FolderRows {
  /** Statements to run first. */
  before: readonly string[];
  /** Relation to put after FROM in the statement. */
  from: string;
  /** Statements to run afterwards, also if the statement failed. */
  after: readonly string[];
}

/** Request to delete a folder. The server deletes it with a table that points at it. */
interface FolderDeletion {
  /** Name for this table, quoted. No such table exists yet. */
  table: string;
  folder: string;
  /** SQL of the table property that marks the publisher's tables. */
  mark: string;
  /** Values of one partition in SQL, with parentheses: `(reference_date = ..., campaign = ...)`. */
  partition: string;
}

/** Those SQL statements on tables and files that differ between Hive and Spark. */
export interface TableSql {
  /** Whether dropping an external table with the property `external.table.purge` deletes its files. */
  purges: boolean;
  /** Folder in which new external tables of a database must be located. Undefined if the server chooses. */
  home(hive: HiveEngine, database: string, options: StatementOptions): Promise<string | undefined>;
  /** Statements that delete a folder. Each may be run twice. */
  deletion(request: FolderDeletion, text: (value: string) => string): readonly string[];
  /**
   * Reads the files of a folder as a table.
   * @param name quoted name for a temporary table; no such table exists yet
   * @param columns SQL of the columns with their types
   * @param location location of the folder
   */
  folderRows(name: string, columns: string, location: string, dialect: HiveEngine['dialect']): FolderRows;
}

const partitions = 'PARTITIONED BY (reference_date date, campaign string)';

const hiveTables: TableSql = {
  purges: true,
  home: async () => undefined,
  deletion: ({ table, folder, mark }, text) => [
    `CREATE EXTERNAL TABLE IF NOT EXISTS ${table} (x string) ${partitions} LOCATION ${text(folder)} TBLPROPERTIES ('external.table.purge' = 'true', ${mark})`,
    `DROP TABLE IF EXISTS ${table}`,
  ],
  folderRows: (name, columns, location, { text }) => ({
    before: [`CREATE TEMPORARY EXTERNAL TABLE ${name} (${columns}) STORED AS PARQUET LOCATION ${text(location)}`],
    from: name,
    after: [`DROP TABLE IF EXISTS ${name}`],
  }),
};

const sparkTables: TableSql = {
  // Its old metastore ignores the property: dropping a managed table deletes its partitions' files.
  purges: false,
  async home(hive, database, options) {
    const described = await queryRows(hive, `DESCRIBE DATABASE ${database}`, options);
    return described.map((row) => Object.values(row).map(String)).find(([item]) => item === 'Location')?.[1];
  },
  deletion: ({ table, folder, mark, partition }, text) => [
    `CREATE TABLE IF NOT EXISTS ${table} (x string) ${partitions} STORED AS PARQUET TBLPROPERTIES ('external.table.purge' = 'true', ${mark})`,
    `ALTER TABLE ${table} ADD IF NOT EXISTS PARTITION ${partition} LOCATION ${text(folder)}`,
    `DROP TABLE IF EXISTS ${table}`,
  ],
  folderRows: (_name, _columns, location, { identifier }) => ({
    before: [],
    from: `parquet.${identifier(location)}`,
    after: [],
  }),
};

/** Statements for the kind of server in the settings. */
export function tableSql({ settings }: HiveEngine): TableSql {
  return settings.engine === 'spark' ? sparkTables : hiveTables;
}
