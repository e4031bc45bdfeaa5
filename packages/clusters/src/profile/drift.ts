import { log, sum } from '@basketwise/core';

/** Number of customers by label. */
export type LabelCounts = Readonly<Record<string, number>>;

/** Share that stands for that of an empty bin, so that its logarithm exists. evidently uses the same. */
const emptyShare = 1e-4;

/** Usual interpretation of the index: below .1 stable, above .25 a shift to investigate. */
export type DriftVerdict = 'stable' | 'moving' | 'shifted';

/** How much a distribution changed since the previous run. */
export interface Drift {
  name: string;
  /** Population stability index. */
  psi: number;
  verdict: DriftVerdict;
}

/** Difference between two samples. */
export interface Shift {
  /** Population stability index: sum over bins of (now - reference) x ln(now / reference) of shares. */
  psi: number;
  /**
   * Expected index if both samples, of these sizes, come from one distribution: (bins - 1) x (1 / n of reference + 1 / n of now).
   */
  noise: number;
  bins: number;
}

/** Shares of bins, 0 to 1. An empty bin gets a small share, below that of all other bins. */
function binShares(counts: readonly number[]): number[] {
  const all = sum(counts);
  const shares = counts.map((count) => count / all);
  const least = shares.reduce((low, share) => (share > 0 && share < low ? share : low), 1);
  const empty = least <= emptyShare ? least / 1e6 : emptyShare;
  return shares.map((share) => share || empty);
}

/** Shift between two samples, from their counts by bin. Null if a sample is empty. */
export function shiftBetween(reference: readonly number[], now: readonly number[]): Shift | null {
  const used = [...reference.keys()].filter((bin) => reference[bin]! > 0 || now[bin]! > 0);
  const [before, after] = [used.map((bin) => reference[bin]!), used.map((bin) => now[bin]!)];
  const [n, m] = [sum(before), sum(after)];
  if (n === 0 || m === 0) return null;
  const [a, b] = [binShares(before), binShares(after)];
  const psi = a.reduce((sum, share, bin) => sum + (b[bin]! - share) * log(b[bin]! / share), 0);
  return { psi, noise: (used.length - 1) * (1 / n + 1 / m), bins: used.length };
}

/** Verdict on an index. `noise` is the expected index without a change (see `Shift`). */
export function driftVerdict(psi: number, noise = 0): DriftVerdict {
  const above = psi - noise;
  return above < 0.1 ? 'stable' : above <= 0.25 ? 'moving' : 'shifted';
}

/** Population stability index of two distributions. 0 if a distribution is empty. */
export function psiOf(before: LabelCounts, after: LabelCounts): number {
  const labels = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const [reference, now] = [before, after].map((counts) => labels.map((label) => counts[label] ?? 0));
  return shiftBetween(reference!, now!)?.psi ?? 0;
}

/** Drift of every distribution that both runs have. */
export function driftOf(before: Readonly<Record<string, LabelCounts>>, after: Readonly<Record<string, LabelCounts>>): Drift[] {
  return Object.keys(after)
    .filter((name) => before[name] !== undefined)
    .map((name) => {
      const psi = psiOf(before[name]!, after[name]!);
      return { name, psi, verdict: driftVerdict(psi) };
    });
}
