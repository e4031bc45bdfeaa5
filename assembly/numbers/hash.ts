// Hash of rows of words.
//   h = mix(h, word), word by word

/** 2^64 divided by the golden ratio, odd. */
const multiplier: u64 = ((<u64>0x9e3779b9) << 32) | 0x7f4a7c15;

/** Multiply and fold, one step per word. */
export function mix(hash: u64, word: u32): u64 {
  const product = (hash ^ <u64>word) * multiplier;
  return product ^ (product >> 32);
}
