// Sets of columns, the lookup keys of counts (packages/core/src/models/basket-index.ts).

/**
 * Hash of a column number (MurmurHash3's finaliser). The first word of a set is the sum with seed 1, the second that with seed 2.
 */
export function scatter(column: u32, seed: u32): u32 {
  let h = column + 1 + seed * 0x9e3779b9;
  h = (h ^ (h >>> 16)) * 0x85ebca6b;
  h = (h ^ (h >>> 13)) * 0xc2b2ae35;
  return h ^ (h >>> 16);
}

/** Slot of a set: four words, the last two being the range of its counts (0 .. 0 without any). @param mask number of slots - 1 */
export function slotOf(slots: usize, mask: u32, low: u32, high: u32): usize {
  let slot = (low ^ (high * 0x9e3779b9)) & mask;
  let at = slots + (slot << 4);
  while (load<u32>(at, 12) !== 0 && (load<u32>(at) !== low || load<u32>(at, 4) !== high)) {
    slot = (slot + 1) & mask;
    at = slots + (slot << 4);
  }
  return at;
}
