import {
  type Address,
  type CampaignResults,
  type KernelMemory,
  type KernelPool,
  nowhere,
  offset,
  required,
} from '@basketwise/core/parts';
import { type Dictionary, textDictionary } from './parquet-column.ts';

/** Texts of the products, and the texts of each product. */
export interface ProductNames {
  codes: Dictionary;
  names: Dictionary;
  /** By product: number of its name. */
  nameOf: Uint32Array;
}

export function productTexts(products: readonly { code: string; name: string }[]): ProductNames {
  const names = [...new Set(products.map(({ name }) => name))];
  const positions = new Map(names.map((name, i) => [name, i]));
  return {
    codes: textDictionary(products.map(({ code }) => code)),
    names: textDictionary(names),
    nameOf: Uint32Array.from(products, ({ name }) => required(positions, name)),
  };
}

/** Columns of the entries of lists. */
const entryColumns = ['product', 'score', 'probability', 'source', 'reason', 'arm'] as const;

/** A column of the entries of lists. */
export type EntryColumn = (typeof entryColumns)[number];

/** A campaign's lists in kernel memory. */
export interface StoredLists {
  results: CampaignResults;
  products: ProductNames;
  /** Start of each basket row's list; preceded by another 0. */
  start: Address;
  /** All entries, a word for each of `columns`. */
  entries: Address;
  columns: readonly EntryColumn[];
  nameOf: Address;
  /** By basket row; `nowhere`: null everywhere. */
  cluster: Address;
  /** One more than the largest cluster. */
  clusters: number;
}

/** Copies a campaign's lists to kernel memory, where they stay until its mark is released. */
export function storeLists({ memory }: KernelPool, results: CampaignResults, products: ProductNames): StoredLists {
  const { start, cluster } = results.units;
  const columns = entryColumns.filter((name) => results.units[name] !== undefined);
  return {
    ...{ results, products, columns },
    start: afterZero(memory, start),
    entries: storeEntries(
      memory,
      columns.map((name) => results.units[name]!),
    ),
    nameOf: memory.store(products.nameOf),
    cluster: cluster ? memory.store(cluster) : nowhere,
    clusters: (cluster?.reduce((most, value) => Math.max(most, value), -1) ?? -1) + 1,
  };
}

/** Copies columns of one length to kernel memory, the words of each entry adjacent. */
function storeEntries(memory: KernelMemory, columns: readonly (Int32Array | Uint8Array | Float32Array)[]): Address {
  const entries = columns[0]!.length;
  const address = memory.allocate(entries * columns.length * 4);
  const words = memory.i32(address, entries * columns.length);
  for (const [word, column] of columns.entries()) {
    const numbers = column instanceof Float32Array ? new Int32Array(column.buffer, column.byteOffset, column.length) : column;
    for (let i = 0, at = word; i < entries; i++, at += columns.length) words[at] = numbers[i]!;
  }
  return address;
}

/** Copies numbers to kernel memory, with a 0 before them. */
function afterZero(memory: KernelMemory, numbers: Uint32Array): Address {
  const before = memory.allocate((numbers.length + 1) * 4);
  const stored = memory.u32(before, numbers.length + 1);
  stored[0] = 0;
  stored.set(numbers, 1);
  return offset(before, 4);
}

/** The customers of a window in kernel memory, each with their list: 4 bytes each. */
export interface WindowLists {
  /** Their basket rows; -1 for customers without one. */
  units: Address;
  /** Start of their lists. */
  first: Address;
  /** Entries of their lists. */
  length: Address;
}

/** Customers of a row group, whose lists are consecutive. */
export interface RowGroup {
  /** Customers from .. to of the window; the first has a list. */
  from: number;
  to: number;
  /** Address of the id of `from`. */
  ids: Address;
  /** Addresses of the least and of the greatest id, by bytes, of the customers with a list. */
  least: Address;
  greatest: Address;
  /** Customers with a list, and their rows. */
  served: number;
  rows: number;
  /** Bytes of their ids, each with its length. */
  textBytes: number;
  /** Entries of the longest list. */
  longest: number;
}
