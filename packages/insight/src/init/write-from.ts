import { percent } from '@basketwise/data/published';
import type { ConfigWriter } from './config-writer.ts';
import { swapped } from './formats.ts';
import { isUnsure, type RoleName, type Roles } from './roles.ts';
import type { ColumnFacts, SqlTexts, TableFacts } from './survey.ts';

/** Reason for each step that made a table, in the order of the steps. */
function compositionsOf({ made }: TableFacts): string[] {
  return made ? [...made.parts.flatMap(compositionsOf), made.why] : [];
}

/** Writes comments and notes on how a table is made. */
export function writeCompositions(out: ConfigWriter, role: RoleName, table: TableFacts): void {
  for (const why of compositionsOf(table)) {
    out.comment(4, why);
    out.note('check', `tables.${role}.sql`, why);
  }
}

/**
 * Writes the key `from` of a table, or `sql` of a made table. If a person must choose the table, writes a comment with the two best
 * tables instead. A run refuses the config until the person has chosen.
 */
export function writeFrom(out: ConfigWriter, role: RoleName, roles: Roles, sql: SqlTexts): void {
  const { table } = roles[role];
  const { value, runnerUp } = roles.confidence[role];
  if (isUnsure(roles, role) && runnerUp) {
    out.comment(4, `from: ${table.name} | ${runnerUp.name}`);
    out.note(
      'edit',
      `tables.${role}.from`,
      `${table.name} and ${runnerUp.name} fit about as well (confidence ${percent(value, 0)}): choose one. The columns below are those of ${table.name}`,
    );
  } else if (table.made) {
    writeCompositions(out, role, table);
    out.block(4, 'sql', table.made.query(sql));
  } else out.entry(4, 'from', table.name);
}

/** Whether a date format has years of two digits. A run refuses such a format. */
const hasShortYear = (format: string | undefined) => format !== undefined && /[^Y]YY$/.test(format);

/** Reason why a run refuses the format of a column. Undefined if it accepts the format. */
function doubtOf({ name, format, isEither }: ColumnFacts): string | undefined {
  if (isEither) return `${name} has no day above 12: ${format} or ${swapped(format!)}. Choose one: runs end with 78 until then`;
  if (!hasShortYear(format)) return undefined;
  return `years of ${name} have two digits, which can be of two centuries: deliver four, then write its format here`;
}

/**
 * Writes `date_format` and `decimal_comma` of a table, for the columns that the config uses.
 * If both orders of day and month are possible, a run refuses the config until a person has chosen one. A run also refuses years of
 * two digits in the columns of holdings and products, because a column may be a closing date or an end of sale.
 * @param place key of the table, for notes
 */
export function writeFormats(
  out: ConfigWriter,
  [indent, place]: readonly [number, string],
  { columns }: TableFacts,
  used: readonly (ColumnFacts | undefined)[],
): void {
  const isUsed = ({ name }: ColumnFacts) => used.some((one) => one?.name === name);
  const isEnd = !place.startsWith('tables.customers');
  const dated = columns.filter((column) => column.format !== undefined && (hasShortYear(column.format) ? isEnd : isUsed(column)));
  if (dated.length > 0) {
    const formats = dated.map(({ name, format, isEither }) => [name, isEither ? `${format} | ${swapped(format!)}` : format]);
    for (const doubt of dated.flatMap((column) => doubtOf(column) ?? [])) {
      out.comment(indent, doubt);
      out.note('edit', `${place}.date_format`, doubt);
    }
    out.entry(indent, 'date_format', Object.fromEntries(formats), 'found from all rows');
  }
  const numbers = columns.filter((column) => column.hasComma && isUsed(column)).map(({ name }) => name);
  if (numbers.length > 0) out.entry(indent, 'decimal_comma', numbers);
}
