import { type Address, type KernelMemory, type KernelPool, offset } from '@basketwise/core';
import type { RowGroup } from './lists.ts';
import { fullLevels } from './parquet-column.ts';

/** Parquet page that is being written. Its content ends at `end`. */
export interface OpenPage {
  address: Address;
  end: Address;
}

/** Pages of one column, one per row group, in kernel memory. They stay there until the caller releases its mark. */
export class Pages {
  readonly #pool: KernelPool;
  readonly #memory: KernelMemory;
  readonly #groups: readonly RowGroup[];

  constructor(pool: KernelPool, groups: readonly RowGroup[]) {
    this.#pool = pool;
    this.#memory = pool.memory;
    this.#groups = groups;
  }

  /** Opens a page per row group for rows without nulls, with space for `bytes` bytes of values. */
  full(bytes: (group: RowGroup) => number): OpenPage[] {
    return this.#groups.map((group) => {
      const levels = fullLevels(group.rows);
      const address = this.#memory.allocate(levels.length + bytes(group) + 16);
      this.#memory.u8(address, levels.length).set(levels);
      return { address, end: offset(address, levels.length) };
    });
  }

  /** Opens a page per row group for rows of which some are null, with space for `bytes` bytes of values. */
  async partly(present: readonly Address[], bytes: (group: RowGroup) => number): Promise<OpenPage[]> {
    const pages = this.#groups.map((group) => this.#memory.allocate(32 + group.rows / 8 + bytes(group)));
    const calls = this.#groups.map(({ rows }, i) => {
      return { values: present[i]!, count: rows, width: 1, target: offset(pages[i]!, 4) };
    });
    const lengths = await this.#pool.run('packWords', calls);
    return pages.map((address, i) => {
      new DataView(this.#memory.memory.buffer).setUint32(address, lengths[i]!, true);
      return { address, end: offset(address, 4 + lengths[i]!) };
    });
  }

  /** Bytes of a page before compression. */
  body({ address, end }: OpenPage) {
    return { stored: this.#memory.u8(address, end - address), bytes: end - address };
  }

  /** Compresses the pages. */
  async compressed(pages: readonly OpenPage[]): Promise<(() => { stored: Uint8Array; bytes: number })[]> {
    const targets = pages.map(({ address, end }) => this.#memory.allocate(32 + Math.ceil(((end - address) * 7) / 6)));
    const calls = pages.map(({ address, end }, i) => ({ input: address, bytes: end - address, target: targets[i]! }));
    const lengths = await this.#pool.run('compressSnappy', calls, 2 ** 16);
    return pages.map(({ address, end }, i) => () => ({
      stored: this.#memory.u8(targets[i]!, lengths[i]!),
      bytes: end - address,
    }));
  }

  /** Appends bit-packed indices into a dictionary to pages, after the definition levels. */
  async pack(pages: readonly OpenPage[], values: readonly Address[], counts: readonly number[], widths: readonly number[]) {
    for (const [i, page] of pages.entries()) this.appendByte(page, widths[i]!);
    const calls = pages.map((page, i) => ({ values: values[i]!, count: counts[i]!, width: widths[i]!, target: page.end }));
    const lengths = await this.#pool.run('packWords', calls);
    for (const [i, page] of pages.entries()) page.end = offset(page.end, lengths[i]!);
  }

  /** Appends words to a page. */
  append(page: OpenPage, values: Address, count: number): void {
    this.#memory.u8(page.end, count * 4).set(this.#memory.u8(values, count * 4));
    page.end = offset(page.end, count * 4);
  }

  appendByte(page: OpenPage, value: number): void {
    this.#memory.u8(page.end, 1)[0] = value;
    page.end = offset(page.end, 1);
  }
}
