import { log } from '@basketwise/core/parts';

/** Number of customers by label. */
export type LabelCounts = Readonly<Record<string, number>>;

/** Share that replaces 0 for an empty label. The index would otherwise be infinite. */
const leastShare = 1e-4;

/** Change of a distribution since the previous run. */
export interface Drift {
  name: string;
  /** Population stability index. Below .1: stable. Above .25: a shift to investigate. */
  psi: number;
  verdict: 'stable' | 'moving' | 'shifted';
}

/** Population stability index of two distributions: sum over labels of (q - p) ln(q / p). 0 if either is empty. */
export function psiOf(before: LabelCounts, after: LabelCounts): number {
  const total = (counts: LabelCounts) => Object.values(counts).reduce((sum, count) => sum + count, 0);
  const [all, now] = [total(before), total(after)];
  if (all === 0 || now === 0) return 0;
  const labels = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return labels.reduce((sum, label) => {
    const p = Math.max(leastShare, (before[label] ?? 0) / all);
    const q = Math.max(leastShare, (after[label] ?? 0) / now);
    return sum + (q - p) * log(q / p);
  }, 0);
}

/** Drift of every distribution present in both runs. */
export function driftOf(before: Readonly<Record<string, LabelCounts>>, after: Readonly<Record<string, LabelCounts>>): Drift[] {
  return Object.keys(after)
    .filter((name) => before[name] !== undefined)
    .map((name) => {
      const psi = psiOf(before[name]!, after[name]!);
      return { name, psi, verdict: psi < 0.1 ? 'stable' : psi <= 0.25 ? 'moving' : 'shifted' };
    });
}
