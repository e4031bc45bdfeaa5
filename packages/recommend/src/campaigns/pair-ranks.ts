import { notInCampaign } from '@basketwise/core/parts';

/** Distinct pairs of two numbers that some items have, ranked from 0: ascending by the first, then by the second. */
export interface PairRanks {
  /** u32[items]: rank of each item's pair; `notInCampaign` for items without a pair. */
  rank: Uint32Array;
  /** Distinct pairs. */
  count: number;
  /** u32[firsts + 1]: number of pairs with a smaller first number. */
  before: Uint32Array;
}

/** The pairs of some items. */
export interface Pairs {
  /** u32[items]: below `firsts`, or `notInCampaign` for items without a pair. */
  first: Uint32Array;
  firsts: number;
  /** Below `seconds`; negative numbers rank last, as one. */
  second: Uint32Array | Int16Array;
  seconds: number;
}

/** Words of bits at a time: 128 MiB with their counts. */
const mostWords = 2 ** 24;

/** Ranks pairs by a bit for each possible pair, in passes over the items: memory does not grow with the number of possible pairs. */
export function rankPairs(pairs: Pairs): PairRanks {
  const { first, firsts, second, seconds } = pairs;
  // one more place for negative numbers
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
      const own = first[item]!;
      if (own < from || own >= to) continue;
      const place = second[item]! < 0 ? seconds : second[item]!;
      const word = (own - from) * words + (place >>> 5);
      rank[item] = sums[word]! + bitsIn(bits[word]! & ((1 << (place & 31)) - 1));
    }
  }
  return { rank, count: before[firsts]!, before };
}

/** Sets the bit of each pair whose first number is in from .. to. */
function markPairs(
  bits: Uint32Array,
  { first, second, seconds }: Pairs,
  { from, to, words }: Record<'from' | 'to' | 'words', number>,
): void {
  for (let item = 0; item < first.length; item++) {
    const own = first[item]!;
    if (own < from || own >= to) continue;
    const place = second[item]! < 0 ? seconds : second[item]!;
    bits[(own - from) * words + (place >>> 5)]! |= 1 << (place & 31);
  }
}

/** u32[words + 1]: a start, plus the bits of all earlier words. */
function countBits(bits: Uint32Array, start: number): Uint32Array {
  const sums = new Uint32Array(bits.length + 1);
  sums[0] = start;
  for (let word = 0; word < bits.length; word++) sums[word + 1] = sums[word]! + bitsIn(bits[word]!);
  return sums;
}

/** Number of bits of a word (Hacker's Delight, 5-1). */
function bitsIn(word: number): number {
  let bits = word - ((word >>> 1) & 0x5555_5555);
  bits = (bits & 0x3333_3333) + ((bits >>> 2) & 0x3333_3333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}
