import { log } from '@basketwise/core/parts';

/** Share of an empty bin, so that its logarithm exists: that of evidently. */
const emptyShare = 1e-4;

/** Shift of a distribution. */
export interface Shift {
  /** Population stability index: sum over bins of (now - reference) x ln(now / reference) of shares. */
  psi: number;
  /** Mean index of two samples of these sizes from one distribution: (bins - 1) x (1 / n of reference + 1 / n of now). */
  noise: number;
  bins: number;
}

/** Shares of bins; those of empty bins are set to a small share, below the smallest other one. */
function sharesOf(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const shares = counts.map((count) => count / total);
  const least = shares.reduce((low, share) => (share > 0 && share < low ? share : low), 1);
  const empty = least <= emptyShare ? least / 1e6 : emptyShare;
  return shares.map((share) => share || empty);
}

/** Shift between two samples, from their counts by bin. Null if one of them is empty. */
export function stabilityIndex(reference: readonly number[], now: readonly number[]): Shift | null {
  const used = [...reference.keys()].filter((bin) => reference[bin]! > 0 || now[bin]! > 0);
  const [before, after] = [used.map((bin) => reference[bin]!), used.map((bin) => now[bin]!)];
  const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);
  const [n, m] = [total(before), total(after)];
  if (n === 0 || m === 0) return null;
  const [a, b] = [sharesOf(before), sharesOf(after)];
  const psi = a.reduce((sum, share, bin) => sum + (b[bin]! - share) * log(b[bin]! / share), 0);
  return { psi, noise: (used.length - 1) * (1 / n + 1 / m), bins: used.length };
}

/** The usual marks of the index above its noise level: 0.1 and 0.25. */
export function shiftMark({ psi, noise }: Pick<Shift, 'psi' | 'noise'>): 'none' | 'some' | 'major' {
  return psi - noise > 0.25 ? 'major' : psi - noise > 0.1 ? 'some' : 'none';
}
