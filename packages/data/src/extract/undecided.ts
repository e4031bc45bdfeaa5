import type { Dialect } from '../engine/dialect.ts';
import { closingBracket, isSign, type SqlToken, sqlWords } from '../engine/sql-tokens.ts';

/** Part of an SQL text whose value can change without a change of the tables, such as the time. */
export interface Undecided {
  /** The part as it is written. */
  call: string;
  kind: 'clock' | 'random';
}

/** Words that read the clock, with or without brackets. */
const clocks = new Set(['current_date', 'current_time', 'current_timestamp', 'localtime', 'localtimestamp', 'sysdate']);
/** Functions that read the clock, with any arguments. */
const clockCalls = new Set([
  ...['now', 'today', 'curdate', 'getdate', 'transaction_timestamp', 'statement_timestamp', 'clock_timestamp', 'timeofday'],
]);
/** Functions that return a random number, text or order. */
const drawingFunctions = new Set([
  ...[
    'random',
    'random_normal',
    'shuffle',
    'uuid',
    'uuidv4',
    'uuidv7',
    'gen_random_uuid',
    'uuid_generate_v1',
    'uuid_generate_v4',
  ],
  ...['nextval', 'monotonically_increasing_id'],
]);
/** Functions that are random only if they have no seed as argument. */
const seeded = new Set(['rand', 'randn']);
/** Texts that mean the current time if they are converted to dates. */
const clockTexts = new Set(['now', 'today', 'tomorrow', 'yesterday']);
const dateTypes = new Set(['date', 'time', 'timestamp', 'timestamptz', 'timetz', 'zone']);

/**
 * Finds the first part of a server's SQL that reads the clock or is random, by its words. The views and functions of the server
 * are not searched. A column that has the name of such a word must be quoted, or have the table's name before it.
 */
export function undecidedIn(dialect: Dialect, sql: string): Undecided | undefined {
  const words = sqlWords(dialect, sql);
  for (const i of words.keys()) {
    const found = kindAt(words, i);
    if (found) return { kind: found.kind, call: sql.slice(words[i]!.start, words[found.last]!.end).slice(0, 80) };
  }
  return undefined;
}

function kindAt(words: readonly SqlToken[], i: number): { kind: Undecided['kind']; last: number } | undefined {
  const { kind, value } = words[i]!;
  const wordAt = (at: number) => (words[at]?.kind === 'word' ? words[at]!.value.toLowerCase() : '');
  const name = value.toLowerCase();
  if (kind === 'text') {
    const isTyped =
      dateTypes.has(wordAt(i - 1)) || isSign(words[i + 1], ':') || (isSign(words[i - 1], '(') && wordAt(i - 2) === 'cast');
    return clockTexts.has(name.trim()) && isTyped ? { kind: 'clock', last: i } : undefined;
  }
  if (kind !== 'word' && kind !== 'name') return undefined;
  if (isSign(words[i - 1], ':') || (isSign(words[i - 1], '.') && words[i - 2]?.value.toLowerCase() !== 'pg_catalog'))
    return undefined;
  if (kind === 'word' && name === 'tablesample') {
    const open = isSign(words[i + 1], '(') ? i + 1 : i + 2;
    const close = closingBracket(words, open);
    // Hive selects the rows of a bucket by a hash, so the sample is always the same.
    const isFixed = wordAt(open + 1) === 'bucket' || wordAt(close + 1) === 'repeatable';
    return isFixed ? undefined : { kind: 'random', last: close };
  }
  if (!isSign(words[i + 1], '(')) {
    return kind === 'word' && clocks.has(name) && !isSign(words[i + 1], '.') ? { kind: 'clock', last: i } : undefined;
  }
  const last = closingBracket(words, i + 1);
  const count = countArguments(words, i + 1, last);
  if (clocks.has(name) || clockCalls.has(name)) return { kind: 'clock', last };
  if (name === 'unix_timestamp' && count === 0) return { kind: 'clock', last };
  if (name === 'age' && count === 1) return { kind: 'clock', last };
  if (drawingFunctions.has(name) || (seeded.has(name) && count === 0)) return { kind: 'random', last };
  return undefined;
}

function countArguments(words: readonly SqlToken[], open: number, close: number): number {
  if (close <= open + 1) return 0;
  let [depth, count] = [0, 1];
  for (const { kind, value } of words.slice(open + 1, close)) {
    if (kind !== 'sign') continue;
    if (value === '(' || value === '[') depth++;
    else if (value === ')' || value === ']') depth--;
    else if (value === ',' && depth === 0) count++;
  }
  return count;
}
