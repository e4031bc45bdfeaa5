import { type FileHandle, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '@basketwise/core';
import { type FileRecord, isFileRecord, makeFolder, writeFailure } from '@basketwise/data/base';
import { type Erasures, erasuresFile, erasuresShape, isRunName, parseSealed, recordsAfter } from '@basketwise/pipeline';
import { z } from 'zod';
import { differs, readBytes } from './recorded-bytes.ts';
import { ofTables } from './run-files.ts';
import { parseTarHeader, tarEnd, tarHeader, tarPadding } from './tar.ts';

/** Name of the archive's list of hashes, which has the hashes of all other files. */
export const sealFile = 'seal.json';

const sealShape = z.strictObject({
  version: z.literal(1),
  run: z.string().refine(isRunName),
  /** Whether the archive has the rows of customers. */
  data: z.boolean(),
  /** Files in the order of the archive, each once. `held` is false if the archive has only the hash of the file. */
  entries: z
    .array(z.strictObject({ file: z.string(), bytes: z.number(), sha256: z.string(), held: z.boolean() }).refine(isFileRecord))
    .refine((entries) => new Set(entries.map(({ file }) => file)).size === entries.length),
});

/** List of the files of an archive. */
export type SealList = z.output<typeof sealShape>;

/** Parses the text of `seal.json`; undefined if it is damaged or has another version. */
function parseSealList(text: string): SealList | undefined {
  return sealShape.safeParse(parseSealed(text)).data;
}

/** File in an archive, with the position of its tar header. */
export interface ArchiveEntry extends FileRecord {
  /** Offset of the file's tar header in the archive, in bytes. */
  at: number;
  /** Content of the tar header. */
  header: Buffer;
}

/** Archive opened for reading. The caller calls `close`. */
export interface Archive {
  path: string;
  list: SealList;
  /** Number of customers erased from the archive, and hashes of the files without them; undefined without erasures. */
  erasures: Erasures | undefined;
  /** Files in the archive, in order, with their sizes and hashes after erasures. */
  entries: readonly ArchiveEntry[];
  /** Ranges of zeros that pad the files before the entries: erasures and list of hashes. */
  paddings: readonly { at: number; bytes: number }[];
  /** Offset in bytes after the last file. */
  end: number;
  handle: FileHandle;
  close(): Promise<void>;
}

/** Number of bytes read to find the first header. It suffices, because names of run folders are short. */
const firstHeader = 4096;

/** Largest size of a file that is read as a text, in bytes: lists, manifests, records. */
const mostTextBytes = 2 ** 26;

function openFile(path: string): Promise<FileHandle> {
  return open(path).catch((cause) => {
    throw new AppError('missing-input', `${path} cannot be opened`, 'Name the file of an archive.', { cause });
  });
}

/**
 * Opens an archive and reads its list of hashes.
 * @throws AppError missing-input if the file does not exist, bad-data if it is no archive or its list is damaged
 */
export async function openArchive(path: string): Promise<Archive> {
  const handle = await openFile(path);
  try {
    const first = await readFirst(handle, 0);
    const erased = first?.name.endsWith(`/${erasuresFile}`) ? first : undefined;
    const seal = erased ? await readFirst(handle, erased.end) : first;
    const list = parseSealList(seal?.text ?? '');
    if (!seal || !list || seal.name !== `${list.run}/${sealFile}`) throw damaged(path, sealFile);
    const erasures = erased && erasuresShape.safeParse(parseSealed(erased.text)).data;
    if (erased && (!erasures || !ofTables(erasures) || erased.name !== `${list.run}/${erasuresFile}`))
      throw damaged(path, erasuresFile);
    const { entries, end } = entriesOf(list, erasures, seal.end);
    if (!Number.isSafeInteger(end + tarEnd.length)) throw damaged(path, sealFile);
    const paddings = [...(erased ? [erased.padding] : []), seal.padding];
    return { path, list, erasures, entries, paddings, end, handle, close: () => handle.close() };
  } catch (cause) {
    await handle.close();
    throw cause;
  }
}

/** Whether a file begins as an archive does, complete or not. False for a folder. @throws AppError missing-input if it cannot be opened */
export async function isArchive(path: string): Promise<boolean> {
  const handle = await openFile(path);
  try {
    if (!(await handle.stat()).isFile()) return false;
    const name = parseTarHeader(await bytesAt(handle, 0, firstHeader))?.name;
    return name !== undefined && [sealFile, erasuresFile].some((file) => name.endsWith(`/${file}`));
  } finally {
    await handle.close();
  }
}

/** Reads one of the first files (erasures, list of hashes) at an offset, with the size from its header. Undefined if no header is there. */
async function readFirst(handle: FileHandle, at: number) {
  const header = parseTarHeader(await bytesAt(handle, at, firstHeader));
  if (header === undefined || header.bytes > Math.min(mostTextBytes, (await handle.stat()).size)) return undefined;
  const from = at + tarHeader(header.name, header.bytes).length;
  const text = (await bytesAt(handle, from, header.bytes)).toString('utf8');
  const padding = { at: from + header.bytes, bytes: tarPadding(header.bytes).length };
  return { name: header.name, text, padding, end: padding.at + padding.bytes };
}

function damaged(path: string, file: string): AppError {
  return new AppError('bad-data', `${path}: ${file} is damaged, or this is no archive of a run`, 'Restore the file from a copy.');
}

/** Computes the offset of each file; files follow one another. @param start offset of the first file in bytes */
function entriesOf(
  { run, entries: all }: SealList,
  erasures: Erasures | undefined,
  start: number,
): Pick<Archive, 'entries' | 'end'> {
  let at = start;
  const after = recordsAfter(erasures);
  const entries = all
    .filter(({ held }) => held)
    .map((listed) => {
      const { file, bytes, sha256 } = after(listed);
      const entry = { file, bytes, sha256, at, header: tarHeader(`${run}/${file}`, bytes) };
      at = contentAt(entry) + bytes + tarPadding(bytes).length;
      return entry;
    });
  return { entries, end: at };
}

/** Compares each byte of an archive with its list of hashes. @throws AppError bad-data that names the first file that differs */
export async function checkArchive(archive: Archive): Promise<void> {
  const { path, entries, handle, paddings, end } = archive;
  for (const { at, bytes } of paddings) {
    if (!(await bytesAt(handle, at, bytes)).equals(Buffer.alloc(bytes))) throw differs(path, sealFile);
  }
  for (const entry of entries) await checkEntry(archive, entry);
  // Reads one byte more than the end mark, because nothing may follow it.
  if (!(await bytesAt(handle, end, tarEnd.length + 1)).equals(tarEnd)) throw differs(path, 'the end of the archive');
}

/** Offset of a file's content in the archive, in bytes. */
export const contentAt = ({ at, header }: ArchiveEntry) => at + header.length;

async function checkEntry({ path, handle }: Archive, entry: ArchiveEntry): Promise<void> {
  const { file, at, header, bytes, sha256 } = entry;
  const isHeader = (await bytesAt(handle, at, header.length)).equals(header);
  const content = await readBytes(handle, { at: contentAt(entry), bytes });
  const padding = tarPadding(bytes);
  const isPadding = (await bytesAt(handle, contentAt(entry) + bytes, padding.length)).equals(padding);
  if (!isHeader || !isPadding || content.bytes !== bytes || content.sha256 !== sha256) throw differs(path, file);
}

/** Reads up to `length` bytes at an offset. Returns fewer bytes if the archive ends before. */
async function bytesAt(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await handle.read(bytes, 0, length, at);
  return bytes.subarray(0, bytesRead);
}

/** Text of a file in an archive; undefined if the archive lacks the file. @throws AppError bad-data if the text differs from its hash */
export async function textOf({ path, handle, entries }: Archive, file: string): Promise<string | undefined> {
  const entry = entries.find((held) => held.file === file);
  if (entry === undefined) return undefined;
  if (entry.bytes > mostTextBytes) throw differs(path, file, 'is too large');
  const pieces: Buffer[] = [];
  const content = await readBytes(handle, { at: contentAt(entry), bytes: entry.bytes }, (piece) =>
    pieces.push(Buffer.from(piece)),
  );
  if (content.sha256 !== entry.sha256) throw differs(path, file);
  return Buffer.concat(pieces).toString('utf8');
}

/**
 * Writes the wanted files of an archive into a folder.
 * @throws AppError bad-data if a file differs from its hash, cannot-write
 */
export async function unpackArchive(
  { path, handle, entries }: Archive,
  folder: string,
  isWanted: (file: string) => boolean,
): Promise<void> {
  for (const entry of entries.filter(({ file }) => isWanted(file))) {
    const to = join(folder, entry.file);
    await makeFolder(dirname(to));
    try {
      const out = await open(to, 'wx', 0o600);
      try {
        const content = await readBytes(handle, { at: contentAt(entry), bytes: entry.bytes }, (piece) => out.appendFile(piece));
        if (content.sha256 !== entry.sha256) throw differs(path, entry.file);
      } finally {
        await out.close();
      }
    } catch (cause) {
      throw writeFailure(to, cause);
    }
  }
}
