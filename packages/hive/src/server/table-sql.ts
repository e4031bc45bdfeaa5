import { queryRows, type StatementOptions } from '@basketwise/data';
import type { HiveEngine } from './engine.ts';

/** Rows of a folder of Parquet files, for one statement. */
interface FolderRows {
  /** Statements to run before it. */
  before: readonly string[];
  /** Expression to put after FROM. */
  from: string;
  /** Statements to run after it, whether it succeeds or fails. */
  after: readonly string[];
}

/** Folder to delete, and the table by way of which the server deletes it. */
interface FolderDeletion {
  /** Quoted name of an unused table. */
  table: string;
  folder: string;
  /** Properties of the table. */
  mark: string;
  /** Partition of reference_date and campaign. */
  partition: string;
}

/** SQL of tables and their files, which differs between servers. */
export interface TableSql {
  /** Whether dropping an external table deletes its files if its property `external.table.purge` is set. */
  purges: boolean;
  /** Folder that new external tables of a quoted database must name. Undefined if the server chooses. */
  home(hive: HiveEngine, database: string, options: StatementOptions): Promise<string | undefined>;
  /** Statements that delete a folder. Each can be run twice. */
  deletion(request: FolderDeletion, text: (value: string) => string): readonly string[];
  /**
   * Reads the files of a folder as a table. @param name unused, for a temporary table, quoted; `columns` declared; `location` of
   * the folder
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

/** SQL of an engine's tables. */
export function tableSql({ settings }: HiveEngine): TableSql {
  return settings.engine === 'spark' ? sparkTables : hiveTables;
}
