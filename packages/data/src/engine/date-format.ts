import type { Dialect, TypeKind } from './dialect.ts';

/** Units of a date format, each with its possible numbers of digits. */
const units = { YYYY: [4], MM: [2], M: [1, 2], DD: [2], D: [1, 2], HH: [2], mm: [2], ss: [2] } as const;

/**
 * Format of Excel's serial days: 1 stands for 1900-01-01. Days before 61 are refused, because Excel counts a 29th of February
 * 1900.
 */
const excel = 'excel';
const serials = { first: 61, last: 2_958_465, dayBefore: '1899-12-30' } as const;

/** Part of a format: a unit, or the characters between two units. */
type Part = { unit: keyof typeof units } | { sign: string };

/** Splits a format into its parts. Returns a text with the reason if the format is invalid. */
function partsOf(format: string): readonly Part[] | string {
  if (format.includes('|')) return 'day and month can be in either order: choose one of the two formats';
  const words = format.match(/[A-Za-z]+|[^A-Za-z]+/g) ?? [];
  if (/(^|[^Y])YY([^Y]|$)/.test(format)) return 'a year of two digits can be of two centuries: deliver years with four digits';
  const parts = words.flatMap((word): Part[] => {
    if (!/^[A-Za-z]/.test(word)) return [{ sign: word }];
    return (word.match(/YYYY|MM|M|DD|D|HH|mm|ss|./g) ?? []).map((unit) => ({ unit: unit as keyof typeof units }));
  });
  const found = parts.flatMap((part) => ('unit' in part ? [part.unit] : []));
  const counted = (...names: string[]) => found.filter((unit) => names.includes(unit)).length;
  if (
    found.some((unit) => !Object.hasOwn(units, unit)) ||
    parts.some((part) => 'sign' in part && /[0-9'"\\^[\]]/.test(part.sign))
  )
    return 'expected YYYY, MM or M, and DD or D with signs between them, such as DD/MM/YYYY; a time is HH, mm and ss; or `excel`';
  if ([counted('YYYY'), counted('MM', 'M'), counted('DD', 'D')].some((count) => count !== 1))
    return 'expected one year, one month and one day, such as DD/MM/YYYY, or `excel` for serial days';
  const isBare = parts.some((part, i) => i > 0 && 'unit' in part && part.unit.length === 1 && 'unit' in parts[i - 1]!);
  const isFollowed = parts.some((part, i) => 'unit' in part && part.unit.length === 1 && parts[i + 1] && 'unit' in parts[i + 1]!);
  return isBare || isFollowed ? 'M and D have one or two digits: put signs around them, or write MM and DD' : parts;
}

/** Reason why a text is not a valid date format. Undefined if it is one, such as DD/MM/YYYY or `excel`. */
export function dateFormatFault(format: string): string | undefined {
  if (format === excel) return undefined;
  const parts = partsOf(format);
  return typeof parts === 'string' ? parts : undefined;
}

/**
 * SQL for the dates in a column whose values have a format. It is null for a value that is null, blank, or not such a date.
 * @param format valid format (see `dateFormatFault`)
 * @param kind kind of the column's type; a column of dates is only cast
 */
export function formattedDate(dialect: Dialect, column: string, kind: TypeKind, format: string): string {
  if (kind === 'date') return dialect.asDate(column, kind);
  const text = `trim(${dialect.asText(column)})`;
  if (format === excel) return serialDate(dialect, text);
  const parts = partsOf(format) as readonly Part[];
  const widths = parts.flatMap((part) => ('unit' in part ? units[part.unit] : [part.sign.length]));
  // A date stored as an integer has lost its leading zero.
  const isShort =
    kind === 'integer' && parts.every((part) => 'unit' in part) && !('unit' in parts[0]! && parts[0].unit === 'YYYY');
  const whole = isShort
    ? `CASE WHEN length(${text}) = ${widths.reduce<number>((sum, width) => sum + width, 0) - 1} THEN concat('0', ${text}) ELSE ${text} END`
    : text;
  const branches = widthsOf(parts).map((widths) => {
    const { pattern, iso } = fixedWidths(parts, widths, whole);
    return `WHEN ${dialect.matches(whole, pattern)} THEN ${iso}`;
  });
  return dialect.asDate(`(CASE ${branches.join(' ')} END)`, 'text');
}

/** All combinations of the numbers of digits of a format's units, in the order of the units. */
function widthsOf(parts: readonly Part[]): number[][] {
  return parts.reduce<number[][]>(
    (all, part) => {
      const widths = 'unit' in part ? units[part.unit] : [part.sign.length];
      return all.flatMap((before) => widths.map((width) => [...before, width]));
    },
    [[]],
  );
}

/** For given numbers of digits: the pattern of the texts that match, and SQL for the date in such a text, as YYYY-MM-DD. */
function fixedWidths(parts: readonly Part[], widths: readonly number[], text: string): { pattern: string; iso: string } {
  const found = { Y: '', M: '', D: '' };
  let start = 1;
  const patterns = parts.map((part, i) => {
    const width = widths[i]!;
    const at = start;
    start += width;
    if ('sign' in part) return part.sign.replaceAll(/[.*+?(){}|$]/g, '[$&]');
    const digits = `substr(${text}, ${at}, ${width})`;
    const key = part.unit[0] as keyof typeof found;
    if (Object.hasOwn(found, key)) found[key] = width === 1 ? `'0', ${digits}` : digits;
    return `[0-9]{${width}}`;
  });
  return { pattern: patterns.join(''), iso: `concat(${found.Y}, '-', ${found.M}, '-', ${found.D})` };
}

/** SQL for the date of an Excel serial day. The fraction, a time, is ignored. */
function serialDate(dialect: Dialect, text: string): string {
  const number = `floor(${dialect.asNumber(`replace(${text}, ',', '.')`)})`;
  const day = dialect.daysAfter(serials.dayBefore, number);
  return (
    `CASE WHEN ${dialect.matches(text, '[0-9]{2,7}([.,][0-9]+)?')} THEN` +
    ` CASE WHEN ${number} BETWEEN ${serials.first} AND ${serials.last} THEN ${day} END END`
  );
}

/**
 * SQL for a number written with a decimal comma and with points between thousands. It is null for a value that is null, blank, or
 * not such a number.
 */
export function commaNumber(dialect: Dialect, column: string): string {
  const text = `trim(${dialect.asText(column)})`;
  const isNumber = dialect.matches(text, '[+-]?([0-9]{1,3}([.][0-9]{3})+|[0-9]+)(,[0-9]+)?');
  return `CASE WHEN ${isNumber} THEN ${dialect.asNumber(`replace(replace(${text}, '.', ''), ',', '.')`)} END`;
}

/**
 * Hint for dates that are invalid.
 * @param also other values that are allowed there
 */
export function dateHint(also = ''): string {
  return `Deliver dates as DATE, YYYY-MM-DD, YYYYMMDD or ISO timestamps${also}, or give their format in \`date_format\`.`;
}
