// Penalties of candidates, f32[padded]: 0, or -infinity for a held candidate or padding.
// Candidates are the columns that can be recommended, in product-code order, padded to a multiple of 16. Other columns need no
// scores.

/** Candidate number of a column that is not a candidate. */
export const noCandidate: u32 = 0xffffffff;

/** Resets the penalties at the start of a block: no candidate held, padding excluded. */
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
