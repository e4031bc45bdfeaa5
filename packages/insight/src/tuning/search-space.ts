import { AppError } from '@basketwise/core';
import { createRandom, type ModelSpec } from '@basketwise/core/parts';
import type { Config } from '@basketwise/pipeline';
import {
  campaignModelSchema,
  type GivenModel,
  type ModelConfig,
  type ModelTemplate,
  specOfConfig,
  withDefaults,
} from '@basketwise/pipeline/parts';

/** Changes of a trial to the campaign's model, or another model, in the config's format. */
export type TrialParameters = GivenModel;

/** Default values to try. */
const usualGrid = { factors: [16, 32, 64], regularization: [1, 10, 40, 100], alpha: [5, 10, 40], iterations: [15] };

/**
 * Trials of a search: all combinations of the values in the config, or a random sample of them.
 * A sample is seeded, has each trial at most once, and is in the order of the grid. The last parameter varies fastest.
 * @throws AppError config without any values
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

/** All models of a template. */
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

/** Selection sampling (Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S). */
function drawSome<T>(from: readonly T[], count: number, seed: number): T[] {
  const random = createRandom(seed);
  let wanted = Math.min(count, from.length);
  return from.filter((_, i) => {
    const taken = random.next() * (from.length - i) < wanted;
    if (taken) wanted--;
    return taken;
  });
}

/** Model of a trial. Parameters without a kind belong to the campaign's own model if that is ALS, else to ALS. */
export function specOfTrial(own: ModelConfig, given: TrialParameters): ModelSpec {
  const kind = given.kind ?? 'als';
  const changes = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return specOfConfig(own.kind === kind ? { ...own, ...changes } : withDefaults({ ...given, kind }));
}
