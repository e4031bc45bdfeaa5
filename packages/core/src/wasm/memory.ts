import { AppError, bug } from '../error.ts';

/** First address of the stack of allocations. Address 0 is never used, because it stands for an absent array (`nowhere`). */
const firstAddress = 1024 as Address;
/** Bytes of a cache line, to which allocations are aligned. SIMD loads are then aligned, and workers do not share cache lines. */
const alignment = 64;
/** Bytes of a WebAssembly page. */
export const pageBytes = 65_536;
/**
 * Largest memory, one page less than 2^32 bytes. The end of the last allocation must also be an address, and kernels may read a
 * few bytes past this end.
 */
const limitBytes = 65_535 * pageBytes;

/**
 * Allocator of the memory of kernels, as a stack. `release(mark)` frees all allocations made after `mark()` returned the mark.
 * Kernels never allocate: callers pass them addresses. The memory grows as needed, up to a page less than 4 GiB.
 * Callers must create a view right before they use it, because growing an unshared memory detaches older views.
 */
export class KernelMemory {
  readonly memory: WebAssembly.Memory;
  #top: Address = firstAddress;
  #peak: number = firstAddress;

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
  }

  /** Bytes now in use, and the largest number of bytes in use so far. */
  get usage(): { bytes: number; peakBytes: number } {
    return { bytes: this.#top, peakBytes: this.#peak };
  }

  /** Current top of the stack, for `release`. */
  mark(): Address {
    return this.#top;
  }

  /** Frees all allocations made after `mark`. */
  release(mark: Address): void {
    if (mark < firstAddress || mark > this.#top) {
      throw new AppError(
        'bug',
        `kernel memory released to ${mark}, in use up to ${this.#top}`,
        'Release marks in the reverse order of taking them.',
      );
    }
    this.#top = mark;
  }

  /**
   * Allocates `bytes` bytes, 64-byte aligned. Their content is arbitrary.
   * @throws AppError bad-data if the memory would exceed its limit of almost 4 GiB, or the machine refuses the memory
   */
  allocate(bytes: number): Address {
    const address = (Math.ceil(this.#top / alignment) * alignment) as Address;
    const top = address + bytes;
    if (!Number.isFinite(bytes) || bytes < 0) throw bug(`kernel memory asked for ${bytes} bytes`);
    if (top > limitBytes) this.#refuse(bytes);
    const missing = top - this.memory.buffer.byteLength;
    if (missing > 0) {
      try {
        this.memory.grow(Math.ceil(missing / pageBytes));
      } catch {
        this.#refuse(bytes);
      }
    }
    this.#top = offset(address, bytes);
    this.#peak = Math.max(this.#peak, top);
    return address;
  }

  /** Allocates `bytes` bytes set to zero. */
  allocateZeroed(bytes: number): Address {
    const address = this.allocate(bytes);
    this.u8(address, bytes).fill(0);
    return address;
  }

  /** Copies `values` to a new allocation. */
  store(values: Float32Array | Float64Array | Uint32Array | Int32Array | Uint8Array): Address {
    const address = this.allocate(values.byteLength);
    this.u8(address, values.byteLength).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    return address;
  }

  /** Reads `count` addresses (u32) that kernels wrote at `address`. */
  addresses(address: Address, count: number): Address[] {
    return Array.from(this.u32(address, count), (value) => value as Address);
  }

  /** View of `count` numbers at `address`. Valid until the next allocation, if the memory is unshared. */
  u8(address: Address, count: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, address, count);
  }

  /** @see u8 */
  u16(address: Address, count: number): Uint16Array {
    return new Uint16Array(this.memory.buffer, address, count);
  }

  /** @see u8 */
  u32(address: Address, count: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, address, count);
  }

  /** @see u8 */
  i32(address: Address, count: number): Int32Array {
    return new Int32Array(this.memory.buffer, address, count);
  }

  /** @see u8 */
  i64(address: Address, count: number): BigInt64Array {
    return new BigInt64Array(this.memory.buffer, address, count);
  }

  /** @see u8 */
  f32(address: Address, count: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, count);
  }

  /** @see u8 */
  f64(address: Address, count: number): Float64Array {
    return new Float64Array(this.memory.buffer, address, count);
  }

  #refuse(bytes: number): never {
    const used = Math.round(this.#top / 2 ** 20);
    throw new AppError(
      'bad-data',
      `kernel memory exhausted: ${Math.round(bytes / 2 ** 20)} MiB more requested, ${used} MiB in use, 4096 MiB at most`,
      'Run with more memory, fewer recency bands, fewer columns per campaign or a smaller `fit_sample` of clusters.',
    );
  }
}

/** Layout of a record: the position of each field in u32 words. It is generated from a layouts.ts in assembly/. */
type Layout = Readonly<Record<'recordWords' | 'recordBytes', number>>;

/** Values of the fields of a record. Absent fields are 0. */
export type Fields<L extends Layout> = Partial<Record<Exclude<keyof L, keyof Layout>, number>>;

/** Record as u32 words, in the order of its layout. */
export function recordOf<L extends Layout>(layout: L, fields: Fields<L>): number[] {
  const record = new Array<number>(layout.recordWords).fill(0);
  for (const [name, value] of Object.entries<number | undefined>(fields)) record[layout[name as keyof L] as number] = value ?? 0;
  return record;
}

/** Stores records in kernel memory, one after the other. */
export function storeRecords<L extends Layout>(memory: KernelMemory, layout: L, records: readonly Fields<L>[]): Address {
  return memory.store(Uint32Array.from(records.flatMap((fields) => recordOf(layout, fields))));
}

/** Stores a record in kernel memory. All of its fields must be given. */
export function storeRecord<L extends Layout>(memory: KernelMemory, layout: L, fields: Required<Fields<L>>): Address {
  return storeRecords(memory, layout, [fields as Fields<L>]);
}

declare const address: unique symbol;

/**
 * Address in kernel memory, or the end of an allocation: bytes from the start of the memory, below 2^32.
 * Only KernelMemory and `offset` create addresses.
 */
export type Address = number & { readonly [address]: true };

/** Number that is not an address. Kernel parameters of this type do not accept addresses. */
export type Quantity = number & { readonly [address]?: never };

/** Address of an absent array. */
export const nowhere = 0 as Address;

/** Address `bytes` bytes after `from`. */
export function offset(from: Address, bytes: number): Address {
  return (from + bytes) as Address;
}
