import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { duckdbDialect } from '../engine/dialect.ts';
import type { RelationOptions } from '../engine/engine.ts';
import { queryRows } from '../engine/query-rows.ts';
import { closingBracket, type SqlToken, sqlWords } from '../engine/sql-tokens.ts';
import { decodeFile } from './csv-file.ts';
import { utf8 } from './encoding.ts';
import type { DuckdbSession } from './session.ts';

/** Cache of decoded files. For each engine and file pattern in SQL, it has the pattern of the UTF-8 copies. */
const copies = new WeakMap<DuckdbSession, Map<string, Promise<string>>>();

/**
 * Rewrites a query so that it reads UTF-8 copies of its CSV files, if the config names another encoding. Files that the SQL reads
 * with an `encoding` of its own are not copied.
 */
export async function decodedQuery(engine: DuckdbSession, sql: string, options: RelationOptions): Promise<string> {
  const { encoding = utf8 } = engine.options;
  if (encoding === utf8) return sql;
  const words = sqlWords(duckdbDialect, sql);
  const made = copies.get(engine) ?? new Map<string, Promise<string>>();
  copies.set(engine, made);
  const parts: string[] = [];
  let end = 0;
  for (const [i, word] of words.entries()) {
    if (!namesCsv(words, i)) continue;
    const copy = made.get(word.value) ?? decodedFiles(engine, word.value, encoding, options);
    made.set(word.value, copy);
    parts.push(sql.slice(end, word.start), duckdbDialect.text(await copy));
    end = word.end;
  }
  return parts.join('') + sql.slice(end);
}

/**
 * Whether a token names CSV files in the encoding of the config. Such a token follows FROM or JOIN, or is in a `read_csv` without
 * an encoding.
 */
function namesCsv(words: readonly SqlToken[], at: number): boolean {
  const { kind, value } = words[at]!;
  if ((kind !== 'text' && kind !== 'name') || !/\.(csv|tsv|txt)(\.gz)?$/i.test(value)) return false;
  if (/^(from|join)$/i.test(words[at - 1]?.value ?? '')) return true;
  const open = openBracket(words, at);
  if (open < 1 || !/^read_csv(_auto)?$/i.test(words[open - 1]!.value)) return false;
  const call = words.slice(open, closingBracket(words, open));
  return !call.some((word, i) => word.value.toLowerCase() === 'encoding' && /^[:=]$/.test(call[i + 1]?.value ?? ''));
}

/** Index of the bracket that encloses a token; -1 if none does. */
function openBracket(words: readonly SqlToken[], at: number): number {
  let depth = 0;
  for (let i = at - 1; i >= 0; i--) {
    if (words[i]!.kind !== 'sign') continue;
    if (words[i]!.value === ')') depth++;
    if (words[i]!.value === '(' && depth-- === 0) return i;
  }
  return -1;
}

/**
 * Makes UTF-8 copies of the files that match a pattern. Returns the pattern of the copies. If no file matches, returns the given
 * pattern.
 */
async function decodedFiles(
  engine: DuckdbSession,
  pattern: string,
  encoding: string,
  { signal }: RelationOptions,
): Promise<string> {
  const found = await queryRows(engine, `SELECT file FROM glob(${duckdbDialect.text(pattern)}) ORDER BY file`);
  if (found.length === 0) return pattern;
  const folder = engine.temporaryFile('');
  await mkdir(folder, { mode: 0o700 });
  const files = found.map(({ file }) => String(file));
  const targets = files.map((file, i) => join(folder, `${String(i).padStart(6, '0')}-${basename(file).replace(/\.gz$/i, '')}`));
  for (const [i, file] of files.entries()) await decodeFile(file, encoding, targets[i]!, signal);
  return targets.length === 1 ? targets[0]! : join(folder, `*${/\.\w+$/.exec(targets[0]!)![0]}`);
}
