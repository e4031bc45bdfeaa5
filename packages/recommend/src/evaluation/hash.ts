import { fmix32 } from '@basketwise/core/parts';

/** Weyl constant that separates the streams of different seeds. */
const golden = 0x9e3779b9;

/** Hash of the `index`-th customer (or draw) under `seed`, 0 to 2^32 - 1. The same on every machine. */
export function hash(index: number, seed: number): number {
  return fmix32((index + Math.imul(seed, golden)) >>> 0);
}

/** Maps a hash to 0 to count - 1 without the bias of a remainder. */
export function pick(hashed: number, count: number): number {
  return Math.floor((hashed * count) / 2 ** 32);
}
