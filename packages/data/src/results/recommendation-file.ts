import { type FileHandle, open } from 'node:fs/promises';
import { type Address, blocksOf, bug, type CampaignResults, type KernelPool, offset, resultGroup } from '@basketwise/core';
import type { FileMetaData, SchemaElement } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';
import { groupRows } from '../duckdb/engine.ts';
import type { TextBlock } from '../duckdb/text-blocks.ts';
import { type ProductNames, type RowGroup, type StoredLists, storeLists, type WindowLists } from './lists.ts';
import type { EncodedColumn } from './parquet-column.ts';
import { encodeColumns, type PublishedColumn } from './result-columns.ts';
import { RowGroupEncoder } from './row-group-encoder.ts';

/** Bytes with which a Parquet file begins and ends: "PAR1". */
const magic = Buffer.from('PAR1');
/**
 * Number of customers of a window, and largest number of customers of a row group. A window then has enough row groups for all
 * workers.
 */
const windowCustomers = 2 ** 19;
/** Largest number of row groups that are encoded at a time. It limits the memory if lists are long. */
const groupsAtOnce = 24;

const typeOf = { VARCHAR: 'BYTE_ARRAY', INTEGER: 'INT32', BIGINT: 'INT64', FLOAT: 'FLOAT' } as const;

/** Columns of a file, and the name of its rows in the Parquet schema. */
export interface FileShape {
  name: string;
  columns: readonly PublishedColumn[];
}

/** Parquet schema of the file. Every column is declared nullable. */
function parquetSchema({ name: root, columns: all }: FileShape): SchemaElement[] {
  const columns = all.map(
    ({ name, parquet }): SchemaElement => ({
      name,
      type: typeOf[parquet],
      repetition_type: 'OPTIONAL',
      ...(parquet === 'VARCHAR' && { converted_type: 'UTF8', logical_type: { type: 'STRING' } }),
      ...(parquet === 'INTEGER' && { converted_type: 'INT_32' }),
      ...(parquet === 'BIGINT' && { converted_type: 'INT_64' }),
    }),
  );
  return [{ name: root, repetition_type: 'REQUIRED', num_children: columns.length }, ...columns];
}

/** Number of customers and rows that a campaign has in the file. */
interface Appended {
  customers: number;
  rows: number;
}

/** Consecutive customers that are written together. The first ones can be customers left over from the previous window. */
interface Window {
  /** Number, in the campaign, of the first customer. */
  first: number;
  customers: number;
  /** Number of customers left over from the previous window. */
  left: number;
  /** Ids of the customers, in several blocks. */
  ids: Uint8Array[];
  /** Whether this is the last window. */
  isLast: boolean;
}

/** State of appending lists to a file. */
interface Appending {
  file: RecommendationFile;
  lists: StoredLists;
  window: Window;
  appended: Appended;
}

/**
 * Writes recommendations.parquet row group by row group, directly from the lists of basket rows.
 * Repeated texts are in dictionaries. The id of a customer is written once, with the number of the customer's rows. Nothing is
 * sorted or joined.
 * Kernels encode, one row group per call. Same input, same bytes.
 */
export class RecommendationFile {
  readonly #output: FileHandle;
  readonly #pool: KernelPool;
  readonly #products: ProductNames;
  readonly #shape: FileShape;
  readonly #groups: FileMetaData['row_groups'] = [];
  #offset = magic.length;
  #rows = 0;
  /** Write to the disk that has not ended yet. */
  #writing: Promise<void> = Promise.resolve();
  /**
   * Sync of earlier writes that has not ended yet. It runs during the encoding, so that little remains to sync at the end of the
   * file.
   */
  #forcing: Promise<void> = Promise.resolve();
  /** Buffer of the pending write. It is reused, because new buffers would burden the garbage collector. */
  #room = Buffer.alloc(0);

  private constructor(output: FileHandle, pool: KernelPool, products: ProductNames, shape: FileShape) {
    this.#shape = shape;
    this.#output = output;
    this.#pool = pool;
    this.#products = products;
  }

  /** Creates a file with mode 0600. */
  static async create(path: string, pool: KernelPool, products: ProductNames, shape: FileShape): Promise<RecommendationFile> {
    const output = await open(path, 'w', 0o600);
    await output.writeFile(magic);
    return new RecommendationFile(output, pool, products, shape);
  }

  /**
   * Appends the lists of a campaign, and releases the kernel memory that it allocated.
   * @param ids ids of all customers in order, in blocks of any length
   */
  async append(results: CampaignResults, ids: AsyncIterable<TextBlock>): Promise<Appended> {
    const [appended] = await RecommendationFile.appendTogether(this.#pool, [{ file: this, results }], ids);
    return appended!;
  }

  /**
   * Appends lists to several files in one pass over the ids.
   * @param files files with their lists; all use the same pool
   */
  static async appendTogether(
    { memory }: KernelPool,
    files: readonly { file: RecommendationFile; results: CampaignResults }[],
    ids: AsyncIterable<TextBlock>,
  ): Promise<Appended[]> {
    const mark = memory.mark();
    try {
      const appending = files.map(({ file, results }): Appending => {
        const window = { first: 0, customers: 0, left: 0, ids: [], isLast: false };
        return { file, window, lists: storeLists(file.#pool, results, file.#products), appended: { customers: 0, rows: 0 } };
      });
      for await (const { rows, bytes } of ids) {
        for (const one of appending) {
          one.window.ids.push(bytes);
          one.window.customers += rows;
          if (one.window.customers - one.window.left >= windowCustomers) await one.file.#take(one);
        }
      }
      for (const one of appending) {
        const seen = one.window.first + one.window.customers;
        const { length } = one.lists.results.unit;
        if (seen !== length) throw bug(`${seen} ids for lists of ${length} customers`);
        one.window.isLast = true;
        await one.file.#take(one);
      }
      for (const { file } of files) file.#force();
      return appending.map(({ appended }) => appended);
    } finally {
      memory.release(mark);
    }
  }

  /** Writes the complete row groups of a window. The customers after them are left over for the next window. */
  async #take(appending: Appending): Promise<void> {
    const { memory } = this.#pool;
    const { lists, window, appended } = appending;
    const mark = memory.mark();
    try {
      const { customers, first, isLast } = window;
      const last = lists.results.unit.length;
      if (first + customers > last) throw bug(`more ids than the ${last} customers with lists`);
      const found = await this.#find(lists, first, customers);
      const ids = memory.allocate(window.ids.reduce((sum, { length }) => sum + length, 0));
      let end = ids;
      for (const bytes of window.ids) {
        memory.u8(end, bytes.length).set(bytes);
        end = offset(end, bytes.length);
      }
      const groups = await this.#plan(found, ids, customers);
      const open = isLast || groups.at(-1)?.served === 0 ? undefined : groups.pop();
      const whole = groups.filter(({ served }) => served > 0);
      for (let at = 0; at < whole.length; at += groupsAtOnce) {
        const inside = memory.mark();
        const some = whole.slice(at, at + groupsAtOnce);
        const encoded = await encodeColumns(await RowGroupEncoder.begin(this.#pool, lists, found, some), this.#shape.columns);
        await this.#writing;
        this.#writing = this.#write(some, encoded);
        this.#writing.catch(() => undefined); // The error is thrown to the next caller that awaits it.
        memory.release(inside);
      }
      for (const { served, rows } of whole) {
        appended.customers += served;
        appended.rows += rows;
      }
      const count = open ? customers - open.from : 0;
      const left = open ? [memory.u8(open.ids, end - open.ids).slice()] : [];
      appending.window = { first: first + customers - count, customers: count, left: count, ids: left, isLast: false };
    } finally {
      memory.release(mark);
    }
  }

  /** Finds the list of each customer of a window. */
  async #find({ start, results }: StoredLists, from: number, customers: number): Promise<WindowLists> {
    const { memory, size } = this.#pool;
    const units = memory.store(results.unit.subarray(from, from + customers));
    const [first, length] = [memory.allocate(customers * 4), memory.allocate(customers * 4)];
    const shares = blocksOf({ from: 0, to: customers }, Math.max(1, Math.ceil(customers / size)));
    await this.#pool.run(
      'customerLists',
      shares.map(({ from, to }) => {
        const places = { units: offset(units, from * 4), first: offset(first, from * 4), length: offset(length, from * 4) };
        return { ...places, start, customers: to - from };
      }),
    );
    return { units, first, length };
  }

  /** Divides a window into row groups. The last row group is incomplete. */
  async #plan({ length }: WindowLists, ids: Address, customers: number): Promise<RowGroup[]> {
    const { memory } = this.#pool;
    const mark = memory.mark();
    const { recordWords, recordBytes } = resultGroup;
    const groups = memory.allocate((customers + 1) * recordBytes);
    const limits = { most: groupRows, span: windowCustomers };
    const [count = 0] = await this.#pool.run('planResultGroups', [{ length, customers, ids, ...limits, groups }]);
    const words = memory.u32(groups, count * recordWords).slice();
    memory.release(mark);
    return Array.from({ length: count }, (_, i) => {
      const field = (name: keyof typeof resultGroup, group = i) => words[group * recordWords + resultGroup[name]]!;
      return {
        from: field('customer'),
        to: i + 1 < count ? field('customer', i + 1) : customers,
        ids: offset(ids, field('id')),
        least: offset(ids, field('least')),
        greatest: offset(ids, field('greatest')),
        served: field('served'),
        rows: field('rows'),
        textBytes: field('textBytes'),
        longest: field('longest'),
      };
    });
  }

  /** Records the offsets of row groups and writes their pages, after the pending write. Copies the pages before it returns. */
  #write(groups: readonly RowGroup[], encoded: readonly EncodedColumn[][]): Promise<void> {
    const pages = groups.flatMap(({ rows }, i) => this.#place(rows, encoded[i]!));
    const bytes = pages.reduce((sum, { length }) => sum + length, 0);
    if (bytes > this.#room.length) this.#room = Buffer.allocUnsafeSlow(Math.ceil(bytes * 1.25));
    let at = 0;
    for (const page of pages) {
      this.#room.set(page, at);
      at += page.length;
    }
    return this.#output.writeFile(this.#room.subarray(0, bytes));
  }

  /** Starts a sync of all earlier writes, without waiting for it. */
  #force(): void {
    this.#forcing = Promise.all([this.#forcing, this.#writing]).then(() => this.#output.datasync());
    this.#forcing.catch(() => undefined); // The error is thrown by the method that finishes the file.
  }

  #place(rows: number, columns: readonly EncodedColumn[]): Uint8Array[] {
    const pages: Uint8Array[] = [];
    const first = this.#offset;
    const written = columns.map(({ pages: bytes, metadata }) => {
      const at = BigInt(this.#offset);
      const { data_page_offset, dictionary_page_offset } = metadata;
      pages.push(...bytes);
      this.#offset += Number(metadata.total_compressed_size);
      const moved = {
        data_page_offset: data_page_offset + at,
        ...(dictionary_page_offset === undefined ? {} : { dictionary_page_offset: dictionary_page_offset + at }),
      };
      return { file_offset: 0n, meta_data: { ...metadata, ...moved } };
    });
    const total = columns.reduce((sum, { metadata }) => sum + metadata.total_uncompressed_size, 0n);
    this.#groups.push({
      columns: written,
      total_byte_size: total,
      num_rows: BigInt(rows),
      file_offset: BigInt(first),
      total_compressed_size: BigInt(this.#offset - first),
    });
    this.#rows += rows;
    return pages;
  }

  /** Writes the footer, and waits until the file is durable on disk. */
  async finish(): Promise<void> {
    await this.#writing;
    await this.#forcing;
    const writer = new ByteWriter();
    writeMetadata(writer, {
      version: 1,
      schema: parquetSchema(this.#shape),
      num_rows: BigInt(this.#rows),
      row_groups: this.#groups,
      created_by: 'basketwise',
      metadata_length: 0,
    });
    await this.#output.writeFile(writer.getBytes());
    await this.#output.writeFile(magic);
    await this.#output.sync();
  }

  /** Closes the file after the pending write. */
  async close(): Promise<void> {
    await this.#writing.catch(() => undefined);
    await this.#forcing.catch(() => undefined);
    await this.#output.close();
  }
}
