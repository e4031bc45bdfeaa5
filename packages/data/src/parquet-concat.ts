import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { AppError } from '@basketwise/core';
import { type FileMetaData, parquetMetadata, type RowGroup, type SchemaElement } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';

/** "PAR1", at both ends of a Parquet file. */
const magic = Buffer.from('PAR1');
/** Length of the footer (4 bytes) and the magic. */
const tailBytes = 8;
const createdBy = 'basketwise';

/**
 * Joins Parquet files of one schema into one by copying their row groups as they are and writing a new footer: nothing is decoded. Columns
 * that DuckDB wrote from an ENUM are declared as the plain strings that they hold, since not every reader takes Parquet's ENUM for text.
 * `target` must not be one of the parts; it is written with mode 0600 and synced.
 */
export async function concatenateParquet(parts: readonly string[], target: string): Promise<void> {
  const output = await open(target, 'w', 0o600);
  try {
    await output.write(magic);
    let offset = magic.length;
    const rowGroups: RowGroup[] = [];
    let first: FileMetaData | undefined;
    for (const part of parts) {
      const { metadata, end } = await readFooter(part);
      if (first && JSON.stringify(first.schema) !== JSON.stringify(metadata.schema)) {
        throw new AppError('bug', `parts of ${target} differ in their schema`, 'Please report this.');
      }
      first ??= metadata;
      rowGroups.push(...metadata.row_groups.map((group) => shifted(group, BigInt(offset - magic.length))));
      offset += await copyBytes(part, magic.length, end, output);
    }
    const schema = first!.schema.map((element) => (element.converted_type === 'ENUM' ? asString(element) : element));
    await writeFooter(output, {
      ...first!,
      schema,
      created_by: createdBy,
      row_groups: rowGroups,
      num_rows: rowGroups.reduce((sum, group) => sum + group.num_rows, 0n),
    });
    await output.sync();
  } finally {
    await output.close();
  }
}

function asString(element: SchemaElement): SchemaElement {
  return { ...element, converted_type: 'UTF8', logical_type: { type: 'STRING' } };
}

/** The metadata of a file and where it begins, which is where the data ends. */
async function readFooter(file: string): Promise<{ metadata: FileMetaData; end: number }> {
  const input = await open(file, 'r');
  try {
    const { size } = await input.stat();
    const tail = Buffer.alloc(tailBytes);
    await input.read(tail, 0, tailBytes, size - tailBytes);
    const end = size - tailBytes - tail.readUInt32LE(0);
    const footer = new Uint8Array(size - end);
    await input.read(footer, 0, footer.length, end);
    return { metadata: parquetMetadata(footer.buffer), end };
  } finally {
    await input.close();
  }
}

/** A row group whose data lie `by` bytes further on. */
function shifted(group: RowGroup, by: bigint): RowGroup {
  const move = (offset: bigint | undefined) => (offset === undefined ? undefined : offset + by);
  const columns = group.columns.map((column) => {
    const data = column.meta_data!;
    const moved = {
      ...data,
      data_page_offset: data.data_page_offset + by,
      index_page_offset: move(data.index_page_offset),
      dictionary_page_offset: move(data.dictionary_page_offset),
      bloom_filter_offset: move(data.bloom_filter_offset),
    };
    return { ...column, file_offset: column.file_offset + by, meta_data: withoutUndefined(moved) };
  });
  return withoutUndefined({ ...group, columns, file_offset: move(group.file_offset) }) as RowGroup;
}

function withoutUndefined<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}

async function copyBytes(file: string, start: number, end: number, output: FileHandle): Promise<number> {
  if (end <= start) return 0;
  for await (const bytes of createReadStream(file, { start, end: end - 1, highWaterMark: 1 << 20 }))
    await output.writeFile(bytes);
  return end - start;
}

async function writeFooter(output: FileHandle, metadata: FileMetaData): Promise<void> {
  const { metadata_length, ...rest } = metadata;
  const writer = new ByteWriter();
  writeMetadata(writer, rest as FileMetaData);
  await output.writeFile(writer.getBytes());
  await output.writeFile(magic);
}
