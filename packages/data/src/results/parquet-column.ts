import type { FileMetaData, PageHeader, SchemaElement } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';

type RowGroupMetadata = FileMetaData['row_groups'][number];
type ColumnMetadata = NonNullable<RowGroupMetadata['columns'][number]['meta_data']>;

/** Encoded column of a row group: the bytes of its pages, and its metadata. Offsets are relative to the first page. */
export interface EncodedColumn {
  pages: readonly Uint8Array[];
  metadata: ColumnMetadata;
}

/** Name of a column, and Parquet type of its values. */
export interface ColumnName {
  name: string;
  type: NonNullable<SchemaElement['type']>;
}

/** Body of a page as it is stored, and its length before compression. */
interface PageBody {
  stored: Uint8Array;
  bytes: number;
}

/** Dictionary of a column, as a page. */
export interface Dictionary extends PageBody {
  count: number;
}

/** Dictionary of distinct texts. Each text is its length in 4 bytes, then its UTF-8. */
export function textDictionary(texts: readonly string[]): Dictionary {
  const stored = Buffer.allocUnsafe(texts.reduce((sum, text) => sum + 4 + Buffer.byteLength(text), 0));
  let at = 0;
  for (const text of texts) {
    const length = stored.write(text, at + 4);
    stored.writeUInt32LE(length, at);
    at += 4 + length;
  }
  return { count: texts.length, stored, bytes: at };
}

/** Dictionary of distinct integers of 4 bytes. */
export function numberDictionary(numbers: Int32Array): Dictionary {
  const stored = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength).slice();
  return { count: numbers.length, stored, bytes: stored.length };
}

/** Number of bits that hold all numbers below `count`. */
export function bitsOf(count: number): number {
  return count <= 1 ? 0 : 32 - Math.clz32(count - 1);
}

/** Definition levels of a column without nulls: a length in 4 bytes, then one run of `rows` ones. */
export function fullLevels(rows: number): Uint8Array {
  const levels = new Uint8Array(10);
  let at = 4;
  for (let rest = rows * 2; rest > 0; rest = Math.floor(rest / 128)) levels[at++] = (rest % 128) + (rest > 127 ? 128 : 0);
  levels[at++] = 1;
  levels[0] = at - 4;
  return levels.subarray(0, at);
}

/** Page of a column with its header. */
function page(
  header: Omit<PageHeader, 'uncompressed_page_size' | 'compressed_page_size'>,
  { stored, bytes }: PageBody,
): { pages: Uint8Array[]; stored: number; plain: number } {
  const writer = new ByteWriter(64);
  writePageHeader(writer, { ...header, uncompressed_page_size: bytes, compressed_page_size: stored.length });
  const head = writer.getBytes();
  return { pages: [head, stored], stored: head.length + stored.length, plain: head.length + bytes };
}

/** Pages of a column, without headers. */
interface ColumnPages {
  rows: number;
  nulls: number;
  data: PageBody;
  /** Dictionary page. Absent: the data pages have the values themselves. */
  dictionary?: Dictionary | undefined;
  statistics?: ColumnMetadata['statistics'];
  isCompressed?: boolean;
}

/** Adds headers to the pages of a column. */
export function encodedColumn({ name, type }: ColumnName, pages: ColumnPages): EncodedColumn {
  const { rows, nulls, data, dictionary, statistics, isCompressed = false } = pages;
  const encoding = dictionary ? 'RLE_DICTIONARY' : 'PLAIN';
  const dictionaryPage =
    dictionary &&
    page({ type: 'DICTIONARY_PAGE', dictionary_page_header: { num_values: dictionary.count, encoding: 'PLAIN' } }, dictionary);
  const levels = { definition_level_encoding: 'RLE', repetition_level_encoding: 'RLE' } as const;
  const dataPage = page({ type: 'DATA_PAGE', data_page_header: { num_values: rows, encoding, ...levels } }, data);
  return {
    pages: [...(dictionaryPage?.pages ?? []), ...dataPage.pages],
    metadata: {
      type,
      encodings: dictionary ? ['PLAIN', 'RLE', encoding] : ['RLE', encoding],
      path_in_schema: [name],
      codec: isCompressed ? 'SNAPPY' : 'UNCOMPRESSED',
      num_values: BigInt(rows),
      total_uncompressed_size: BigInt((dictionaryPage?.plain ?? 0) + dataPage.plain),
      total_compressed_size: BigInt((dictionaryPage?.stored ?? 0) + dataPage.stored),
      data_page_offset: BigInt(dictionaryPage?.stored ?? 0),
      ...(dictionaryPage ? { dictionary_page_offset: 0n } : {}),
      statistics: { null_count: BigInt(nulls), ...statistics },
    },
  };
}
