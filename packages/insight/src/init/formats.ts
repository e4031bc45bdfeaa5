import { dateFormatFault, type Engine, openRelation, queryRows } from '@basketwise/data';
import { type ColumnFacts, type ReachedTable, surveyTable, type TableFacts } from './survey.ts';
import { kindScore } from './words.ts';

/** Format of a column's values, found from all its rows. */
interface FoundFormat {
  column: ColumnFacts;
  /** A date format (`date_format` of the config), or `,` for numbers with a decimal comma. */
  format: string;
  /** Whether the values fit both orders of day and month, so that either of the first two parts can be the day. */
  isEither: boolean;
}

/** Table that was surveyed before its formats were applied, with the formats found. */
export interface UnreadTable {
  reached: ReachedTable;
  table: TableFacts;
  formats: readonly FoundFormat[];
}

/** Smallest share of a column's values that must have the format. A later run refuses the other values, and gives their rows. */
const leastFormatShare = 0.98;
/** Largest length of a date with a time. */
const longestDate = 24;
const comma = ',';

/** Formats that a value can have. A format with the day first comes before the same format with the month first. */
function formatsLike(value: string, isNamedDate: boolean): string[] {
  const timeOf = (rest: string) => rest.replace(/\d\d:\d\d:\d\d$/, 'HH:mm:ss').replace(/\d\d:\d\d$/, 'HH:mm');
  const last = /^\d{1,2}([./-] ?)\d{1,2}\1(\d{4}|\d{2})(\.?|[ T]\d\d:\d\d(?::\d\d)?)$/.exec(value);
  if (last) {
    const [, sign, year, rest] = last;
    const tail = `${sign}${year!.length === 4 ? 'YYYY' : 'YY'}${timeOf(rest!).replace('T', ' ')}`;
    if (year!.length === 2) return [`DD${sign}MM${tail}`];
    return [`DD${sign}MM`, `MM${sign}DD`, `D${sign}M`, `M${sign}D`].map((order) => `${order}${tail}`);
  }
  const first = /^\d{4}([./-] ?|년 ?)\d{1,2}(\1|월 ?)\d{1,2}(일|\.?|[ T]\d\d:\d\d(?::\d\d)?)$/.exec(value);
  if (first) return ['MM DD', 'M D'].map((two) => `YYYY${first[1]}${two.replace(' ', first[2]!)}${timeOf(first[3]!)}`);
  // A value that has only digits may be a number or an id.
  if (!isNamedDate) return [];
  if (/^\d{7,8}$/.test(value)) return ['DDMMYYYY', 'MMDDYYYY'];
  return /^\d{5}([.,]\d+)?$/.test(value) ? ['excel'] : [];
}

/** Whether a value is an Excel serial day of the years 1927 to 2100, or of 9999-12-31. */
const isSerial = (value: string) => {
  const day = Number(value.replace(',', '.'));
  return (day >= 10_000 && day <= 73_415) || day === 2_958_465;
};

/** Words in the names of columns of amounts. */
const amounts = /amount|balance|limit|price|value|fee|saldo|importe|monto|betrag|solde|montant|valor|금액|잔액|한도/i;

/** Whether the name of a column means a date. */
function isNamedDate({ name }: ColumnFacts): boolean {
  const kinds = ['opened', 'closed', 'saleEnd', 'joined', 'birth', 'recorded'] as const;
  if (amounts.test(name)) return false;
  return /date|datum|fecha|dt$|일자|day$/i.test(name) || kinds.some((kind) => kindScore(name, kind) > 0);
}

/** SQL for a column as text, without blanks around it. */
const trimmedSql = ({ dialect }: Engine, { name }: ColumnFacts) => `trim(${dialect.asText(dialect.identifier(name))})`;

/** Surveys a table, and finds the formats of its columns. Reads all rows. */
export async function surveyUnread(engine: Engine, reached: ReachedTable): Promise<UnreadTable> {
  const table = await surveyTable(engine, reached);
  const { dialect } = engine;
  const columns = table.columns.filter(
    ({ kind, isDate, longest, nulls }) =>
      !isDate && nulls < table.rows && (kind === 'text' ? longest <= longestDate : kind === 'integer' || kind === 'number'),
  );
  const ends = columns.flatMap((column, i) => {
    const text = trimmedSql(engine, column);
    const begun = `CASE WHEN ${dialect.matches(text, '[+-]?[0-9].*')} THEN ${text} END`;
    return [`min(${begun}) AS least_${i}`, `max(${begun}) AS most_${i}`];
  });
  const [row] = ends.length > 0 ? await queryRows(engine, `SELECT ${ends.join(', ')} FROM ${table.from} t`) : [];
  const formats: FoundFormat[] = [];
  for (const [i, column] of columns.entries()) {
    const values = [row![`least_${i}`], row![`most_${i}`]].filter((value) => value !== null).map(String);
    const like = new Set(values.flatMap((value) => formatsLike(value, isNamedDate(column))));
    if (!values.every(isSerial)) like.delete('excel');
    const dates = [...like];
    const isNumber = column.kind === 'text' && values.some((value) => /^[+-]?[\d.]*(,\d+)?$/.test(value));
    const found = await formatOf(engine, table, column, isNumber ? [...dates, comma] : dates);
    if (found) formats.push(found);
  }
  return { reached, table, formats };
}

/** Format that nearly all values of a column have. If there are several such formats, the one with most values (ties: the first). */
async function formatOf(
  engine: Engine,
  { from, rows }: TableFacts,
  column: ColumnFacts,
  candidates: readonly string[],
): Promise<FoundFormat | undefined> {
  if (candidates.length === 0) return undefined;
  const { dialect } = engine;
  const text = trimmedSql(engine, column);
  const counted = (condition: string) => `CAST(count(CASE WHEN ${condition} THEN 1 END) AS DOUBLE)`;
  const items = await Promise.all(
    candidates.map(async (format, i) => {
      // A date with a year of two digits cannot be converted, so only the form of the text is compared.
      if (/[^Y]YY$/.test(format))
        return `${counted(dialect.matches(text, '[0-9]{1,2}[./-] ?[0-9]{1,2}[./-] ?[0-9]{2}'))} AS n_${i}`;
      const { from: read } = await openRelation(engine, sourceOf(from, [{ column, format }]), {});
      return `(SELECT CAST(count(${dialect.identifier(column.name)}) AS DOUBLE) FROM ${read} r) AS n_${i}`;
    }),
  );
  // A comma before exactly three digits does not count, because it may separate thousands.
  const decimals = counted(dialect.matches(text, '.*,([0-9]{1,2}|[0-9]{4,})'));
  const [found] = await queryRows(engine, `SELECT ${[...items, `${decimals} AS decimals`].join(', ')} FROM ${from} t`);
  const counts = candidates.map((format, i) =>
    format === comma && Number(found!.decimals) === 0 ? 0 : Number(found![`n_${i}`]),
  );
  const most = Math.max(...counts);
  if (most === 0 || most < leastFormatShare * (rows - column.nulls)) return undefined;
  const best = candidates.filter((_, i) => counts[i] === most);
  return { column, format: best[0]!, isEither: best.includes(swapped(best[0]!)) && swapped(best[0]!) !== best[0] };
}

/** The format with day and month exchanged. */
export function swapped(format: string): string {
  return format.replace(/^(DD?)([^A-Z]*)(MM?)/, '$3$2$1');
}

/** Order of day and month in all columns whose values show it. Undefined if columns differ, or no column shows it. */
function knownOrder(formats: readonly FoundFormat[]): string | undefined {
  const shown = formats.filter(
    ({ format, isEither }) => !isEither && /^[DM]/.test(format) && dateFormatFault(format) === undefined,
  );
  const [first, ...others] = new Set(shown.map(({ format }) => (format.startsWith('M') ? 'MM/DD' : 'DD/MM')));
  return others.length === 0 ? first : undefined;
}

/** Source of a table with the formats of its columns. */
function sourceOf(from: string, formats: readonly Pick<FoundFormat, 'column' | 'format'>[]) {
  const of = (isNumber: boolean) => formats.filter(({ format }) => (format === comma) === isNumber);
  return {
    sql: `SELECT * FROM ${from} t`,
    dateFormat: Object.fromEntries(of(false).map(({ column, format }) => [column.name, format])),
    decimalComma: of(true).map(({ column }) => column.name),
  };
}

/**
 * Surveys tables again, with their formats applied. If the values of a column fit both orders of day and month, other columns of
 * the bank decide, then the choice of a person. If neither decides, the day is first.
 * @param order choice of the person, DD/MM or MM/DD
 */
export async function readFormats(
  engine: Engine,
  unread: readonly UnreadTable[],
  order: string | undefined,
): Promise<TableFacts[]> {
  const known = knownOrder(unread.flatMap(({ formats }) => formats));
  const isSwapped = (order ?? known) === 'MM/DD';
  const tables: TableFacts[] = [];
  for (const { reached, table, formats } of unread) {
    const read = formats.map((one) => ({ ...one, format: one.isEither && isSwapped ? swapped(one.format) : one.format }));
    const valid = read.filter(({ format }) => format === comma || dateFormatFault(format) === undefined);
    const { from } = await openRelation(engine, sourceOf(table.from, valid), {});
    const surveyed = valid.length === 0 ? table : await surveyTable(engine, { ...reached, from });
    const columns = surveyed.columns.map((column): ColumnFacts => {
      const found = read.find((one) => one.column.name === column.name);
      if (!found) return column;
      if (found.format === comma) return { ...column, hasComma: true };
      return {
        ...column,
        format: found.format,
        ...(found.isEither && order === undefined && known === undefined && { isEither: true }),
      };
    });
    tables.push({ ...surveyed, columns });
  }
  return tables;
}
