import { z } from 'zod';
import { number, seed, whole } from '../values/schemas.ts';

/** Parameters that `tune` shares with the model. */
export const modelParameters = {
  factors: whole(1, 256),
  regularization: number.min(0, 'expected at least 0'),
  alpha: number.positive('expected more than 0'),
  /** Weight of the constant pseudo-product (the item bias); 0: none. */
  constant: number.min(0, 'expected at least 0'),
  iterations: whole(0, 1000),
};

const simple = {
  factors: modelParameters.factors.optional(),
  regularization: modelParameters.regularization.optional(),
  alpha: modelParameters.alpha.optional(),
  constant: modelParameters.constant.optional(),
  iterations: modelParameters.iterations.optional(),
  /** Stop when the objective falls by less than this share in an iteration; 0: never. */
  tolerance: number.min(0, 'expected at least 0').optional(),
  start: z.enum(['seeded', 'svd']).optional(),
  seed: seed.optional(),
  learning_rate: number.positive('expected more than 0').optional(),
  similarity: z.enum(['cosine', 'tfidf', 'bm25']).optional(),
  neighbours: whole(1, 1_000_000).optional(),
  /** What is counted as popular. */
  of: z.enum(['holders', 'recent', 'upsell']).optional(),
  /** Own counts for each recency band of the newest holding. */
  by: z.enum(['recency']).optional(),
  /** Pseudo-customers: how much a small count leans on all customers, or an exact basket on its base. */
  prior: number.positive('expected more than 0').optional(),
  min_support: number.positive('expected more than 0').max(1, 'expected at most 1').optional(),
  longest: whole(2, 64).optional(),
};

const simpleKinds = ['als', 'bpr', 'ease', 'item-knn', 'popularity', 'rules'] as const;
/** All kinds of models but the choice among them. */
const kinds = [...simpleKinds, 'lookup', 'lookup-next', 'blend'] as const;

/** The parameters of each kind with their defaults; undefined: there is none. */
const parametersOf = {
  automatic: { sample: 200_000, seed: 0 },
  als: {
    ...{ factors: 32, regularization: 40, alpha: 10, constant: 1, iterations: 15, tolerance: 0, seed: 0 },
    start: undefined,
  },
  bpr: { factors: 32, regularization: 0.01, learning_rate: 0.05, constant: 1, iterations: 100, seed: 0 },
  ease: { regularization: 100, constant: 1 },
  'item-knn': { similarity: 'bm25', neighbours: 20 },
  popularity: { of: 'holders', by: undefined, prior: 10 },
  rules: { min_support: 0.001, longest: 4 },
  lookup: { prior: 10, base: { kind: 'ease' } },
  'lookup-next': { prior: 10, by_recency: true, base: { kind: 'popularity', of: 'upsell', by: 'recency' } },
  blend: { members: undefined },
} as const;

/** A kind of model, or the choice among them. */
export type ModelKind = keyof typeof parametersOf;

type Issue = { code: 'custom'; path: (string | number)[]; message: string };

/** What a kind of model has not got, or lacks. */
export function modelProblems(given: Readonly<Record<string, unknown>>, kind: ModelKind): Issue[] {
  const known = parametersOf[kind];
  const issues = Object.keys(given).flatMap((name): Issue[] => {
    if (given[name] === undefined || name === 'kind' || name === 'weight' || name === 'scale' || name in known) return [];
    const message = `\`${kind}\` has no such parameter; it has ${Object.keys(known).join(', ')}`;
    return [{ code: 'custom', path: [name], message }];
  });
  if (kind === 'blend' && given.members === undefined)
    issues.push({ code: 'custom', path: ['members'], message: '`blend` needs members' });
  return issues;
}

function checked<T extends z.ZodType<{ kind: ModelKind }>>(schema: T): T {
  return schema.superRefine((given, context) => {
    for (const issue of modelProblems(given, given.kind)) context.addIssue(issue);
  }) as T;
}

const base = checked(z.strictObject({ kind: z.enum(simpleKinds), ...simple }));

const lookups = { by_recency: z.boolean().optional(), base: base.optional() };

const member = checked(
  z.strictObject({
    kind: z.enum([...simpleKinds, 'lookup', 'lookup-next']),
    ...simple,
    ...lookups,
    /** What the member's score, or its logarithm, counts for. */
    weight: number,
    scale: z.enum(['raw', 'log']).optional(),
  }),
);

const parameters = {
  ...simple,
  ...lookups,
  members: z.array(member).min(1, 'expected at least one member').optional(),
  /** Customers that the automatic choice looks at: all of a smaller bank. */
  sample: whole(100).optional(),
};

/** What a campaign changes of the common model; of another kind, all of its parameters. */
export const campaignModel = z.strictObject({ kind: z.enum(['automatic', ...kinds]).optional(), ...parameters });

/** Parameters of a model as a config names them. */
export type GivenModel = z.output<typeof campaignModel>;

/** A model's parameters, its own defaults filled in. */
export type ModelConfig = GivenModel & { kind: ModelKind };

/** Fills in the defaults of the kind. */
export function withDefaults({ kind = 'als', ...given }: GivenModel): ModelConfig {
  const own = Object.entries(given).filter(([, value]) => value !== undefined);
  const defaults = Object.entries(parametersOf[kind]).filter(([, value]) => value !== undefined);
  return { kind, ...Object.fromEntries(defaults), ...Object.fromEntries(own) };
}

/** The model of every campaign that has none of its own. */
export const model = checked(z.strictObject({ kind: z.enum(['automatic', ...kinds]).default('als'), ...parameters }))
  .transform(withDefaults)
  .prefault({});
