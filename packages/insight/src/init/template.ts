import { percent } from '@basketwise/data/base';
import type { ConfigWriter } from './config-writer.ts';
import { swapped } from './formats.ts';
import type { Guess } from './guess.ts';
import { isUnsure, type RoleName, type Roles } from './roles.ts';
import type { ColumnFacts, SqlTexts, TableFacts } from './survey.ts';

/** Guess of a key of the config: its value with the evidence, or the comment that takes its place. */
export interface KeyGuess {
  key: string;
  /** Absent: the config gets the comment `key: absent`, if there is one. */
  value?: unknown;
  why?: string;
  absent?: string | undefined;
  /** Note on a change that a person must make before a run. */
  edit?: string | false | undefined;
  /** Note on a value that a person should check. */
  check?: string | false | undefined;
}

/** Writes the keys of a section, with their notes. @param place key of the section, such as `tables.holdings`; empty: the config itself */
export function writeKeys(out: ConfigWriter, place: string, keys: readonly KeyGuess[]): void {
  const parts = place.split('.').filter(Boolean);
  for (const { key, value, why, absent, edit, check } of keys) {
    const path = [...parts, key].join('.');
    if (value !== undefined) out.entry(2 * parts.length, key, value, why);
    else if (absent !== undefined) out.comment(2 * parts.length, `${key}: ${absent}`);
    if (edit) out.note('edit', path, edit);
    if (check) out.note('check', path, check);
  }
}

/** Key whose value is the name of a guessed column. */
export const columnKey = (key: string, { column, why, others }: Guess, absent?: string, effect = ''): KeyGuess => ({
  ...{ key, value: column?.name, why: `${why}${effect}${also(others)}`, absent },
});

/** Text that names other candidate columns, for the end of a sentence. */
export const also = (others: Guess['others']) =>
  others.length === 0 ? '' : `; it could also be ${others.map(({ name }) => name).join(', ')}`;

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
  const doubt = roles.doubts?.[role];
  const unsure =
    isUnsure(roles, role) && runnerUp
      ? `${table.name} and ${runnerUp.name} fit about as well (confidence ${percent(value, 0)}): choose one. The columns below are those of ${table.name}`
      : undefined;
  if (doubt !== undefined) writeKeys(out, `tables.${role}`, [{ key: 'from', absent: table.name, edit: doubt }]);
  else if (unsure !== undefined)
    writeKeys(out, `tables.${role}`, [{ key: 'from', absent: `${table.name} | ${runnerUp!.name}`, edit: unsure }]);
  else if (table.made) {
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
 * @param place key of the table
 */
export function writeFormats(
  out: ConfigWriter,
  place: string,
  { columns }: TableFacts,
  used: readonly (ColumnFacts | undefined)[],
): void {
  const isUsed = ({ name }: ColumnFacts) => used.some((column) => column?.name === name);
  const isEnd = !place.startsWith('tables.customers');
  const dated = columns.filter((column) => column.format !== undefined && (hasShortYear(column.format) ? isEnd : isUsed(column)));
  for (const doubt of dated.flatMap((column) => doubtOf(column) ?? [])) {
    out.comment(2 * place.split('.').length, doubt);
    out.note('edit', `${place}.date_format`, doubt);
  }
  const formats = dated.map(({ name, format, isEither }) => [name, isEither ? `${format} | ${swapped(format!)}` : format]);
  const numbers = columns.filter((column) => column.hasComma && isUsed(column)).map(({ name }) => name);
  writeKeys(out, place, [
    ...(dated.length > 0 ? [{ key: 'date_format', value: Object.fromEntries(formats), why: 'found from all rows' }] : []),
    ...(numbers.length > 0 ? [{ key: 'decimal_comma', value: numbers }] : []),
  ]);
}
