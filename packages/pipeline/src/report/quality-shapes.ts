import { z } from 'zod';
import type { GivenModel } from '../config/schema-model.ts';

/** Version of evaluation.json's shape. */
export const evaluationVersion = 3;

/** Version of tune.json's shape. */
export const tuningVersion = 3;

/** Read-only form of a file's type, for the code that writes the file. */
type Written<T> = T extends readonly (infer One)[]
  ? readonly Written<One>[]
  : T extends object
    ? { readonly [Key in keyof T]: Written<T[Key]> }
    : T;

const customersShape = z.number().nonnegative();
const window = z.object({ at: z.string(), from: z.string(), to: z.string(), folds: z.number().exactOptional() });
const intervalShape = z.object({ mean: z.number(), low: z.number(), high: z.number() }).nullable();
const gapShape = z.object({ mean: z.number(), low: z.number(), high: z.number(), level: z.boolean() }).nullable();

const comparedShape = z.object({
  ...{ name: z.string(), metrics: z.record(z.string(), z.number()), ndcg: z.number() },
  ...{ interval: intervalShape, minusPopularity: gapShape, minusBest: gapShape },
});
/** Figures of one compared model in evaluation.json. */
export type ComparedFigures = z.output<typeof comparedShape>;

const probabilitiesShape = z
  .object({
    ...{ pairs: customersShape, bought: customersShape, expected: z.number(), brier: z.number(), brierOfRate: z.number() },
    reliability: z.array(z.object({ pairs: customersShape, predicted: z.number(), observed: z.number().nullable() })),
  })
  .nullable();
const group = z.object({ label: z.string(), customers: customersShape, models: z.array(comparedShape) });
/** Parts of evaluation.json that the report reads. */
export const evaluationShape = z.object({
  version: z.literal(evaluationVersion),
  windows: z.array(window),
  probabilities: probabilitiesShape,
  pooled: z.array(
    z.object({
      ...{ class: z.string().nullable(), campaigns: z.array(z.string()), tested: customersShape.nullable() },
      models: z.array(comparedShape),
    }),
  ),
  campaigns: z.array(
    z.object({
      ...{
        campaign: z.string(),
        targets: customersShape.nullable(),
        tested: customersShape.nullable(),
        notes: z.array(z.string()),
      },
      models: z.array(comparedShape),
      breakdowns: z.array(z.object({ by: z.string(), groups: z.array(group), small: customersShape })),
      ...{ withoutHistory: customersShape.nullable(), unknown: customersShape.nullable() },
    }),
  ),
});
/** Figures of evaluation.json that the report reads. */
export type EvaluationFigures = z.output<typeof evaluationShape>;
/** Fields of evaluation.json that the report reads. The code that writes the file is type-checked against them. */
export type EvaluationNeeds = Written<EvaluationFigures>;

const parameters = z.custom<GivenModel>((value) => typeof value === 'object' && value !== null);

/** Parts of tune.json that the report reads. */
export const tuningShape = z.object({
  version: z.literal(tuningVersion),
  window,
  metric: z.string(),
  campaigns: z.array(
    z.object({
      ...{ campaign: z.string(), tested: customersShape.nullable(), current: z.number().nullable() },
      trials: z.array(z.object({ parameters, score: z.number() })),
      evidence: z.object({ minusCurrent: gapShape, minusPopularity: gapShape }).nullable(),
    }),
  ),
});
/** Figures of tune.json that the report reads. */
export type TuningFigures = z.output<typeof tuningShape>;
/** Fields of tune.json that the report reads. The code that writes the file is type-checked against them. */
export type TuningNeeds = Written<TuningFigures>;
