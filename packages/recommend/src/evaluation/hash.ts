import { fmix32 } from '@basketwise/core';

/** Weyl constant: multiples of it separate the hash streams of different seeds. */
const golden = 0x9e3779b9;

/** Hash of a customer number, or of the number of a draw, under a seed: 0 to 2^32 - 1. Equal on every machine. */
export function hash(index: number, seed: number): number {
  return fmix32((index + Math.imul(seed, golden)) >>> 0);
}

/** Maps a hash to an integer from 0 to count - 1. Unlike the remainder, the scaled hash has no bias. */
export function pick(hashed: number, count: number): number {
  return Math.floor((hashed * count) / 2 ** 32);
}
