import { AppError, createRandom, type ModelSpec } from '@basketwise/core';
import {
  type Config,
  campaignModelSchema,
  type GivenModel,
  type ModelConfig,
  type ModelTemplate,
  specOfConfig,
  withDefaults,
} from '@basketwise/pipeline';

/**
 * Model of a trial in the format of the config: parameters of the campaign's own kind of model, or another kind with its
 * parameters.
 */
export type TrialParameters = GivenModel;

/** Values that are tried if the config names none. */
const usualGrid = { factors: [16, 32, 64], regularization: [1, 10, 40, 100], alpha: [5, 10, 40], iterations: [15] };

/**
 * Trials of a search: all combinations of the values in the config, or a random sample of the combinations. The last parameter
 * varies fastest. A sample depends on the seed. It has no trial twice, and is in the order of the combinations.
 * @throws AppError config if there are no values
 */
export function tuningTrials({ search, parameters, models, trials, seed }: Config['tune']): TrialParameters[] {
  const own: ModelTemplate | undefined = parameters ?? (models === undefined ? usualGrid : undefined);
  const templates = [...(own === undefined ? [] : [own]), ...(models ?? [])];
  const grid = templates.flatMap(combinations);
  if (own !== undefined && Object.values(own).every((values) => values === undefined)) {
    throw new AppError(
      'config',
      'tune.parameters names no parameter',
      'Name values of at least one, such as `factors: [16, 64]`, or `models` to try.',
    );
  }
  const all = grid.map((given) => campaignModelSchema.parse(given));
  return search === 'random' ? drawSome(all, trials, seed) : all;
}

/** All combinations of the values in a model template. */
function combinations(template: ModelTemplate): Record<string, unknown>[] {
  let all: Record<string, unknown>[] = [{}];
  for (const [name, value] of Object.entries(template)) {
    if (value === undefined) continue;
    const choices = choicesOf(name, value);
    all = all.flatMap((chosen) => choices.map((choice) => ({ ...chosen, [name]: choice })));
  }
  return all;
}

function choicesOf(name: string, value: unknown): unknown[] {
  if (name === 'base') return combinations(value as ModelTemplate);
  if (name !== 'members') return Array.isArray(value) ? [...new Set(value)] : [value];
  return (value as ModelTemplate[]).reduce<unknown[][]>(
    (lists, member) => lists.flatMap((before) => combinations(member).map((one) => [...before, one])),
    [[]],
  );
}

/** Draws items in their order, by selection sampling (Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S). */
function drawSome<T>(from: readonly T[], count: number, seed: number): T[] {
  const random = createRandom(seed);
  let wanted = Math.min(count, from.length);
  return from.filter((_, i) => {
    const taken = random.next() * (from.length - i) < wanted;
    if (taken) wanted--;
    return taken;
  });
}

/**
 * Spec of a trial's model. If the trial has the same kind as the campaign's own model, its parameters replace parameters of that
 * model. Otherwise the trial's parameters and the defaults of its kind form the model. A trial without a kind is an ALS model.
 */
export function specOfTrial(own: ModelConfig, given: TrialParameters): ModelSpec {
  const kind = given.kind ?? 'als';
  const changes = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return specOfConfig(own.kind === kind ? { ...own, ...changes } : withDefaults({ ...given, kind }));
}

/** Round of a search: the largest number of its trials, and the cost of a trial as a share of the cost of a whole trial. */
export interface Rung {
  trials: number;
  /** Share of the test customers, and of the sweeps of iterative models, that a trial uses: above 0, at most 1. */
  share: number;
}

/** Smallest number of test customers of a round. With fewer, chance would decide which trials are dropped. */
const fewestTested = 100;
/** Smallest number of sweeps of a shortened fit. */
export const leastSweeps = 3;

/**
 * Rounds of successive halving (Jamieson and Talwalkar 2016). In the first round, all trials use a small share of the customers
 * and sweeps. Each next round has the best 1 / `reduction` of the trials, with a share `reduction` times as large. The trials of
 * the last round are whole. The number of trials and of test customers limits the number of rounds.
 */
export function rungsOf(trials: number, tested: number, reduction: number): Rung[] {
  const shares = [1];
  let left = trials;
  while (left > reduction && (shares[0]! / reduction) * tested >= fewestTested) {
    shares.unshift(shares[0]! / reduction);
    left = Math.ceil(left / reduction);
  }
  return shares.map((share, round) => ({ share, trials: Math.ceil(trials / reduction ** round) }));
}
