import { type AlsOptions, fitAls } from '../als/als.ts';
import type { AlsParameters } from '../als/als-parameters.ts';
import type { TrainingSet } from '../baskets/training-rows.ts';
import { AppError } from '../error.ts';
import { type BprParameters, fitBpr } from '../models/bpr.ts';
import { fitEase } from '../models/ease.ts';
import { fitItemKnn, type ItemKnnParameters } from '../models/item-knn.ts';
import { fitLookup } from '../models/lookup.ts';
import type { Model } from '../models/model.ts';
import { fitPopularity } from '../models/popularity.ts';
import { fitRules, type RuleModelParameters } from '../models/rule-model.ts';

/** Sweeps of ALS where nothing else is said. */
const usualIterations = 15;

/** Parameters of an ALS model: `weights` of the baskets' recency bands are 1 by default, `iterations` 15. */
export interface AlsChoice extends Omit<AlsParameters, 'weights' | 'pseudoWeights' | 'iterations'> {
  kind: 'als';
  weights?: readonly number[];
  iterations?: number;
}

/** A kind of model and its parameters. */
export type ModelChoice =
  | AlsChoice
  | ({ kind: 'bpr' } & BprParameters)
  | { kind: 'ease'; regularization: number }
  | ({ kind: 'item-knn' } & ItemKnnParameters)
  | { kind: 'lookup'; prior: number; base?: ModelChoice }
  | { kind: 'popularity' }
  | ({ kind: 'rules' } & RuleModelParameters);

/** Progress and end of a fit; only ALS tells of its iterations. */
export type FitProgress = Pick<AlsOptions, 'onIteration' | 'onWarning' | 'signal'>;

type Kind = ModelChoice['kind'];
type Fit<Chosen extends Kind> = (
  training: TrainingSet,
  choice: Extract<ModelChoice, { kind: Chosen }>,
  bands: number,
  progress: FitProgress,
) => Promise<Model>;

const fitters: { readonly [Chosen in Kind]: Fit<Chosen> } = {
  als: (training, { kind: _, weights, iterations = usualIterations, ...parameters }, bands, progress) =>
    fitAls(training, { ...parameters, iterations, weights: weights ?? new Array<number>(bands).fill(1) }, progress),
  bpr: (training, parameters) => fitBpr(training, parameters),
  ease: (training, { regularization }) => fitEase(training, { regularization }),
  'item-knn': (training, parameters) => fitItemKnn(training, parameters),
  lookup: async (training, { prior, base = { kind: 'popularity' } }, bands, progress) =>
    fitLookup(training, await fitChoice(training, base, bands, progress), { prior }),
  popularity: async (training) => fitPopularity(training),
  rules: (training, parameters) => fitRules(training, parameters),
};

/**
 * Fits the model that was chosen.
 * @throws AppError usage for a kind that there is not, config where a parameter is out of range
 */
export function fitChoice<Chosen extends Kind>(
  training: TrainingSet,
  choice: Extract<ModelChoice, { kind: Chosen }> & { kind: Chosen },
  bands: number,
  progress: FitProgress,
): Promise<Model> {
  const { kind }: { kind: Chosen } = choice;
  if (!Object.hasOwn(fitters, kind)) {
    throw new AppError('usage', `there is no kind of model '${kind}'`, `There are: ${Object.keys(fitters).join(', ')}.`);
  }
  return fitters[kind](training, choice, bands, progress);
}
