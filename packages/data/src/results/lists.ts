import {
  type Address,
  type CampaignResults,
  type KernelMemory,
  type KernelPool,
  nowhere,
  offset,
  required,
} from '@basketwise/core';
import { type Dictionary, textDictionary } from './parquet-column.ts';

/** Distinct names and codes of products, and the index of each product's name and code. */
export interface ProductNames {
  codes: Dictionary;
  names: Dictionary;
  /** Index of each product's name, u32[products]. */
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

/** Columns of list entries, in the order of their words. */
const entryColumns = ['product', 'score', 'probability', 'source', 'reason', 'arm'] as const;

/** Name of a column of an entry. */
export type EntryColumn = (typeof entryColumns)[number];

/** Lists of a campaign in kernel memory. */
export interface StoredLists {
  results: CampaignResults;
  products: ProductNames;
  /** Start of the list of each basket row, u32[rows + 1]. An additional 0 precedes the array. */
  start: Address;
  /** All entries of the lists. An entry has a 4-byte word for each column, in the order of `columns`. */
  entries: Address;
  columns: readonly EntryColumn[];
  nameOf: Address;
  /** Cluster of each basket row, or `nowhere` if no row has a cluster. */
  cluster: Address;
  /** Number of clusters: the largest cluster number plus 1. */
  clusters: number;
}

/** Copies the lists of a campaign to kernel memory. They stay there until the caller releases its mark. */
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

/** Copies columns of equal length to kernel memory. The words of one entry are adjacent there. */
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

/** Copies numbers to kernel memory, and puts a 0 before the first. */
function afterZero(memory: KernelMemory, numbers: Uint32Array): Address {
  const before = memory.allocate((numbers.length + 1) * 4);
  const stored = memory.u32(before, numbers.length + 1);
  stored[0] = 0;
  stored.set(numbers, 1);
  return offset(before, 4);
}

/** Lists of the customers of a window (consecutive customers), in kernel memory. Each field has 4 bytes per customer. */
export interface WindowLists {
  /** Basket row of each customer; -1 for a customer without one. */
  units: Address;
  /** Start of each customer's list. */
  first: Address;
  /** Number of entries of each customer's list. */
  length: Address;
}

/** Consecutive customers whose lists form one row group of the file. */
export interface RowGroup {
  /** Positions of the customers in the window: from `from` up to but excluding `to`. The first of them has a list. */
  from: number;
  to: number;
  /** Address of the id of the customer `from`. */
  ids: Address;
  /** Addresses of the smallest and the largest id, compared by bytes, among the customers with a list. */
  least: Address;
  greatest: Address;
  /** Number of customers with a list. */
  served: number;
  /** Number of rows of the group. */
  rows: number;
  /** Total bytes of the ids of the customers with a list. Each id has its length in 4 bytes before it. */
  textBytes: number;
  /** Number of entries of the longest list. */
  longest: number;
}
