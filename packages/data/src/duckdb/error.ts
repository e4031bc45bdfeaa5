import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { AppError, bug } from '@basketwise/core';
import { withoutValues } from '../engine/sql-tokens.ts';
import type { RunOptions } from './session.ts';

/**
 * Converts DuckDB's error to an AppError. DuckDB's messages quote data, such as a value that does not convert, or a CSV line.
 * Only the parts without data are used: file and column names, line and row numbers.
 * @param writing file that the statement writes. If given, errors of the disk are reported as errors of this file
 */
export function toAppError(cause: unknown, { place, signal, reading }: RunOptions = {}, writing?: string): AppError {
  if (cause instanceof AppError) return cause;
  if (signal?.aborted) return abortReason(signal);
  const message = cause instanceof Error ? cause.message : String(cause);
  const text = reading ? `${message}\nfile = ${reading}` : message;
  const at = place ? `${place}: ` : '';
  for (const rule of errorRules) {
    const match = rule.pattern.exec(text);
    if (match) return rule.error(at, match, text, writing);
  }
  if (place?.startsWith('tables.')) return notReadable(at, text);
  return bug(`${at}the SQL engine failed: ${firstSentence(text)}`);
}

/** Error for a failure of an unknown kind while a table of the bank is read. Damaged files fail in many ways. */
function notReadable(at: string, text: string): AppError {
  const kind = /^(\w+(?: \w+)?) Error: /.exec(text)?.[1]?.toLowerCase();
  return new AppError(
    'bad-data',
    `${at}the table cannot be read${kind ? ` (${kind} error)` : ''}`,
    'One of its files is damaged or cut short: deliver it again. If all files are whole, this is a fault of the program: please report it.',
  );
}

/** Reason of an aborted signal, converted to an error. */
export function abortReason(signal: AbortSignal): AppError {
  return signal.reason instanceof AppError
    ? signal.reason
    : new AppError('interrupted', 'Stopped before the statement ended', 'Run the same command again: it resumes.');
}

interface ErrorRule {
  pattern: RegExp;
  error(at: string, match: RegExpExecArray, text: string, writing: string | undefined): AppError;
}

/** Error message of the functions that replace the engine's clock functions. */
export const noClock = 'there is no clock here';

const damagedHint = 'Replace the file by a whole one: it is cut short, damaged, or not of this kind.';

/** Rules that convert a message to an error. The first rule that matches is used. */
const errorRules: readonly ErrorRule[] = [
  {
    pattern: /^IO Error: Trying to read a database file with version number (\d+), but we can only read versions between/,
    error: (at, match, text) =>
      new AppError(
        'bad-data',
        `${at}${fileInMessage(text)} was written by DuckDB ${writerOf(fileInMessage(text)) ?? `with storage version ${match[1]}`}, in a form that this engine cannot read`,
        "Copy it there for older versions: ATTACH 'bank.duckdb' AS bank (READ_ONLY); ATTACH 'for-basketwise.duckdb' AS copy (STORAGE_VERSION 'v1.0.0'); COPY FROM DATABASE bank TO copy. Or write Parquet files: EXPORT DATABASE 'folder' (FORMAT parquet).",
      ),
  },
  {
    pattern: /^\w+(?: \w+)? Error: (?:Cannot open encrypted database|File '.*' is encrypted)/,
    error: (at, _match, text) =>
      new AppError(
        'bad-data',
        `${at}${fileInMessage(text)} is encrypted`,
        'Deliver it without encryption: a config has no key for it.',
      ),
  },
  {
    pattern: /it exists in the (\w+) extension|requires the extension (\w+) to be loaded/,
    error: (at, match) =>
      new AppError(
        'config',
        `${at}this needs the extension ${match[1] ?? match[2]} of DuckDB, and no extension is loaded`,
        'Deliver the table as Parquet, CSV, Arrow or DuckDB file in source.path.',
      ),
  },
  {
    pattern: /^Invalid Input Error: The CSV Reader does not support the encoding: "([\w-]+)"/,
    error: (at, match) =>
      new AppError(
        'config',
        `${at}read_csv does not know the encoding ${match[1]}`,
        'Name it in source.encoding, and leave it out of read_csv.',
      ),
  },
  {
    pattern: /^INTERRUPT Error/,
    error: (at) =>
      new AppError('interrupted', `${at}stopped before the statement ended`, 'Run the same command again: it resumes.'),
  },
  {
    pattern: new RegExp(noClock),
    error: (at) =>
      new AppError(
        'config',
        `${at}a quoted name of a clock is not a column`,
        'Write `:date`, the reference date, or correct the name.',
      ),
  },
  {
    // The pattern of an unreadable folder: the engine then tries to open the folder as if it were a file.
    pattern: /^Permission Error: Cannot access file "(.*)\/\*\*\/\*\.\w+"/,
    error: (at, match) =>
      new AppError('missing-input', `${at}no file matches ${match[1]}`, "Check source.path and the table's `from`."),
  },
  {
    pattern: /^Permission Error: Cannot access (?:file|directory) "(.*?)"/,
    error: (at, match) =>
      new AppError(
        'config',
        `${at}${match[1]} must not be read: no text of the config names it`,
        "Write its name into the SQL as a text, such as read_csv('lists/out.csv').",
      ),
  },
  {
    pattern: /^Permission Error: |configuration has been locked/,
    error: (at) =>
      new AppError('config', `${at}this SQL is not allowed`, 'SQL of a config reads tables and files; it changes nothing.'),
  },
  {
    pattern: /no space left|disk quota|read-only file system|max_temp_directory_size|failed to offload/i,
    error: (at, match, _text, writing) =>
      new AppError(
        'cannot-write',
        `${at}cannot write${fileSuffix(writing)}: ${match[0].toLowerCase()}`,
        'Free space on the disk of output.dir, or use another folder.',
      ),
  },
  {
    pattern: /^Out of Memory Error/,
    error: (at) =>
      new AppError(
        'unreachable',
        `${at}the statement needs more memory than the engine may use`,
        'Raise source.memory, or use fewer threads (workers).',
      ),
  },
  { pattern: /permission denied|operation not permitted/i, error: denied },
  {
    pattern: /input\/output error|interrupted system call/i,
    error: (at, match, text, writing) =>
      writing
        ? new AppError('cannot-write', `${at}cannot write${fileSuffix(writing)}: ${match[0].toLowerCase()}`, 'Check the disk.')
        : new AppError('missing-input', `${at}cannot read ${fileInMessage(text)}: ${match[0].toLowerCase()}`, 'Check the disk.'),
  },
  {
    pattern: /^E[A-Z]+: ([^,]+),/,
    error: (at, match, _text, writing) =>
      writing
        ? new AppError(
            'cannot-write',
            `${at}cannot write${fileSuffix(writing)}: ${match[1]}`,
            'Check the folder, its mode and the space left.',
          )
        : new AppError('missing-input', `${at}cannot read a file: ${match[1]}`, "Check source.path and the table's `from`."),
  },
  {
    pattern: /^IO Error: No files found that match the pattern "(.*)"/,
    error: (at, match) =>
      new AppError('missing-input', `${at}no file matches ${match[1]}`, "Check source.path and the table's `from`."),
  },
  { pattern: /^IO Error: Cannot open file "(.*)": (No such file or directory|Not a directory)/, error: notThere },
  {
    pattern: /CSV Error on Line: (\d+)/,
    error: (at, match, text) =>
      new AppError('bad-data', `${at}line ${match[1]} of ${fileInMessage(text)}: ${csvFault(text)}`, 'Repair that line.'),
  },
  {
    pattern: /^Catalog Error: Table with name (.+?) does not exist/,
    error: (at, match) =>
      new AppError('missing-input', `${at}there is no table ${match[1]}`, "Check the table's name in the config."),
  },
  {
    pattern:
      /^Binder Error: (?:Referenced column|Column with name|Table ".*?" does not have a column named|Values list ".*?" does not have a column named) "?(.+?)"?(?: not found.*|!.*|$)/m,
    error: (at, match, text) =>
      new AppError('bad-data', `${at}there is no column ${match[1]}`, `Check the name.${candidates(text)}`),
  },
  {
    pattern: /^(Parser|Catalog|Binder) Error: /,
    error: (at, _match, text) =>
      new AppError(at ? 'config' : 'bug', `${at}${statementFault(text)}`, 'Correct this SQL expression in the config.'),
  },
  {
    pattern:
      /^(Conversion|Invalid Input|Out of Range|Constraint) Error: (?:.*?)(?:to type |to |in type )?(INT\d+|DOUBLE|FLOAT|DATE|TIMESTAMP|BOOL|DECIMAL\S*)?\s*$/m,
    error: (at, match, text) =>
      /parquet|magic bytes|footer/i.test(text)
        ? new AppError('bad-data', `${at}cannot read ${fileInMessage(text)}`, damagedHint)
        : new AppError(
            'bad-data',
            `${at}a value does not convert${match[2] ? ` to ${match[2]}` : ''} or is out of range`,
            'Correct the column, or cast it in the config (try_cast).',
          ),
  },
  {
    pattern:
      /^(IO|Invalid|Serialization|Not implemented|INTERNAL|FATAL|TransactionContext|Invalid Configuration)? ?Error: .*(parquet|magic bytes|TProtocol|snappy|zstd|footer|Could not read|too small|not a valid DuckDB database|checksum|corrupt|decompress|page)/is,
    error: (at, _match, text) => new AppError('bad-data', `${at}cannot read ${fileInMessage(text)}`, damagedHint),
  },
  {
    pattern: /^IO Error: /,
    error: (at, _match, text, writing) =>
      writing
        ? new AppError(
            'cannot-write',
            `${at}cannot write${fileSuffix(writing)}: ${firstSentence(text)}`,
            'Check the folder, its mode and the space left.',
          )
        : new AppError(
            'missing-input',
            `${at}cannot read ${fileInMessage(text)}: ${firstSentence(text)}`,
            "Check source.path and the table's `from`.",
          ),
  },
];

function denied(at: string, _match: RegExpExecArray, text: string, writing: string | undefined): AppError {
  return writing
    ? new AppError(
        'cannot-write',
        `${at}not allowed to write${fileSuffix(writing)}`,
        'Give the user of this process write access to output.dir.',
      )
    : new AppError(
        'not-permitted',
        `${at}not allowed to read ${fileInMessage(text)}`,
        'Give the user of this process read access to it.',
      );
}

function notThere(at: string, match: RegExpExecArray, _text: string, writing: string | undefined): AppError {
  return writing
    ? new AppError(
        'cannot-write',
        `${at}cannot write${fileSuffix(writing)}: its folder is not there`,
        'Make the folder, or use another.',
      )
    : new AppError('missing-input', `${at}there is no file ${match[1]}`, "Check source.path and the table's `from`.");
}

/** Version of the DuckDB that wrote a database file, from the file's header. */
function writerOf(file: string): string | undefined {
  if (!existsSync(file)) return undefined;
  const header = Buffer.alloc(32);
  const handle = openSync(file, 'r');
  readSync(handle, header, 0, header.length, 52);
  closeSync(handle);
  const version = /^v[\d.]+/.exec(header.toString('latin1'));
  return version?.[0];
}

function fileSuffix(file: string | undefined): string {
  return file ? ` ${file}` : '';
}

/**
 * Name of the file in an engine's message. A quoted text counts only if a file of this name exists, because quoted texts can also be
 * values of the data.
 */
function fileInMessage(text: string): string {
  const named = /file = (.+)/.exec(text)?.[1]?.trim();
  const quoted = [...text.matchAll(/"([^"\n]+)"|'([^'\n]+)'/g)].map((match) => match[1] ?? match[2]!);
  return (
    [...(named === undefined ? [] : [named]), ...quoted].find((name) => name.includes('/') && existsSync(name)) ?? 'the file'
  );
}

/** Description of an error in a CSV line, without the line's text. */
function csvFault(text: string): string {
  const count = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(text);
  if (count) return `${count[2]} columns instead of ${count[1]}`;
  if (/unterminated quote|quote/i.test(text.split('Possible')[0] ?? '')) return 'a quote that is not closed or not doubled';
  if (/unicode|utf-?8|byte sequence/i.test(text)) return 'text that is not in the encoding of the config (source.encoding)';
  if (/maximum line size/i.test(text)) return 'a line that is too long';
  return 'not well-formed CSV';
}

function candidates(text: string): string {
  const found = /Candidate bindings:[: ]*(.+)/.exec(text);
  return found ? ` Similar: ${found[1]}.` : '';
}

/** Description of an error of a statement that did not run. Messages of such errors quote only SQL. */
function statementFault(text: string): string {
  return (text.split('\n')[0] ?? '').replace(/^\w+ Error: /, '');
}

/** First line of a message, without its SQL excerpt and without text that may be data. */
function firstSentence(text: string): string {
  return withoutValues(text).replace(/^\w+( \w+)? Error: /, '');
}
