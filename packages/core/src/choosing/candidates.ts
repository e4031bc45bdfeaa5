import type { ModelSpec } from '../fitting/kind-fit.ts';

/** A family of models to choose from: the grid of its parameters. */
export interface Candidate {
  name: string;
  grid: readonly ModelSpec[];
  /** Refined by the best spec of an earlier candidate: only its own parameters are in the grid. */
  over?: string;
}

/** Exact lookup over a base that is filled in by `over`. */
export const lookups: readonly ModelSpec[] = [3, 10, 30, 100, 300].map((prior) => {
  return { kind: 'lookup', prior, base: { kind: 'popularity', of: 'holders' } };
});

const eases = [1, 3, 10, 30, 100, 300, 1000, 3000].map((regularization): ModelSpec => {
  return { kind: 'ease', regularization, constant: 1, context: 0 };
});

/** Models that holdings without dates choose among: popularity, EASE with the constant, and exact lookup over it. */
export const candidates: readonly Candidate[] = [
  { name: 'popularity', grid: [{ kind: 'popularity', of: 'holders' }] },
  { name: 'ease + constant', grid: eases },
  { name: 'ease + lookup', over: 'ease + constant', grid: lookups },
];
