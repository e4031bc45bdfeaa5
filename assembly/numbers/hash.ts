// Hash of a row of 32-bit words, one word after the other: h = mix(h, word).

/** 2^64 divided by the golden ratio, rounded to an odd number. */
const multiplier: u64 = ((<u64>0x9e3779b9) << 32) | 0x7f4a7c15;

/** Adds a word to a hash: p = (h xor word) x multiplier mod 2^64, h = p xor (p >> 32). */
export function mix(hash: u64, word: u32): u64 {
  const product = (hash ^ <u64>word) * multiplier;
  return product ^ (product >> 32);
}
