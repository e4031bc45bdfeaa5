// Penalties that are added to the scores of candidates, f32[padded]: -infinity for held candidates and for padding, otherwise 0.
// Candidates are the columns that can be recommended, in the order of product codes, padded to a multiple of 16.

/** Candidate number of a column that is not a candidate. */
export const noCandidate: u32 = 0xffffffff;

/** Initialises the penalties: 0 for all candidates, -infinity for the padding. */
export function clearPenalties(penalty: usize, candidates: u32, padded: u32): void {
  memory.fill(penalty, 0, (<usize>candidates) << 2);
  for (let i = candidates; i < padded; i++) store<f32>(penalty + ((<usize>i) << 2), -Infinity);
}

/** Sets the penalty of each candidate that a row holds. @param e, end addresses of the row's packed entries @param value -infinity, or 0 to reset */
export function setHeld(penalty: usize, candidateOf: usize, e: usize, end: usize, value: f32): void {
  for (; e < end; e += 4) {
    const candidate = load<u32>(candidateOf + ((<usize>(load<u32>(e) >>> 8)) << 2));
    if (candidate !== noCandidate) store<f32>(penalty + ((<usize>candidate) << 2), value);
  }
}
