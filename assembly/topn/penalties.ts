// Penalties of candidates, f32[padded]: 0, or -infinity for a held candidate or padding. Candidates are the recommendable columns, numbered
// in product-code order and padded to 16: other columns need no scores.

/** Marks a column that is not a candidate. */
export const noCandidate: u32 = 0xffffffff;

/** Penalties at the start of a block: none held, padding excluded. */
export function clearPenalties(penalty: usize, candidates: u32, padded: u32): void {
  memory.fill(penalty, 0, (<usize>candidates) << 2);
  for (let i = candidates; i < padded; i++) store<f32>(penalty + ((<usize>i) << 2), -Infinity);
}

/** Writes `value` at the candidates among the entries e .. end. */
export function setHeld(penalty: usize, candidateOf: usize, e: usize, end: usize, value: f32): void {
  for (; e < end; e += 4) {
    const candidate = load<u32>(candidateOf + ((<usize>(load<u32>(e) >>> 8)) << 2));
    if (candidate !== noCandidate) store<f32>(penalty + ((<usize>candidate) << 2), value);
  }
}
