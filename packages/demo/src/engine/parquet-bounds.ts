import type { ColumnMetaData, Compressors, FileMetaData, SchemaElement } from 'hyparquet';
import { CompactThrift, type ThriftStruct } from './compact-thrift.ts';

/** Maximum uncompressed bytes of a page, and maximum number of its values. Writers produce smaller pages, and a browser tab can hold this size. */
const mostPageBytes = 2 ** 27;
const mostPageValues = 2 ** 24;
/** Maximum bytes of a page header. */
const mostHeaderBytes = 2 ** 16;

/** Numbers of Parquet encodings. */
const encodings = {
  plain: 0,
  plainDictionary: 2,
  rle: 3,
  deltaBinary: 5,
  deltaLength: 6,
  dictionary: 8,
  streamSplit: 9,
} as const;

function refuseParquet(what: string): never {
  throw new RangeError(`parquet: ${what}`);
}

function check(isSo: boolean, what: string): void {
  if (!isSo) refuseParquet(what);
}

/**
 * Checks before decoding that a file's footer claims no list longer than the file.
 * @throws RangeError naming the impossible claim
 */
export async function checkFooter(file: Blob): Promise<void> {
  const tail = new DataView(await file.slice(-8).arrayBuffer());
  check(tail.byteLength === 8 && tail.getUint32(4, true) === 0x31524150, 'no footer');
  const length = tail.getUint32(0, true);
  check(length <= file.size - 8, 'a footer longer than the file');
  new CompactThrift(new DataView(await file.slice(file.size - 8 - length, file.size - 8).arrayBuffer())).struct();
}

/**
 * Checks that the pages of some columns contain as much as their headers claim: sizes, numbers of values, lengths of runs. Readers allocate the
 * claimed memory. After this check the claims are bounded by the file's content.
 * @param columns names of columns that are not nested
 * @throws RangeError naming the impossible claim
 */
export async function checkPages(
  file: Blob,
  { row_groups: groups, num_rows: all, schema }: FileMetaData,
  columns: readonly string[],
  compressors: Compressors,
): Promise<void> {
  const rows = groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
  check(groups.every((group) => Number(group.num_rows) >= 0) && rows === Number(all), 'numbers of rows that do not add up');
  for (const group of groups) {
    for (const { meta_data: column } of group.columns) {
      if (column === undefined || !columns.includes(column.path_in_schema[0]!)) continue;
      const element = schema.find(({ name }) => name === column.path_in_schema[0])!;
      check(column.path_in_schema.length === 1 && element.repetition_type !== 'REPEATED', 'a nested column');
      await checkColumn(file, column, element, Number(group.num_rows), compressors);
    }
  }
}

async function checkColumn(
  file: Blob,
  column: ColumnMetaData,
  element: SchemaElement,
  rows: number,
  compressors: Compressors,
): Promise<void> {
  const start = Number(column.dictionary_page_offset || column.data_page_offset);
  const end = start + Number(column.total_compressed_size);
  check(start >= 0 && start <= end && end <= file.size, 'a column outside of the file');
  let values = 0;
  for (let at = start; at < end - 1 && values < rows; ) {
    const thrift = new CompactThrift(new DataView(await file.slice(at, Math.min(end, at + mostHeaderBytes)).arrayBuffer()));
    const header = thrift.struct();
    at += thrift.at;
    const [unpacked, packed] = [integerField(header[2]), integerField(header[3])];
    check(packed <= end - at && unpacked <= mostPageBytes, 'a page of more bytes than there are');
    const page = pageOf(header);
    check(
      page.values <= Math.min(mostPageValues, page.isData ? rows - values : mostPageValues),
      'a page of more values than rows',
    );
    const bytes = new Uint8Array(await file.slice(at, at + packed).arrayBuffer());
    checkPage(bytes, page, unpacked, { column, element, compressors });
    at += packed;
    if (page.isData) values += page.values;
  }
}

/** Header of a page. */
interface PageHeader {
  isData: boolean;
  values: number;
  encoding: number;
  /** Bytes of levels before the values. Null: the page has compressed levels. */
  levels: number | null;
  isPacked: boolean;
}

function integerField(value: number | ThriftStruct | undefined): number {
  check(typeof value === 'number' && Number.isInteger(value) && value >= 0, 'a size that is none');
  return value as number;
}

function pageOf({ 5: data, 7: dictionary, 8: second }: ThriftStruct): PageHeader {
  const part = data ?? dictionary ?? second;
  if (typeof part !== 'object') return refuseParquet('a page of another kind');
  const page = { isData: data !== undefined || second !== undefined, values: integerField(part[1]), isPacked: true };
  if (typeof second === 'object' && data === undefined && dictionary === undefined) {
    check(integerField(second[6] ?? 0) === 0, 'levels of a nested column');
    return { ...page, encoding: integerField(second[4]), levels: integerField(second[5]), isPacked: second[7] !== 0 };
  }
  return { ...page, encoding: integerField(part[2]), levels: null };
}

function checkPage(
  bytes: Uint8Array,
  { isData, values, encoding, levels, isPacked }: PageHeader,
  unpacked: number,
  { column, element, compressors }: { column: ColumnMetaData; element: SchemaElement; compressors: Compressors },
): void {
  const unpack = (packed: Uint8Array, length: number) => {
    if (column.codec === 'UNCOMPRESSED' || !isPacked) return packed;
    const plain = (compressors[column.codec] ?? refuseParquet('a codec that is not known'))(packed, length);
    check(plain.length === length, 'a page that unpacks to another size');
    return plain;
  };
  const isOptional = element.repetition_type === 'OPTIONAL';
  if (!isData) {
    check(values <= unpacked * 8, 'a dictionary of more values than bits');
    return;
  }
  let [plain, at] = [bytes, 0];
  if (levels === null) {
    plain = unpack(bytes, unpacked);
    if (isOptional) {
      const length = levelsLength(plain, 0);
      checkRuns(plain.subarray(4, 4 + length), 1, values);
      at = 4 + length;
    }
  } else {
    check(levels <= bytes.length && levels <= unpacked, 'levels longer than their page');
    if (isOptional) checkRuns(bytes.subarray(0, levels), 1, values);
    plain = unpack(bytes.subarray(levels), unpacked - levels);
  }
  checkValues(plain.subarray(at), values, encoding);
}

function levelsLength(bytes: Uint8Array, at: number): number {
  check(bytes.length >= at + 4, 'a page that ends within its levels');
  const length = new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0, true);
  check(length <= bytes.length - at - 4, 'levels longer than their page');
  return length;
}

function checkValues(bytes: Uint8Array, values: number, encoding: number): void {
  switch (encoding) {
    case encodings.plain:
    case encodings.streamSplit:
      return;
    case encodings.dictionary:
    case encodings.plainDictionary:
      if (bytes.length === 0) return;
      check(bytes[0]! <= 32, 'numbers of more than 32 bits');
      checkRuns(bytes.subarray(1), bytes[0]!, values);
      return;
    case encodings.rle:
      checkRuns(bytes.subarray(4, 4 + levelsLength(bytes, 0)), 1, values);
      return;
    case encodings.deltaBinary:
    case encodings.deltaLength: {
      const [blockSize, perBlock, count] = varints(bytes, 3) as [number, number, number];
      check(
        count <= values && perBlock > 0 && perBlock <= 1024 && blockSize <= 2 ** 20,
        'differences of more values than the page',
      );
      return;
    }
    default:
      refuseParquet('an encoding that this page does not read');
  }
}

/** Decodes the first `count` variable-length integers of some bytes, seven bits per byte. */
function varints(bytes: Uint8Array, count: number): number[] {
  const found: number[] = [];
  let [value, factor] = [0, 1];
  for (const byte of bytes) {
    value += (byte & 127) * factor;
    factor *= 128;
    if (byte >= 128) continue;
    found.push(value);
    if (found.length === count) return found;
    [value, factor] = [0, 1];
  }
  return refuseParquet('bytes that end within a number');
}

/**
 * Checks a sequence of runs of equal values and of bit-packed values (Parquet's RLE hybrid encoding). No run may be longer than the remaining values.
 * @param width bits per value
 */
function checkRuns(bytes: Uint8Array, width: number, values: number): void {
  const valueBytes = Math.ceil(width / 8);
  let at = 0;
  for (let seen = 0; seen < values && at < bytes.length; ) {
    let [head, factor, byte] = [0, 1, 128];
    while (byte >= 128) {
      byte = bytes[at++] ?? refuseParquet('runs that end within a number');
      head += (byte & 127) * factor;
      factor *= 128;
      check(factor <= 2 ** 42, 'a run without end');
    }
    const count = Math.floor(head / 2);
    check(count > 0, 'a run of nothing');
    if (head % 2 === 1) {
      check(count <= Math.ceil(values / 8) + 1, 'a run longer than the page');
      at += count * width;
      seen += count * 8;
    } else {
      check(count <= values - seen, 'a run longer than the page');
      at += valueBytes;
      seen += count;
    }
  }
}
