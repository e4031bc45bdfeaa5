// Hashes of sets of columns: the lookup keys of the counts by exact basket (packages/core/src/models/basket-index.ts).

/**
 * Hash of a column number: the finaliser of MurmurHash3.
 * A set has two hash words: the sum of its columns' hashes with seed 1 (low), and the sum with seed 2 (high).
 */
export function scatter(column: u32, seed: u32): u32 {
  let h = column + 1 + seed * 0x9e3779b9;
  h = (h ^ (h >>> 16)) * 0x85ebca6b;
  h = (h ^ (h >>> 13)) * 0xc2b2ae35;
  return h ^ (h >>> 16);
}

/**
 * Address of the slot of a set, found by linear probing. A slot has four words: low, high, start and end of the set's counts.
 * If the set is absent, returns a free slot, whose counts are 0 .. 0.
 * @param mask number of slots - 1
 */
export function slotOf(slots: usize, mask: u32, low: u32, high: u32): usize {
  let slot = (low ^ (high * 0x9e3779b9)) & mask;
  let at = slots + (slot << 4);
  while (load<u32>(at, 12) !== 0 && (load<u32>(at) !== low || load<u32>(at, 4) !== high)) {
    slot = (slot + 1) & mask;
    at = slots + (slot << 4);
  }
  return at;
}
