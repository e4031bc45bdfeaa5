import type { StatementOptions } from '../engine/engine.ts';
import { queryRows } from '../engine/query-rows.ts';
import type { HiveEngine } from './engine.ts';

/** Rows of a folder of Parquet files, for one statement. */
interface FolderRows {
  /** Statements that come before it. */
  before: readonly string[];
  /** Expression to put after FROM. */
  from: string;
  /** Statements that come after it, whatever became of it. */
  after: readonly string[];
}

/** A folder that is to go, and the table by way of which the server deletes it. */
interface FolderDeletion {
  /** Quoted name that no table has. */
  table: string;
  folder: string;
  /** Properties of the table. */
  mark: string;
  /** A partition of reference_date and campaign. */
  partition: string;
}

/** The SQL of tables and of the files that go with them, as far as servers differ in it. */
export interface TableSql {
  /** Whether a dropped external table takes its files along where its property `external.table.purge` says so. */
  purges: boolean;
  /** The folder in which new external tables of a database, quoted, are to say that they are; undefined where the server chooses. */
  home(hive: HiveEngine, database: string, options: StatementOptions): Promise<string | undefined>;
  /** Statements that delete a folder; each may be run twice. */
  deletion(request: FolderDeletion, text: (value: string) => string): readonly string[];
  /** @param name of a table that may be made for it, quoted; `columns` declared; `location` of the folder */
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
  // its metastore of old knows nothing of the property: a managed table takes its partitions' files along
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

/** The SQL of an engine's tables. */
export function tableSql({ settings }: HiveEngine): TableSql {
  return settings.engine === 'spark' ? sparkTables : hiveTables;
}
