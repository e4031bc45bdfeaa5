import { notInCampaign } from '@basketwise/core';

/** Ranks of the distinct pairs of numbers that items have. Rank 0 is the lowest; pairs are ordered by the first number, then by the second. */
export interface PairRanks {
  /** Rank of each item's pair, u32[items], or `notInCampaign` for an item without a pair. */
  rank: Uint32Array;
  /** Number of distinct pairs. */
  count: number;
  /** Number of distinct pairs whose first number is less than i, for each i: u32[firsts + 1]. */
  before: Uint32Array;
}

/** Items, each with a pair of numbers. */
export interface Pairs {
  /** First number of each item's pair, u32[items], less than `firsts`. `notInCampaign`: the item has no pair. */
  first: Uint32Array;
  firsts: number;
  /** Second number of each item's pair, less than `seconds`. Negative numbers count as one value, which ranks last. */
  second: Uint32Array | Int16Array;
  seconds: number;
}

/** Maximum number of 32-bit words of the bitmap in one pass. The words and their running counts take 128 MiB. */
const mostWords = 2 ** 24;

/**
 * Ranks pairs by a bitmap with one bit for each possible pair. Each pass over the items has one part of the bitmap in memory, about `mostWords`
 * words.
 */
export function rankPairs(pairs: Pairs): PairRanks {
  const { first, firsts, second, seconds } = pairs;
  // One extra bit is for the negative numbers.
  const words = Math.ceil((seconds + 1) / 32);
  const step = Math.max(1, Math.floor(mostWords / words));
  const rank = new Uint32Array(first.length).fill(notInCampaign);
  const before = new Uint32Array(firsts + 1);
  for (let from = 0; from < firsts; from += step) {
    const to = Math.min(firsts, from + step);
    const bits = new Uint32Array((to - from) * words);
    markPairs(bits, pairs, { from, to, words });
    const sums = countBits(bits, before[from]!);
    for (let at = from; at <= to; at++) before[at] = sums[(at - from) * words]!;
    for (let item = 0; item < first.length; item++) {
      const number = first[item]!;
      if (number < from || number >= to) continue;
      const place = second[item]! < 0 ? seconds : second[item]!;
      const word = (number - from) * words + (place >>> 5);
      rank[item] = sums[word]! + bitsIn(bits[word]! & ((1 << (place & 31)) - 1));
    }
  }
  return { rank, count: before[firsts]!, before };
}

/** Sets the bit of each pair whose first number is at least `from` and less than `to`. */
function markPairs(
  bits: Uint32Array,
  { first, second, seconds }: Pairs,
  { from, to, words }: Record<'from' | 'to' | 'words', number>,
): void {
  for (let item = 0; item < first.length; item++) {
    const number = first[item]!;
    if (number < from || number >= to) continue;
    const place = second[item]! < 0 ? seconds : second[item]!;
    bits[(number - from) * words + (place >>> 5)]! |= 1 << (place & 31);
  }
}

/** Number of bits set before each word, plus `start`: u32[words + 1]. */
function countBits(bits: Uint32Array, start: number): Uint32Array {
  const sums = new Uint32Array(bits.length + 1);
  sums[0] = start;
  for (let word = 0; word < bits.length; word++) sums[word + 1] = sums[word]! + bitsIn(bits[word]!);
  return sums;
}

/** Number of bits set in a word (Hacker's Delight, 5-1). */
function bitsIn(word: number): number {
  let bits = word - ((word >>> 1) & 0x5555_5555);
  bits = (bits & 0x3333_3333) + ((bits >>> 2) & 0x3333_3333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}
