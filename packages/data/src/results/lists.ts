import { type Address, type KernelMemory, type KernelPool, nowhere, offset, required } from '@basketwise/core';
import type { CampaignResults } from '@basketwise/core/advice';
import { type Dictionary, textDictionary } from './parquet-column.ts';

/** Texts of the products, and which of them each product has. */
export interface ProductTexts {
  codes: Dictionary;
  names: Dictionary;
  /** By product: number of its name. */
  nameOf: Uint32Array;
}

export function productTexts(products: readonly { code: string; name: string }[]): ProductTexts {
  const names = [...new Set(products.map(({ name }) => name))];
  const positions = new Map(names.map((name, i) => [name, i]));
  return {
    codes: textDictionary(products.map(({ code }) => code)),
    names: textDictionary(names),
    nameOf: Uint32Array.from(products, ({ name }) => required(positions, name)),
  };
}

/** A campaign's lists in kernel memory. */
export interface StoredLists {
  results: CampaignResults;
  products: ProductTexts;
  /** Where the lists of units begin; another 0 lies before it. */
  start: Address;
  product: Address;
  score: Address;
  source: Address;
  nameOf: Address;
  /** `nowhere`: null everywhere. */
  probability: Address;
  cluster: Address;
  reason: Address;
  arm: Address;
  /** One more than the largest cluster. */
  clusters: number;
}

/** Copies a campaign's lists to kernel memory, where they stay until its mark is released. */
export function storeLists({ memory }: KernelPool, results: CampaignResults, products: ProductTexts): StoredLists {
  const { start, product, score, source, probability, cluster, reason, arm } = results.units;
  return {
    ...{ results, products },
    start: afterZero(memory, start),
    product: memory.store(product),
    score: memory.store(score),
    source: memory.store(source),
    nameOf: memory.store(products.nameOf),
    probability: probability ? memory.store(probability) : nowhere,
    cluster: cluster ? memory.store(cluster) : nowhere,
    reason: reason ? memory.store(reason) : nowhere,
    arm: arm ? memory.store(arm) : nowhere,
    clusters: (cluster?.reduce((most, value) => Math.max(most, value), -1) ?? -1) + 1,
  };
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
  /** Their units; -1 for who has none. */
  units: Address;
  /** Where their lists begin. */
  first: Address;
  /** Entries of their lists. */
  length: Address;
}

/** Customers of a row group, whose lists come one after the other. */
export interface RowGroup {
  /** Customers from .. to of the window; the first has a list. */
  from: number;
  to: number;
  /** Address of the id of `from`. */
  ids: Address;
  /** Addresses of the least and of the greatest id, by bytes, of those who have a list. */
  least: Address;
  greatest: Address;
  /** Customers who have a list, and their rows. */
  served: number;
  rows: number;
  /** Bytes of their ids, each with its length. */
  textBytes: number;
  /** Entries of the longest list. */
  longest: number;
}
