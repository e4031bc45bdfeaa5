import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { AppError } from '@basketwise/core';
import { checkColumnNames } from './column-names.ts';
import { openDecoder } from './encoding.ts';

/** First line of a CSV file, split into names. */
export interface CsvHeader {
  delimiter: string;
  names: readonly string[];
}

const delimiters = [',', '\t', ';', '|'];
/** Largest number of bytes of a header. A first line that is longer is not read as a header. */
const maxHeaderBytes = 1 << 20;

const isPacked = (file: string) => file.toLowerCase().endsWith('.gz');

/**
 * Reads the bytes of a file, `chunk` bytes at a time. A file with the ending `.gz` is unpacked.
 * @throws AppError bad-data if it is damaged or truncated
 */
async function* openBytes(file: string, chunk = 1 << 20): AsyncGenerator<Buffer> {
  const bytes = createReadStream(file, { highWaterMark: chunk });
  if (!isPacked(file)) {
    yield* bytes;
    return;
  }
  const unpacked = createGunzip({ chunkSize: 1 << 18 });
  bytes.on('error', (error) => unpacked.destroy(error));
  try {
    yield* bytes.pipe(unpacked);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'Z_DATA_ERROR' && code !== 'Z_BUF_ERROR') throw cause;
    throw new AppError(
      'bad-data',
      `cannot read ${file}: it is damaged, cut short, or not packed by gzip`,
      'Deliver the file again, whole.',
      { cause },
    );
  } finally {
    bytes.destroy();
  }
}

/**
 * Reads a packed file to its end, to check it. The engine itself does not notice a file that is truncated at a line end, or a
 * wrong checksum.
 */
export async function checkPacked(file: string, signal?: AbortSignal): Promise<void> {
  if (!isPacked(file)) return;
  for await (const _ of openBytes(file)) signal?.throwIfAborted();
}

/** Reads the header of a CSV file in UTF-8, with or without a byte order mark. */
export async function readCsvHeader(file: string): Promise<CsvHeader> {
  let text = '';
  const decoder = new TextDecoder('utf-8');
  for await (const bytes of openBytes(file, 1 << 14)) {
    text += decoder.decode(bytes, { stream: true });
    if (endOfRecord(text) >= 0 || text.length > maxHeaderBytes) break;
  }
  const end = endOfRecord(text);
  return parseHeader(end < 0 ? text : text.slice(0, end), file);
}

/** Index of the first line break outside quotes; -1 if there is none. */
function endOfRecord(text: string): number {
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '"') quoted = !quoted;
    else if (!quoted && (text[i] === '\n' || text[i] === '\r')) return i;
  }
  return -1;
}

function parseHeader(line: string, file: string): CsvHeader {
  if (/[\0\ufffd]/.test(line)) {
    const hint = 'Set source.encoding to the encoding of the file, or deliver it as text.';
    throw new AppError('bad-data', `${file}: its first line is not text in the encoding of the config`, hint);
  }
  const unquoted = line.replaceAll(/"[^"]*"/g, '');
  const count = (delimiter: string) => unquoted.split(delimiter).length;
  const delimiter = delimiters.reduce((best, next) => (count(next) > count(best) ? next : best));
  const names: string[] = [];
  let field = '';
  let quoted = false;
  for (let i = 0; i <= line.length; i++) {
    const c = line[i];
    if (c === undefined || (c === delimiter && !quoted)) {
      names.push(field);
      field = '';
    } else if (c !== '"') field += c;
    else if (quoted && line[i + 1] === '"') field += line[i++];
    else quoted = !quoted;
  }
  checkColumnNames(names, file);
  return { delimiter, names };
}

/**
 * Writes a copy of a file in UTF-8, as a stream.
 * @throws AppError naming the line with bytes that are invalid in the encoding
 */
export async function decodeFile(file: string, encoding: string, target: string, signal?: AbortSignal): Promise<void> {
  await pipeline(
    openBytes(file),
    (chunks: AsyncIterable<Buffer>) => decodeLines(chunks, encoding, file),
    createWriteStream(target, { mode: 0o600 }),
    signal ? { signal } : {},
  );
}

async function* decodeLines(chunks: AsyncIterable<Buffer>, encoding: string, file: string): AsyncGenerator<string> {
  const decode = openDecoder(encoding);
  let line = 1;
  const decoded = (bytes: Buffer | undefined) => {
    const text = decode(bytes);
    if (text !== undefined) return text;
    throw new AppError(
      'bad-data',
      `${file}: bytes that are not ${encoding.toUpperCase()} in or after line ${line}`,
      'Set source.encoding to the encoding of the file.',
    );
  };
  for await (const chunk of chunks) {
    const text = decoded(chunk);
    yield text;
    for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) line++;
  }
  yield decoded(undefined);
}
