import { type Dialect, type Engine, farDay, queryRows, type TypeKind } from '@basketwise/data';

/** Facts about the values of a column. */
export interface ColumnFacts {
  name: string;
  kind: TypeKind;
  /** Number of rows whose value is null or blank. */
  nulls: number;
  distinct: number;
  /** Whether all values are dates. */
  isDate: boolean;
  /** Whether some values are moments, whose day depends on the time zone. */
  isMoment: boolean;
  /** Whether the dates are texts of eight digits. */
  isCompact: boolean;
  /** Earliest date (ISO). Null if the column has no dates. */
  first: string | null;
  /** Latest date (ISO), without dates far in the future. Null if the column has no dates. */
  last: string | null;
  /** Number of rows whose date is far in the future. */
  far: number;
  /** Number of characters of the longest text; 0 for other types. */
  longest: number;
  /** Date format (`date_format` of a config). Absent if the dates have a usual form. */
  format?: string;
  /** Whether the values fit both orders of day and month in the format. */
  isEither?: true;
  /** Whether the numbers are texts with a decimal comma. */
  hasComma?: true;
  /** Distinct values with their number of rows, most frequent first. Null if there are many. */
  values: readonly { value: string; rows: number }[] | null;
}

/** Facts about a table. */
export interface TableFacts {
  /** Name of the table, as in the key `from` of a config. */
  name: string;
  /** SQL to put after FROM. */
  from: string;
  /** Delimiter of a CSV file. Absent for other tables. */
  delimiter?: string | undefined;
  rows: number;
  columns: readonly ColumnFacts[];
  /** How the table was made from other tables. Absent for a table of the bank. */
  made?: MadeTable;
}

/** Writes SQL for a made table: in the survey's DuckDB, or in a config. */
export interface SqlTexts {
  /** Name of a column, quoted if necessary. */
  column(name: string): string;
  /** SQL that converts a value to text. */
  asText(expression: string): string;
  /** Literal with which the values of a column can be compared. */
  literal(value: string, column: ColumnFacts): string;
  /** SQL of the values of a column of days, in a form that sorts by day. */
  inOrder(column: ColumnFacts): string;
  /** The reference date: `:date`, or a literal. */
  readonly date: string;
  /** SQL that converts a column of dates to dates, for a query over `table`. */
  dayOf(table: TableFacts, name: string): string;
  /** SQL, to put after FROM, for a table. The columns `ids` stay text. */
  table(table: TableFacts, ids: readonly string[]): string;
}

/** Table that has several rows for an object: its versions, or its snapshots of several days. */
export interface States {
  table: TableFacts;
  /** Columns that identify an object. */
  keys: readonly ColumnFacts[];
  /** Day from which a version is valid, or day of a snapshot. Undefined: only a flag says which version is valid now. */
  day: ColumnFacts | undefined;
  /** Day on which a version ends. The day itself belongs to the next version, or is the last one of this version. */
  until?: { column: ColumnFacts; isLast: boolean };
  /** Flag of the version that is valid now. */
  flag?: { column: ColumnFacts; yes: string };
  /** Whether the rows are snapshots: an object has a row for each day from its first to its last. */
  isSnapshot: boolean;
}

/** Query that makes a table from other tables, and facts about the result. */
export interface MadeTable {
  /** Tables from which it is made, the main table first. */
  parts: readonly TableFacts[];
  /** Returns the query that makes it. */
  query(sql: SqlTexts): string;
  /** Reason for making it, as a comment in the config. */
  why: string;
  /** Names of columns of the made table by their meaning. */
  class?: string;
  opened?: string;
  closed?: string;
  /** States that the table has one of for each object. */
  states?: States;
  /** Table with the earlier states of the same objects, with its key and its day. */
  history?: { table: TableFacts; id: string; date: ColumnFacts };
  /** Newest day (ISO) of the states. The survey reads the table as of this day. */
  asOf?: string;
  /** Columns that the made table has under another name: the column of the original table, by the new name. */
  renamed?: Readonly<Record<string, ColumnFacts>>;
}

/** Table that can be read in the survey's DuckDB. */
export interface ReachedTable {
  name: string;
  /** SQL to put after FROM. */
  from: string;
  /** Delimiter of a CSV file. Absent for other tables. */
  delimiter?: string | undefined;
  /** Names of columns that are moments, in addition to columns whose type or text shows it. */
  moments: ReadonlySet<string>;
}

/** Largest number of distinct values of a column that are listed. */
const fewValues = 60;

/**
 * SQL select items that count the values of a column and find their limits. The names of the items have the column's position.
 */
function surveyItems(dialect: Dialect, column: string, kind: TypeKind, i: number): string[] {
  const value = dialect.identifier(column);
  const isThere = kind === 'text' ? `trim(${value}) <> ''` : `${value} IS NOT NULL`;
  const counted = (condition: string) => `CAST(count(CASE WHEN ${condition} THEN 1 END) AS DOUBLE)`;
  const canBeDate = kind === 'date' || kind === 'text' || kind === 'integer';
  const day = canBeDate ? dialect.asDate(value, kind) : dialect.nullDate;
  const near = `CASE WHEN ${day} < ${dialect.date(farDay)} THEN ${day} END`;
  const isMoment = kind === 'text' && dialect.isMoment ? counted(dialect.isMoment(value)) : '0';
  return [
    `${counted(isThere)} AS there_${i}`,
    `CAST(count(DISTINCT ${value}) AS DOUBLE) AS distinct_${i}`,
    `${counted(`(${day}) IS NOT NULL`)} AS dates_${i}`,
    `${isMoment} AS moments_${i}`,
    `${dialect.asText(`min(${near})`)} AS first_${i}`,
    `${dialect.asText(`max(${near})`)} AS last_${i}`,
    `${counted(`${day} >= ${dialect.date(farDay)}`)} AS far_${i}`,
    `${kind === 'text' ? `max(length(trim(${value})))` : '0'} AS longest_${i}`,
  ];
}

/**
 * Surveys a table: types, nulls, distinct values and dates of its columns. Reads all rows. Lists the values of a column only if
 * they are few.
 */
export async function surveyTable(engine: Engine, { name, from, delimiter, moments: known }: ReachedTable): Promise<TableFacts> {
  const columns = await engine.columns(`${from} t`);
  const { dialect } = engine;
  const items = columns.flatMap(({ name: column, type }, i) => surveyItems(dialect, column, dialect.kindOf(type), i));
  const [found] = await queryRows(
    engine,
    `SELECT ${['CAST(count(*) AS DOUBLE) AS table_rows', ...items].join(', ')} FROM ${from} t`,
  );
  const rows = Number(found!.table_rows);
  const facts: ColumnFacts[] = [];
  for (const [i, { name: column, type }] of columns.entries()) {
    const [there, distinct, dates, moments, far] = ['there', 'distinct', 'dates', 'moments', 'far'].map((key) =>
      Number(found![`${key}_${i}`]),
    ) as [number, number, number, number, number];
    const [first, last] = [found![`first_${i}`] as string | null, found![`last_${i}`] as string | null];
    const kind = dialect.kindOf(type);
    // Integers of eight digits can look like dates by chance. Their years are then outside 1880 to 2200.
    const isPlausible = kind !== 'integer' || first === null || (first > '1880' && last! < '2200');
    facts.push({
      ...{ name: column, kind, nulls: rows - there, distinct, first, last, far },
      isDate: there > 0 && dates === there && isPlausible,
      longest: Number(found![`longest_${i}`] ?? 0),
      isCompact: kind === 'text' && Number(found![`longest_${i}`]) === 8,
      isMoment: moments > 0 || dialect.isZoned(type) || known.has(column),
      values: distinct > 0 && distinct <= fewValues ? await distinctValues(engine, from, column) : null,
    });
  }
  return { name, from, delimiter, rows, columns: facts };
}

async function distinctValues(engine: Engine, from: string, column: string): Promise<{ value: string; rows: number }[]> {
  const { dialect } = engine;
  const value = dialect.asText(dialect.identifier(column));
  const sql = `SELECT ${value} AS v, CAST(count(*) AS DOUBLE) AS n FROM ${from} t WHERE ${value} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1`;
  const rows = await queryRows(engine, sql);
  return rows.map(({ v, n }) => ({ value: String(v), rows: Number(n) }));
}

/** Whether a column can be a key: it has text or integers, and no dates. */
export function canBeKey({ kind, isDate, distinct }: ColumnFacts): boolean {
  return (kind === 'text' || kind === 'integer') && !isDate && distinct > 1;
}

/** A column counts as unique if at most this share of rows has no value or a repeated value. */
const fewRepeats = 0.01;

/** Whether all values are distinct, except for a small share of rows. */
export function isNearlyUnique({ distinct, nulls }: ColumnFacts, { rows }: TableFacts): boolean {
  return nulls <= fewRepeats * rows && rows - nulls - distinct <= fewRepeats * rows;
}

/** Whether all rows have a value, and all values are distinct. */
export function isUnique({ distinct, nulls }: ColumnFacts, { rows }: TableFacts): boolean {
  return nulls === 0 && distinct === rows;
}

/** Distinct values of a column. Empty if there are many. */
export function valueTexts({ values }: ColumnFacts): string[] {
  return (values ?? []).map(({ value }) => value);
}

/** Column of a table with this name. */
export function columnOf(table: TableFacts, name: string): ColumnFacts {
  return table.columns.find((column) => column.name === name)!;
}

/** Names of the bank's tables from which a table is made. For a table of the bank, its own name. */
export function partNames({ name, made }: TableFacts): string[] {
  return made ? [...new Set(made.parts.flatMap(partNames))] : [name];
}

/** Fact about a made table, or about a table that it is made from. Undefined if no table has it. */
export function madeFact<Name extends 'opened' | 'closed' | 'asOf'>({ made }: TableFacts, name: Name): string | undefined {
  return made && (made[name] ?? madeFact(made.parts[0]!, name));
}

/** Whether a table is the bank's table of this name, or is made from it. */
export function isNamed(table: TableFacts, name: string): boolean {
  return partNames(table).includes(name);
}
