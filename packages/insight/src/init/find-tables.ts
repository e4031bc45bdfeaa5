import { access, constants, open, readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ifThere } from '@basketwise/data/files';

const tableFile = /\.(parquet|pq|arrow|arrows|feather|ipc|(csv|tsv|txt)(\.gz)?)$/i;

/**
 * Names of the files in a folder.
 * @throws AppError not-permitted if the folder cannot be read
 */
async function tableFilesIn(folder: string): Promise<string[]> {
  const entries = (await ifThere(folder, readdir(folder, { withFileTypes: true }))) ?? [];
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

/**
 * Tables in a folder, as a config names them in `from`. A table is a file, or a pattern of files whose names differ only in
 * numbers.
 * @throws AppError not-permitted if the folder or one of the files cannot be read
 */
export async function findTableFiles(folder: string): Promise<string[]> {
  const files = (await tableFilesIn(folder)).filter((name) => tableFile.test(name) && !name.startsWith('.'));
  for (const file of files) await ifThere(file, access(join(folder, file), constants.R_OK));
  const byPattern = new Map<string, string[]>();
  for (const name of files.sort()) {
    const stem = name.slice(0, name.length - extname(name).length);
    const pattern =
      /\d/.test(stem) && !/[*?[\]]/.test(name) ? `${stem.replaceAll(/\d+([-_.]?\d+)*/g, '*')}${extname(name)}` : name;
    byPattern.set(pattern, [...(byPattern.get(pattern) ?? []), name]);
  }
  return [...byPattern].flatMap(([pattern, names]) => (names.length > 1 ? [pattern] : names)).sort();
}

/** Number of bytes, from the beginning of a file, by which its encoding is recognised. */
const encodingBytes = 1 << 20;

async function firstBytes(file: string): Promise<Buffer> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(encodingBytes), 0, encodingBytes, 0);
    const bytes = buffer.subarray(0, bytesRead);
    if (!/\.gz$/i.test(file)) return bytes;
    try {
      return gunzipSync(bytes, { finishFlush: 2 });
    } catch {
      return Buffer.alloc(0); // The reader of the whole file reports its faults.
    }
  } finally {
    await handle.close();
  }
}

function isEncodedIn(encoding: string, bytes: Buffer): boolean {
  try {
    // The last character may be truncated.
    new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** Reads the first bytes of each CSV file in a folder. */
async function csvHeads(folder: string): Promise<Buffer[]> {
  const files = (await tableFilesIn(folder))
    .filter((name) => /\.(csv|tsv|txt)(\.gz)?$/i.test(name))
    .map((name) => join(folder, name));
  return Promise.all(files.map(firstBytes));
}

/**
 * Whether most sequences of Chinese, Japanese or Korean characters have no Latin letter before or after them. Otherwise the text
 * probably has a Western encoding: letters and signs such as Š and ’ were wrongly decoded as Asian characters.
 */
function hasWords(encoding: 'shift_jis' | 'euc-kr', heads: readonly Buffer[]): boolean {
  const texts = heads.map((bytes) => new TextDecoder(encoding).decode(bytes.subarray(0, 1 << 16)));
  const runs = /\p{Script=Latin}?[\p{Script=Han}\p{Script=Hangul}\u3041-\u30ff]+\p{Script=Latin}?/gu;
  const found = [...new Set(texts.flatMap((text) => text.match(runs) ?? []))];
  return 2 * found.filter((run) => !/\p{Script=Latin}/u.test(run)).length > found.length;
}

/**
 * Smallest share of the bytes beyond ASCII that must be first bytes of common Japanese characters. In other encodings these bytes are
 * rare.
 */
const leastJapanese = 0.2;

/** Whether bytes are Japanese text in Shift-JIS. Such bytes are often valid in CP949 and windows-1252, too. */
function isJapanese(heads: readonly Buffer[]): boolean {
  const beyond = heads.flatMap((bytes) => bytes.subarray(0, 1 << 16).filter((byte) => byte >= 0x80));
  const sum = (is: (byte: number) => boolean) => beyond.reduce((all, bytes) => all + bytes.filter(is).length, 0);
  const leads = sum((byte) => byte >= 0x81 && byte <= 0x9f);
  return (
    leads > leastJapanese * sum(() => true) &&
    heads.every((bytes) => isEncodedIn('shift_jis', bytes)) &&
    hasWords('shift_jis', heads)
  );
}

/**
 * Smallest share of Chinese characters, after decoding as CP949, that shows that a text is Chinese. Korean tables have hardly any.
 */
const leastChinese = 0.1;

/** Whether bytes are Chinese text in GB18030. Such text is also valid CP949, in which it is mostly Korean syllables. */
function isChinese(heads: readonly Buffer[]): boolean {
  const texts = heads.map((bytes) => new TextDecoder('euc-kr').decode(bytes.subarray(0, 1 << 16)));
  const sum = (pattern: RegExp) => texts.reduce((all, text) => all + (text.match(pattern)?.length ?? 0), 0);
  const [chinese, korean] = [sum(/\p{Script=Han}/gu), sum(/\p{Script=Hangul}/gu)];
  return chinese > leastChinese * (chinese + korean) && heads.every((bytes) => isEncodedIn('gb18030', bytes));
}

/** Encoding in which any bytes are valid. It is therefore tried last. */
const anyBytes = 'windows-1252';

/** Finds an encoding in which all CSV files of a folder are valid: UTF-8, UTF-16, CP932, CP949, GB18030, or last windows-1252. */
export async function findEncoding(folder: string): Promise<string> {
  const heads = await csvHeads(folder);
  if (heads.length > 0 && heads.every((bytes) => /^(\xff\xfe|\xfe\xff)/.test(bytes.subarray(0, 2).toString('latin1'))))
    return 'utf-16';
  if (heads.every((bytes) => isEncodedIn('utf-8', bytes))) return 'utf-8';
  if (isJapanese(heads)) return 'cp932';
  if (!heads.every((bytes) => isEncodedIn('euc-kr', bytes))) return anyBytes;
  if (isChinese(heads)) return 'gb18030';
  return hasWords('euc-kr', heads) ? 'cp949' : anyBytes;
}
