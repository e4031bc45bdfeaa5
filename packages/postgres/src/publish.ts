import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { AppError } from '@basketwise/core';
import {
  countCampaigns,
  countsDiffer,
  type DuckdbEngine,
  type PostgresSettings,
  type PublishedCounts,
  type PublishedKind,
  placeName,
  postgresDialect,
  publishedTables,
  quoted,
  type StatementOptions,
} from '@basketwise/data';
import { decodeRows } from './columns.ts';
import { PostgresConnection } from './connection.ts';
import {
  describeTable,
  dropLeft,
  findPartition,
  ownMark,
  publishedTypes,
  type TargetTable,
  targetTable,
} from './published-table.ts';

const { identifier, text } = postgresDialect;

/** Rows of a publication, and the table that they go to. */
export interface PostgresPublication {
  schema: string;
  /** Which rows: recommendations or offers. Default: recommendations. */
  of?: PublishedKind;
  /** Name of the table. If absent, it is created: partitioned by reference_date, with an index on the customer. */
  table: string;
  /** Reference date of the rows (ISO). It names the partition that is replaced. */
  referenceDate: string;
  campaigns: readonly string[];
  /** Roles that can read the table. */
  readers: readonly string[];
}

/** Steps of a publication, in the order in which they run. */
export type PostgresStep = 'create' | 'stage' | 'validate' | 'index' | 'swap' | 'tidy';

/** Options that let a caller observe and end a publication. */
export interface PostgresPublishOptions extends Pick<StatementOptions, 'signal'> {
  /** Called before each step. An error ends the publication there. */
  step?: (step: PostgresStep) => void | Promise<void>;
}

/** State of a running publication. */
interface Publishing {
  connection: PostgresConnection;
  publication: PostgresPublication;
  target: TargetTable;
  options: StatementOptions;
  /** Name of the staging table, which becomes the partition of the date. */
  staging: string;
}

/**
 * Publishes recommendations, or offers, to a table partitioned by reference date. Rows are copied into a separate table, counted
 * and indexed. In one transaction this table becomes the partition of its date. After a failure, the partition has either all old
 * or all new rows. Rights, views and indexes of the table stay. Publishing a date again replaces it.
 * @param from relation in DuckDB (to put after FROM) with the columns of recommendations.parquet, or of offers.parquet
 * @throws AppError cannot-write (no right, counts differ, another table of the name), locked (another publication is running),
 * unreachable
 */
export async function publishToPostgres(
  settings: PostgresSettings,
  workbench: DuckdbEngine,
  from: string,
  publication: PostgresPublication,
  { step = () => {}, signal }: PostgresPublishOptions = {},
): Promise<readonly PublishedCounts[]> {
  const target = targetTable(publication);
  const options: StatementOptions = {
    ...(signal && { signal }),
    place: `output.postgres ${publication.schema}.${publication.table}`,
  };
  const connection = await PostgresConnection.open(settings, signal);
  const staging = `${target.prefix}${publication.referenceDate.replaceAll('-', '')}_${randomUUID().slice(0, 8)}`;
  const work: Publishing = { connection, publication, target, options, staging: `${target.schema}.${quoted(staging)}` };
  try {
    await takeTurn(work);
    await step('create');
    await createTable(work);
    await dropLeft(connection, target, options);
    await step('stage');
    await stageRows(work, workbench, from);
    await step('validate');
    const counts = await compareCounts(work, workbench, from);
    await step('index');
    await prepare(work, staging);
    await step('swap');
    await swap(work);
    await step('tidy');
    await connection.rows(`ANALYZE ${target.quoted}`, options);
    return counts;
  } catch (error) {
    // The next publication does the remaining cleanup. Throw the original failure.
    await connection.rows(`ROLLBACK; DROP TABLE IF EXISTS ${work.staging}`).catch(() => {});
    throw postgresWriteFailure(error);
  } finally {
    await connection.close();
  }
}

/** Waits until no other publication of this table runs. Tables that earlier publications left are then abandoned ones. */
async function takeTurn({ connection, target, options }: Publishing): Promise<void> {
  const key = `hashtextextended(${text(`basketwise ${target.quoted}`)}, 0)`;
  const [row] = await connection.rows(`SELECT pg_try_advisory_lock(${key})`, options);
  if (row?.[0] === 't') return;
  const hint = 'Wait until the other one has ended, and run again.';
  throw new AppError('locked', `${options.place}: another publication of this table is running`, hint);
}

/** Creates the table if it is absent. Otherwise checks that it is a published table. */
async function createTable({ connection, publication, target, options }: Publishing): Promise<void> {
  const of = publication.of ?? 'recommendations';
  const declared = Object.entries(publishedTypes(of)).map(([name, type]) => `${identifier(name)} ${type}`);
  const found = await describeTable(connection, target, options);
  if (found === undefined) {
    const index = quoted(`${target.name}_customer`);
    await connection.rows(
      `BEGIN; CREATE TABLE ${target.quoted} (${declared.join(', ')}) PARTITION BY LIST (reference_date);
       CREATE INDEX ${index} ON ${target.quoted} (customer, campaign, ${identifier(publishedTables[of].place)}); COMMIT`,
      options,
    );
  } else if (found.partitioning !== 'LIST (reference_date)' || !sameColumns(of, found.columns)) {
    const hint = 'Name another table, or move that one away. Basketwise makes its table if it is absent.';
    throw new AppError('cannot-write', `${options.place}: a table of this name exists already, with other columns`, hint);
  }
  for (const reader of publication.readers)
    await connection.rows(`GRANT SELECT ON ${target.quoted} TO ${identifier(reader)}`, options);
}

/** Whether a table has the columns of a publication, by name. Their order, and further nullable columns, are up to the owner. */
function sameColumns(of: PublishedKind, found: ReadonlyMap<string, string>): boolean {
  return Object.entries(publishedTypes(of)).every(([name, type]) => found.get(name) === type);
}

/** Writes the rows to a file, and copies the file into the staging table. */
async function stageRows(
  { connection, publication, target, staging, options }: Publishing,
  workbench: DuckdbEngine,
  from: string,
): Promise<void> {
  const day = postgresDialect.date(publication.referenceDate);
  // The check constraint saves a scan when the table becomes a partition.
  const isDay = `CHECK (reference_date IS NOT NULL AND reference_date = ${day})`;
  await connection.rows(
    `BEGIN; CREATE TABLE ${staging} (LIKE ${target.quoted} INCLUDING DEFAULTS, CONSTRAINT of_one_day ${isDay});
     COMMENT ON TABLE ${staging} IS ${text(ownMark)}; COMMIT`,
    options,
  );
  const file = workbench.temporaryFile('.csv');
  const { columns } = publishedTables[publication.of ?? 'recommendations'];
  const names = columns.map(({ name }) => identifier(name));
  try {
    const items = columns.map(({ name, parquet }) => `CAST(${identifier(name)} AS ${parquet})`);
    const select = `SELECT ${day}, ${items.join(', ')} FROM ${from}`;
    const written = { ...(options.signal && { signal: options.signal }), writing: file };
    await workbench.run(`COPY (${select}) TO ${workbench.dialect.text(file)} (FORMAT csv, HEADER false)`, written);
    const copy = `COPY ${staging} (reference_date, ${names.join(', ')}) FROM STDIN (FORMAT csv)`;
    await connection.copyFromFile(copy, file, options);
  } finally {
    await rm(file, { force: true });
  }
}

/** Compares the number of rows in the staging table with the number of rows computed by the run. */
async function compareCounts(
  { connection, publication, staging, options }: Publishing,
  workbench: DuckdbEngine,
  from: string,
): Promise<readonly PublishedCounts[]> {
  const { campaigns } = publication;
  const { place } = publishedTables[publication.of ?? 'recommendations'];
  const computed = await countCampaigns(workbench, from, campaigns, options, place);
  const there = {
    dialect: postgresDialect,
    async *query(sql: string) {
      const { fields, rows } = await connection.result(sql, options);
      yield decodeRows(fields, rows);
    },
  };
  const difference = countsDiffer(computed, await countCampaigns(there, staging, campaigns, options, place));
  if (difference === undefined) return computed.map(({ campaign, rows, customers }) => ({ campaign, rows, customers }));
  const hint = 'Nothing was replaced. Check the server log, and run again.';
  throw new AppError('cannot-write', `PostgreSQL at ${placeName(connection.settings)}, ${options.place}: ${difference}`, hint);
}

/** Creates the indexes of the published table on the staging table, so that the swap does not have to. */
async function prepare({ connection, target, staging, options }: Publishing, name: string): Promise<void> {
  const sql = `SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = to_regclass(${text(target.quoted)})`;
  for (const [i, [definition]] of (await connection.rows(sql, options)).entries()) {
    const own = /^(CREATE (?:UNIQUE )?INDEX) \S+ ON (?:ONLY )?(?:"(?:[^"]|"")*"|[^\s"]+)+ (USING .*)$/s.exec(definition!);
    // The swap itself builds an index of another shape.
    if (own) await connection.rows(`${own[1]} ${quoted(`${name}_i${i}`)} ON ${staging} ${own[2]}`, options);
  }
  await connection.rows(`ANALYZE ${staging}`, options);
}

/** Milliseconds for which the swap waits for readers of the table. New readers wait behind the swap. */
const turn = 5_000;
const turns = 12;

/** Replaces the date's partition by the staged table, in one transaction that also drops the old one. */
async function swap(work: Publishing): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await swapOnce(work);
    } catch (error) {
      await work.connection.rows('ROLLBACK');
      const isBusy = error instanceof AppError && (error.cause as { code?: string } | undefined)?.code === '55P03';
      if (!isBusy || attempt === turns) throw error;
      await new Promise((resolve) => setTimeout(resolve, turn / 2));
    }
  }
}

async function swapOnce({ connection, publication, target, staging, options }: Publishing): Promise<void> {
  const { referenceDate } = publication;
  await connection.rows(`BEGIN; SET LOCAL lock_timeout = ${turn}; LOCK TABLE ${target.quoted} IN ACCESS EXCLUSIVE MODE`, options);
  const old = await findPartition(connection, target, referenceDate, options);
  if (old !== undefined)
    await connection.rows(`ALTER TABLE ${target.quoted} DETACH PARTITION ${old}; DROP TABLE ${old}`, options);
  const name = quoted(`${target.name}_${referenceDate.replaceAll('-', '')}`);
  const statements = [
    `COMMENT ON TABLE ${staging} IS NULL`,
    `ALTER TABLE ${staging} RENAME TO ${name}`,
    `ALTER TABLE ${target.quoted} ATTACH PARTITION ${target.schema}.${name} FOR VALUES IN (${text(referenceDate)})`,
    `ALTER TABLE ${target.schema}.${name} DROP CONSTRAINT of_one_day`,
    'COMMIT',
  ];
  await connection.rows(statements.join('; '), options);
}

/**
 * Converts an error to `cannot-write` if it is one: a missing right on the output, or a value that the database cannot store.
 * Returns other errors unchanged.
 */
function postgresWriteFailure(error: unknown): unknown {
  if (!(error instanceof AppError) || !['not-permitted', 'bad-data', 'config'].includes(error.code)) return error;
  // A refused login is not permitted.
  const state = (error.cause as { code?: string } | undefined)?.code ?? '';
  if (/^(28|3D)/.test(state)) return error;
  return new AppError('cannot-write', error.message, 'Give the user what publishing needs (docs/servers.md#rights).', {
    cause: error,
  });
}
