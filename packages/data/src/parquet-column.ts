import type { FileMetaData, PageHeader, SchemaElement } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { snappyCompress } from 'hyparquet-writer/src/snappy.js';

type RowGroup = FileMetaData['row_groups'][number];
type ColumnMetadata = NonNullable<RowGroup['columns'][number]['meta_data']>;

/** One column of a row group, encoded: its pages, and its metadata with offsets that count from the first of them. */
export interface EncodedColumn {
  pages: readonly Uint8Array[];
  metadata: ColumnMetadata;
}

/** Texts that a column refers to by number, as the dictionary page holds them. */
export interface TextDictionary {
  count: number;
  bytes: Uint8Array;
}

/** Texts, each once: a length of 4 bytes before the UTF-8 of each. */
export function textDictionary(texts: readonly string[]): TextDictionary {
  const bytes = Buffer.allocUnsafe(texts.reduce((sum, text) => sum + 4 + Buffer.byteLength(text), 0));
  let at = 0;
  for (const text of texts) {
    const length = bytes.write(text, at + 4);
    bytes.writeUInt32LE(length, at);
    at += 4 + length;
  }
  return { count: texts.length, bytes };
}

/** Bits that a number below `count` needs. */
function bitsOf(count: number): number {
  return count <= 1 ? 0 : 32 - Math.clz32(count - 1);
}

function writeVarint(target: Uint8Array, at: number, value: number): number {
  while (value > 0x7f) {
    target[at++] = (value & 0x7f) | 0x80;
    value >>>= 7;
  }
  target[at++] = value;
  return at;
}

/** One run of equal values, as Parquet's hybrid of runs and packed bits has it; returns where it ends. */
function writeRun(target: Uint8Array, at: number, value: number, length: number, width: number): number {
  at = writeVarint(target, at, length * 2);
  for (let bits = 0; bits < width; bits += 8) target[at++] = value >>> bits;
  return at;
}

/** Values packed bit by bit, in groups of eight; returns where they end. */
function writePacked(target: Uint8Array, at: number, values: ArrayLike<number>, count: number, width: number): number {
  const groups = Math.ceil(count / 8);
  at = writeVarint(target, at, groups * 2 + 1);
  let buffer = 0;
  let filled = 0;
  for (let i = 0; i < count; i++) {
    buffer |= values[i]! << filled;
    for (filled += width; filled >= 8; filled -= 8) {
      target[at++] = buffer;
      buffer >>>= 8;
    }
  }
  const end = at + Math.ceil((filled + (groups * 8 - count) * width) / 8);
  for (; at < end; buffer >>>= 8) target[at++] = buffer;
  return at;
}

/** Values below 2^width: one run where all are equal, else packed. */
function writeHybrid(target: Uint8Array, at: number, values: ArrayLike<number>, count: number, width: number): number {
  let same = 1;
  while (same < count && values[same] === values[0]) same++;
  return same >= count ? writeRun(target, at, values[0] ?? 0, count, width) : writePacked(target, at, values, count, width);
}

/** Which rows have a value: a length of 4 bytes, then 1 for each that has and 0 for each that is null. */
function writeLevels(target: Uint8Array, present: Uint8Array | undefined, rows: number): number {
  const end = present ? writeHybrid(target, 4, present, rows, 1) : writeRun(target, 4, 1, rows, 1);
  new DataView(target.buffer, target.byteOffset).setUint32(0, end - 4, true);
  return end;
}

/** Room for the levels of `rows` rows. */
const levelBytes = (rows: number) => rows / 8 + 32;

/** One page of a column and its header. */
function page(header: Omit<PageHeader, 'uncompressed_page_size' | 'compressed_page_size'>, body: Uint8Array, packed: Uint8Array) {
  const writer = new ByteWriter(64);
  writePageHeader(writer, { ...header, uncompressed_page_size: body.length, compressed_page_size: packed.length });
  const head = writer.getBytes();
  return { pages: [head, packed], stored: head.length + packed.length, plain: head.length + body.length };
}

interface ColumnOf {
  name: string;
  type: SchemaElement['type'];
  rows: number;
  /** One byte per row, 0: null; absent: none is null. */
  present?: Uint8Array | undefined;
  statistics?: ColumnMetadata['statistics'];
  /** Whether its pages are compressed. */
  isCompressed?: boolean;
}

function encoded(
  column: ColumnOf,
  encoding: 'PLAIN' | 'RLE_DICTIONARY',
  dictionary: TextDictionary | undefined,
  data: Uint8Array,
): EncodedColumn {
  const { name, type, rows, present, isCompressed = false } = column;
  const pack = (body: Uint8Array) => (isCompressed ? snappyCompress(body) : body);
  const dictionaryPage =
    dictionary &&
    page(
      { type: 'DICTIONARY_PAGE', dictionary_page_header: { num_values: dictionary.count, encoding: 'PLAIN' } },
      dictionary.bytes,
      pack(dictionary.bytes),
    );
  const levels = { definition_level_encoding: 'RLE', repetition_level_encoding: 'RLE' } as const;
  const dataPage = page({ type: 'DATA_PAGE', data_page_header: { num_values: rows, encoding, ...levels } }, data, pack(data));
  const nulls = present ? rows - present.reduce((sum, value) => sum + value, 0) : 0;
  return {
    pages: [...(dictionaryPage?.pages ?? []), ...dataPage.pages],
    metadata: {
      type: type!,
      encodings: dictionary ? ['PLAIN', 'RLE', encoding] : ['RLE', encoding],
      path_in_schema: [name],
      codec: isCompressed ? 'SNAPPY' : 'UNCOMPRESSED',
      num_values: BigInt(rows),
      total_uncompressed_size: BigInt((dictionaryPage?.plain ?? 0) + dataPage.plain),
      total_compressed_size: BigInt((dictionaryPage?.stored ?? 0) + dataPage.stored),
      data_page_offset: BigInt(dictionaryPage?.stored ?? 0),
      ...(dictionaryPage ? { dictionary_page_offset: 0n } : {}),
      statistics: { null_count: BigInt(nulls), ...column.statistics },
    },
  };
}

/** A column of numbers of a dictionary; `values` has those of the rows that are not null, one after the other. */
export function dictionaryColumn(
  column: ColumnOf,
  dictionary: TextDictionary,
  values: ArrayLike<number>,
  count: number,
): EncodedColumn {
  if (count === 0) return plainColumn(column, new Int32Array());
  const width = bitsOf(dictionary.count);
  const data = new Uint8Array(levelBytes(column.rows) + (count * width) / 8 + width + 32);
  const at = writeLevels(data, column.present, column.rows);
  data[at] = width;
  return encoded(column, 'RLE_DICTIONARY', dictionary, data.subarray(0, writeHybrid(data, at + 1, values, count, width)));
}

/** A column of texts of which each repeats `lengths[i]` times, in order, and none is null. */
export function repeatedColumn(column: ColumnOf, texts: readonly string[], lengths: ArrayLike<number>): EncodedColumn {
  const width = bitsOf(texts.length);
  const data = new Uint8Array(levelBytes(column.rows) + texts.length * (5 + Math.ceil(width / 8)) + 32);
  let at = writeLevels(data, column.present, column.rows);
  data[at++] = width;
  for (let i = 0; i < texts.length; i++) at = writeRun(data, at, i, lengths[i]!, width);
  return encoded(column, 'RLE_DICTIONARY', textDictionary(texts), data.subarray(0, at));
}

/** A column of numbers as they are, 4 bytes each; `values` has those of the rows that are not null. */
export function plainColumn(column: ColumnOf, values: Float32Array | Int32Array): EncodedColumn {
  const data = new Uint8Array(levelBytes(column.rows) + values.byteLength);
  const at = writeLevels(data, column.present, column.rows);
  data.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
  return encoded(column, 'PLAIN', undefined, data.subarray(0, at + values.byteLength));
}
