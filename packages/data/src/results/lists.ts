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

/** Distinct texts of the products, and the text of each product. */
export interface ProductNames {
  codes: Dictionary;
  names: Dictionary;
  /** Number of each product's name. */
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

/** Column of the entries of lists. */
export type EntryColumn = (typeof entryColumns)[number];

/** Lists of a campaign, in kernel memory. */
export interface StoredLists {
  results: CampaignResults;
  products: ProductNames;
  /** Start of each basket row's list. A 0 precedes the first. */
  start: Address;
  /** All entries, with a word for each of `columns`. */
  entries: Address;
  columns: readonly EntryColumn[];
  nameOf: Address;
  /** Cluster of each basket row. `nowhere`: null for all. */
  cluster: Address;
  /** Largest cluster number plus 1. */
  clusters: number;
}

/** Copies a campaign's lists to kernel memory. They stay until its mark is released. */
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

/** Copies columns of equal length to kernel memory. The words of an entry are adjacent. */
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

/** Customers of a window with their lists, in kernel memory: 4 bytes per customer in each field. */
export interface WindowLists {
  /** Basket row of each customer. -1 for customers without one. */
  units: Address;
  /** Start of each customer's list. */
  first: Address;
  /** Number of entries of each customer's list. */
  length: Address;
}

/** Customers of a row group. Their lists are consecutive. */
export interface RowGroup {
  /** Range of customers in the window, from .. to. The first has a list. */
  from: number;
  to: number;
  /** Address of the id of `from`. */
  ids: Address;
  /** Addresses of the least and the greatest id, by bytes, among the customers with a list. */
  least: Address;
  greatest: Address;
  /** Number of customers with a list. */
  served: number;
  /** Number of rows of these customers. */
  rows: number;
  /** Bytes of the ids of these customers, each with its length. */
  textBytes: number;
  /** Number of entries of the longest list. */
  longest: number;
}
