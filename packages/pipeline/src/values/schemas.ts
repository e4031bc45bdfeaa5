import { type CalendarSpan, isPlainDate, parseSpan } from '@basketwise/core';
import { z } from 'zod';

/** Text that is not empty. */
export const text = z.string('expected text').trim().min(1, 'expected text, found nothing');

/** Product class, in Unicode normal form C like the names of products. */
export const productClass = text.normalize('NFC').meta({ title: 'class' });

/**
 * Whether every JavaScript object has a property of this name, such as `constructor`. A lookup would find this property in a
 * config that does not have the name.
 */
function isInherited(word: string): boolean {
  return word in {};
}

/** Column of a bank's table, as written by the bank. SQL quotes it. */
export const column = text
  .refine((word) => !isInherited(word), 'expected another name: this one has a meaning of its own; `derive` can rename it')
  .meta({ title: 'column' });

/** Name of an environment variable. No message quotes an invalid one, because it may be the secret itself. */
export const variable = text
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected the name of an environment variable: letters, digits and `_`')
  .meta({ title: 'environment variable' });

/** Name or address of a server. */
export const host = text.regex(/^[^\s/@]+$/, 'expected the name or address of a server alone: no URL, and no user before it');

/** SQL expression or predicate. */
export const sql = text.meta({ title: 'SQL' });

/** Name defined in the config. It becomes part of file names and columns. */
export const name = z
  .string('expected a name')
  .regex(/^[\p{L}\p{N}_][\p{L}\p{N}_-]*$/u, 'expected a name of letters, digits, `-` and `_`')
  // File names have at most 255 bytes, including prefixes and suffixes.
  .refine((word) => Buffer.byteLength(word) <= 200, 'expected a name of at most 200 bytes')
  .refine((word) => !isInherited(word), 'expected another name: this one has a meaning of its own')
  .meta({ title: 'name' });

/** Number that is neither NaN nor infinite. */
export const number = z.number('expected a number');

/** Schema of a whole number from `least` to `most`. */
export function whole(least: number, most = 2 ** 31 - 1) {
  return z
    .number(`expected a whole number`)
    .int('expected a whole number')
    .min(least, `expected at least ${least}`)
    .max(most, `expected at most ${most}`);
}

/** Share, 0 to 1. */
export const share = z.number('expected a number from 0 to 1').min(0, 'expected at least 0').max(1, 'expected at most 1');

/** Seed of a random number generator. */
export const seedSchema = whole(0, 2 ** 32 - 1);

function isZone(name: string): boolean {
  try {
    // An offset such as +09:00 is no zone, because it does not say when clocks change.
    return /^[A-Za-z]/.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** IANA time zone. */
export const timeZone = text.refine(isZone, 'expected a time zone such as `Asia/Seoul`');

/** Day, `YYYY-MM-DD`. */
export const plainDate = z
  .string('expected a date, YYYY-MM-DD')
  .refine(isPlainDate, 'expected a date that exists, YYYY-MM-DD')
  .meta({ title: 'day' });

/** Schema of a text that is parsed to a value. @param title name of the kind of value, for the JSON Schema */
function parsedText<T>(title: string, parse: (text: string) => T | undefined, expected: string) {
  const schema = z.string(`expected ${expected}`).transform((value, context): T => {
    const result = parse(value);
    if (result === undefined) context.addIssue({ code: 'custom', message: `expected ${expected}` });
    return result as T;
  });
  return schema.meta({ title });
}

/** Calendar distance: `6 months`, `1 year`. */
export const span = parsedText<CalendarSpan>(
  'span',
  parseSpan,
  'a time such as `10 days`, `6 months` or `1 year`, at most 100 years',
);

/** Calendar distance that can be 0: `1 month`, `0 days`. */
export const spanOrNone = parsedText<CalendarSpan>(
  'span',
  (text) => (/^0 ?(day|week|month|year)s?$/.test(text.trim()) ? { months: 0, days: 0 } : parseSpan(text)),
  'a time such as `10 days`, `1 month` or `0 days`',
);

/** Duration in milliseconds: `10s`, `30m`. */
export const time = parsedText<number>('time', parseTime, 'a time such as `10s`, `30m` or `2h`, at most 500h');

/** Size of memory in bytes: `4GB`. */
export const size = parsedText<number>('size', parseSize, 'a size such as `512MB` or `4GB`, at most 1024TB');

const timeUnits: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const sizeUnits: Record<string, number> = { B: 1, KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 };

/** Largest duration in milliseconds. A timer of more than 2^31 - 1 milliseconds would fire at once. */
const longestTime = 500 * 3_600_000;
const largestSize = 2 ** 50;

/** Parses a duration such as `10s`, `30m`, `2h` or `500ms` to milliseconds. Undefined for an invalid text, or if it is above 500 hours. */
function parseTime(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?(ms|s|m|h)$/.exec(text.trim());
  const time = match ? Number(match[1]) * timeUnits[match[2]!]! : undefined;
  return time !== undefined && time <= longestTime ? time : undefined;
}

/**
 * Parses a size of memory such as `4GB`, `512 MB` or `1.5GiB` (powers of 1024) to bytes. Undefined for an invalid text, or if the
 * size is below 1 byte or above 1024 TB.
 */
function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?([KMGT]?)i?B$/i.exec(text.trim());
  const size = match ? Math.round(Number(match[1]) * sizeUnits[`${match[2]!.toUpperCase()}B`]!) : 0;
  return size >= 1 && size <= largestSize ? size : undefined;
}
