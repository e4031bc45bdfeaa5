import type { ModelSpec } from '../fitting/kind-fit.ts';

/** A family of models to choose from: the grid of its parameters. */
export interface Candidate {
  name: string;
  grid: readonly ModelSpec[];
  /** Refined by the best spec of an earlier candidate: only its own parameters are in the grid. */
  over?: string;
  /** Whether it may be a member of the blend. */
  member: boolean;
}

/** Data that there is to learn from. */
export interface Available {
  contexts: boolean;
  acquisitions: boolean;
}

const ridges = [1, 3, 10, 30, 100, 300, 1000, 3000];
const priors = [1, 10, 100];

const ease = (context: number) =>
  ridges.map((regularization): ModelSpec => ({ kind: 'ease', regularization, constant: 1, context }));
const popularity = (of: 'holders' | 'upsell', by?: 'context' | 'recency'): ModelSpec[] =>
  by === undefined ? [{ kind: 'popularity', of }] : priors.map((prior) => ({ kind: 'popularity', of, by, prior }));

/**
 * Candidates that the automatic model chooses from, all tuned on the inner split: popularity, EASE with the constant (and contexts), exact lookup over it,
 * and, where holdings have dates, up-sell popularity and what holders of the same basket took next.
 */
export function candidates({ contexts, acquisitions }: Available): Candidate[] {
  const list: Candidate[] = [{ name: 'popularity', grid: popularity('holders'), member: true }];
  if (contexts) list.push({ name: 'popularity by context', grid: popularity('holders', 'context'), member: true });
  if (acquisitions) {
    list.push({ name: 'up-sell popularity', grid: popularity('upsell'), member: true });
    list.push({ name: 'up-sell popularity by recency', grid: popularity('upsell', 'recency'), member: true });
    if (contexts) list.push({ name: 'up-sell popularity by context', grid: popularity('upsell', 'context'), member: true });
    list.push({ name: 'lookup-next', grid: lookupsNext(), member: true });
  }
  list.push({ name: 'ease + constant', grid: ease(0), member: true });
  if (contexts) list.push({ name: 'ease + constant + context', grid: ease(1), member: true });
  list.push({
    name: 'ease + lookup',
    over: contexts ? 'ease + constant + context' : 'ease + constant',
    grid: lookups(),
    member: true,
  });
  return list;
}

/** Exact lookup over a base that is filled in by `over`. */
export function lookups(): ModelSpec[] {
  return [3, 10, 30, 100, 300].map((prior) => ({ kind: 'lookup', prior, base: { kind: 'popularity', of: 'holders' } }));
}

function lookupsNext(): ModelSpec[] {
  const base: ModelSpec = { kind: 'popularity', of: 'upsell', by: 'recency', prior: 10 };
  return [1, 3, 10, 30, 100].map((prior) => ({ kind: 'lookup-next', prior, byRecency: true, base }));
}
