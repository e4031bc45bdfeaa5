import type { ModelSpec } from '../models/model-spec.ts';

/** A round of a search: how many trials it can take at most, and the share of a whole trial that each of them costs. */
export interface Rung {
  trials: number;
  /** Share of the test customers, and of the sweeps of models that are fitted in sweeps: above 0, at most 1. */
  share: number;
}

/** Test customers that a round has at least: fewer would drop trials by chance. */
const leastCustomers = 100;
const leastSweeps = 3;

/**
 * The rounds of successive halving (Jamieson and Talwalkar 2016): all trials on a small share, then each time the best one in `reduction`
 * on a share that is `reduction` times as large, up to whole trials; as many rounds as trials and test customers allow.
 */
export function rungsOf(trials: number, tested: number, reduction: number): Rung[] {
  const shares = [1];
  let left = trials;
  while (left > reduction && (shares[0]! / reduction) * tested >= leastCustomers) {
    shares.unshift(shares[0]! / reduction);
    left = Math.ceil(left / reduction);
  }
  return shares.map((share, round) => ({ share, trials: Math.ceil(trials / reduction ** round) }));
}

/** A model with a share of its sweeps. */
export function shortened(spec: ModelSpec, share: number): ModelSpec {
  switch (spec.kind) {
    case 'als':
      return { ...spec, iterations: Math.min(spec.iterations, Math.max(leastSweeps, Math.ceil(spec.iterations * share))) };
    case 'bpr': {
      const { iterations = 100 } = spec;
      return { ...spec, iterations: Math.min(iterations, Math.max(leastSweeps, Math.ceil(iterations * share))) };
    }
    case 'lookup':
    case 'lookup-next':
      return { ...spec, base: shortened(spec.base, share) };
    case 'blend':
      return { ...spec, members: spec.members.map((member) => ({ ...member, model: shortened(member.model, share) })) };
    default:
      return spec;
  }
}
