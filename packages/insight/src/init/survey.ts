import { type Dialect, type Engine, farDay, queryRows, type TypeKind } from '@basketwise/data';

/** Statistics of a column's values. */
export interface ColumnFacts {
  name: string;
  kind: TypeKind;
  /** Rows without a value: null or blank. */
  nulls: number;
  distinct: number;
  /** Whether all values are dates. */
  isDate: boolean;
  /** Whether some are moments, whose day depends on the zone. */
  isMoment: boolean;
  /** Whether its dates are texts of eight digits. */
  isCompact: boolean;
  /** First date, as ISO. */
  first: string | null;
  /** Last date, as ISO, without dates far in the future. */
  last: string | null;
  /** Number of dates far in the future. */
  far: number;
  /** Characters of the longest text; 0 for other types. */
  longest: number;
  /** Format of its dates (`date_format` of a config). Absent for dates of the usual forms. */
  format?: string;
  /** Whether no value shows which of the first two parts of its format is the day. */
  isEither?: true;
  /** Whether its numbers are texts with a decimal comma. */
  hasComma?: true;
  /** Values, if they are few: each with its rows, most frequent first. */
  values: readonly { value: string; rows: number }[] | null;
}

/** Statistics of a table. */
export interface TableFacts {
  /** Name in the format of `from` in a config. */
  name: string;
  /** SQL to put after FROM. */
  from: string;
  /** Delimiter of files whose columns have no types. Absent: other tables. */
  delimiter?: string | undefined;
  rows: number;
  columns: readonly ColumnFacts[];
  /** Composition of the table from others. Absent: it is one of the bank's. */
  made?: MadeTable;
}

/** Texts of SQL in which a table is composed: in the survey's engine, or in a config. */
export interface SqlTexts {
  /** Name, quoted if needed. */
  column(name: string): string;
  /** Value as text. */
  asText(expression: string): string;
  /** Value for a comparison with a column. */
  literal(value: string, column: ColumnFacts): string;
  /** Column of days, as SQL that sorts rows by them. */
  inOrder(column: ColumnFacts): string;
  /** Table to put after FROM. The columns `ids` stay texts. */
  table(table: TableFacts, ids: readonly string[]): string;
}

/** Table composed of others by a query. */
export interface MadeTable {
  /** Tables it is composed of, the main one first. */
  parts: readonly TableFacts[];
  /** Query that composes it. */
  query(sql: SqlTexts): string;
  /** Evidence for the composition, as a comment. */
  why: string;
  /** Columns whose meaning the composition knows. */
  class?: string;
  closed?: string;
  /** Columns that have another name in the made table than in its parts, by the name in the table. */
  renamed?: Readonly<Record<string, ColumnFacts>>;
}

/** Table accessible in the engine of the survey. */
export interface ReachedTable {
  name: string;
  /** SQL to put after FROM. */
  from: string;
  /** Delimiter of files whose columns have no types. Absent: other tables. */
  delimiter?: string | undefined;
  /** Further columns that are moments. Others are recognised by type or text. */
  moments: ReadonlySet<string>;
}

/** Most values that are listed. */
const fewValues = 60;

/** Counts and limits of a column, as items of a SELECT with its position in their names. */
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
 * Surveys a table: types, nulls, distinct values, dates. Reads all of it, and stores values only of columns with few distinct
 * ones.
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
    // Eight digits may be a date by chance. They are then outside the centuries of a bank's dates.
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

/** Whether a column can be a key: text or integers, and no dates. */
export function canBeKey({ kind, isDate, distinct }: ColumnFacts): boolean {
  return (kind === 'text' || kind === 'integer') && !isDate && distinct > 1;
}

/** Share of a table's rows that can repeat the id of another, or have none. */
const fewRepeats = 0.01;

/** Whether all values are distinct, except for a few rows that repeat another's or have none. */
export function isNearlyUnique({ distinct, nulls }: ColumnFacts, { rows }: TableFacts): boolean {
  return nulls <= fewRepeats * rows && rows - nulls - distinct <= fewRepeats * rows;
}

/** Whether all values are distinct. */
export function isUnique({ distinct, nulls }: ColumnFacts, { rows }: TableFacts): boolean {
  return nulls === 0 && distinct === rows;
}

/** Values of a column, if they are few. */
export function valueTexts({ values }: ColumnFacts): string[] {
  return (values ?? []).map(({ value }) => value);
}

/** Column of a table by its name. */
export function columnOf(table: TableFacts, name: string): ColumnFacts {
  return table.columns.find((column) => column.name === name)!;
}

/** Names of the bank's tables that a table is, or is composed of. */
export function partNames({ name, made }: TableFacts): string[] {
  return made ? [...new Set(made.parts.flatMap(partNames))] : [name];
}

/** Whether a table is the bank's table of this name, or is composed of it. */
export function isNamed(table: TableFacts, name: string): boolean {
  return partNames(table).includes(name);
}
