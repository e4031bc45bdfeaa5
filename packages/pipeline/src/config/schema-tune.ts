import { z } from 'zod';
import { als } from '../models/als.ts';
import { automatic } from '../models/automatic.ts';
import { seed, whole } from '../values/schemas.ts';
import { campaignModel, modelProblems } from './schema-model.ts';

const list = <T extends z.ZodType>(value: T) => z.array(value).min(1, 'expected at least one value');

/** A model's parameters, each of them a value or a list of values to try. */
export type ModelTemplate = Readonly<Record<string, unknown>>;

/** Turns a model's schema into that of its template: every parameter but those named may be a list. */
function listed(shape: Readonly<Record<string, z.ZodType>>, single: Readonly<Record<string, z.ZodType>>) {
  const parameters = Object.entries(shape).map(([name, schema]): [string, z.ZodType] => {
    if (single[name] !== undefined) return [name, single[name]];
    const value = schema instanceof z.ZodOptional ? (schema.unwrap() as z.ZodType) : schema;
    return [name, z.union([list(value), value]).optional()];
  });
  return z.strictObject(Object.fromEntries(parameters)).superRefine((given, context) => {
    const kind = given.kind as Parameters<typeof modelProblems>[1] | undefined;
    for (const issue of kind === undefined ? [] : modelProblems(given, kind)) context.addIssue(issue);
  });
}

const model = campaignModel.shape;
const base = model.base.unwrap().shape;
const member = model.members.unwrap().element.shape;
const baseTemplate = listed(base, { kind: base.kind }).optional();

const template = listed(model, {
  kind: model.kind.unwrap().exclude([automatic.kind]),
  base: baseTemplate,
  members: z
    .array(listed(member, { kind: member.kind, base: baseTemplate }))
    .min(1, 'expected at least one member')
    .optional(),
}) as z.ZodType<ModelTemplate>;

/** Which models `tune` tries, and what it compares. */
export const tune = z
  .strictObject({
    search: z.enum(['grid', 'random', 'halving']).default('grid'),
    /** Trials that a random search draws from the grid. */
    trials: whole(1, 1_000_000).default(50),
    /** Successive halving: one in so many trials goes on to a test that is so many times as large. */
    reduction: whole(2, 10).default(3),
    seed: seed.default(0),
    /** Values to try in the campaign's own model, where that is ALS. */
    parameters: z
      .strictObject({
        factors: list(als.parameters.factors).optional(),
        regularization: list(als.parameters.regularization).optional(),
        alpha: list(als.parameters.alpha).optional(),
        constant: list(als.parameters.constant).optional(),
        iterations: list(als.parameters.iterations).optional(),
      })
      .optional(),
    /** Models of any kind, their parameters values or lists of values. */
    models: z.array(template).min(1, 'expected at least one model').optional(),
    metric: z
      .string()
      .regex(/^[a-z]+@\d+$/, 'expected a metric such as ndcg@5')
      .default('ndcg@5'),
  })
  .prefault({});
