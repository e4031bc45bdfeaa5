import { z } from 'zod';
import { perturbations } from './perturbations.ts';

const count = z.number().nullable();
const ratio = z.strictObject({ value: z.number(), low: z.number(), high: z.number() }).nullable();
const bound = z.number().nullable();
const gap = z.strictObject({ mean: z.number(), low: z.number(), high: z.number(), level: z.boolean() }).nullable();

const inventory = z.strictObject({
  owner: z.string(),
  purpose: z.string(),
  tier: z.string(),
  reviewers: z.array(z.string()),
  nextReview: z.string().nullable().describe('Day of the next review; null if the config names none.'),
  statements: z
    .array(z.strictObject({ heading: z.string(), text: z.string().nullable().describe('Null: a usual heading, not stated.') }))
    .describe('Statements of the config in its order, then the usual headings without one.'),
  offers: z.boolean().describe('Whether runs make offers, which are chosen by probability times value.'),
  approvals: z.number().nullable().describe('Approvals that a run needs before it is published; null: none.'),
  run: z.string().describe('Validated run.'),
  referenceDate: z.string().describe('Date as of which the run recommends.'),
  asOf: z.string().describe('End of the last test window.'),
  campaigns: z.array(z.string()),
  program: z.string().describe('sha256 of the program.'),
  seeds: z.array(z.strictObject({ of: z.string(), seed: z.number() })),
  config: z.string().describe('sha256 of the config.'),
});

const data = z.strictObject({
  tables: z.array(z.strictObject({ table: z.string(), from: z.string() })),
  files: z.string().nullable().describe('sha256 over the input files; null if the source is a server.'),
  snapshot: z.string().describe('sha256 over the tables as read.'),
  first: z.string().nullable().describe('Month of the first dated holding.'),
  last: z.string().nullable().describe('Month of the last dated holding.'),
  classes: z.array(
    z.strictObject({
      class: z.string(),
      products: z.number(),
      campaigns: z.array(z.string()).describe('Campaigns that recommend it.'),
    }),
  ),
  counts: z.array(z.strictObject({ table: z.string(), rows: z.string().describe('Meaning of the rows.'), count })),
  features: z
    .array(
      z.strictObject({
        name: z.string(),
        from: z.string(),
        missing: count.describe('Customers who lack a value in its columns.'),
      }),
    )
    .describe('What models may rank by, besides holdings and their dates.'),
  rules: z.array(
    z.strictObject({
      reason: z.string(),
      class: z.string().optional().describe('Class that the rule withholds; absent: not limited to a class.'),
      products: z
        .array(z.string())
        .optional()
        .describe('Codes of the products that the rule withholds; absent: all of the class.'),
      require: z.string(),
      isProtected: z.boolean(),
    }),
  ),
  warnings: z.array(z.string()),
});

const reasonCount = z.strictObject({ reason: z.string(), customers: count });

const model = z.strictObject({
  campaign: z.string(),
  kind: z.string(),
  about: z.string().describe('The model in words.'),
  targets: count.describe('Target customers of the run.'),
  served: count.describe('Target customers with a list.'),
  candidates: z.number().describe('Products that the campaign may recommend.'),
  listed: z.number().describe('Products on at least one list.'),
  unserved: z
    .array(reasonCount)
    .describe('Target customers without a list, by the first reason that applies: a rule, or no product left to recommend.'),
  withheld: z.array(reasonCount).describe('Target customers who fail a rule, by rule. One customer can fail several.'),
  scope: z.array(z.string()).describe('Targets, candidates and training customers, in words.'),
  selection: z.array(z.string()).describe('How the model was selected, learned and tested by the run, in words.'),
  clusters: z.string().nullable().describe('Cluster scheme that the model distinguishes; null: none.'),
  components: z.array(z.strictObject({ name: z.string(), weight: z.number() })),
  earlier: z.array(z.strictObject({ run: z.string(), weights: z.record(z.string(), z.number()) })),
  random: z.array(z.string()).describe('Random parts of the fit, which a seed of the config draws; empty: none.'),
  effects: z.array(z.string()).describe('Largest effects of features, in words.'),
});

const challenger = z.strictObject({
  name: z.string(),
  ndcg: z.number(),
  minus: gap.describe("NDCG of the campaign's lists minus that of this model, on the same customers, with a 95 % interval."),
});

const quality = z.strictObject({
  campaign: z.string(),
  tested: count.describe('Customers with a purchase in the windows, or a product held out.'),
  ndcg: z.number().nullable().describe('Null for fewer than 20 customers.'),
  interval: ratio.describe('95 % interval of the NDCG.'),
  recall: ratio.describe('Mean recall of the same customers, with a 95 % interval.'),
  gain: gap.describe('NDCG of the lists minus that of the best popularity baseline.'),
  challengers: z.array(challenger),
  windows: z
    .array(
      z.strictObject({
        from: z.string(),
        to: z.string(),
        tested: count,
        ndcg: z.number().nullable(),
        interval: ratio,
        gain: gap,
      }),
    )
    .describe('The same by window, the newest first; empty with one window.'),
  newCustomers: z
    .strictObject({ tested: count, ndcg: z.number().nullable(), interval: ratio })
    .describe('Test customers without any product before; they count in no other figure of this section.'),
  notes: z.array(z.string()),
});

const calibration = z.strictObject({
  campaign: z.string(),
  by: z
    .string()
    .describe('`all`, `tenth`, `product`, `history`, `products held`, `feature NAME`, `cluster NAME` or `protected NAME`.'),
  groups: z.array(
    z.strictObject({
      label: z.string(),
      customers: count,
      bought: count,
      expected: count,
      ratio: ratio.describe(
        'Purchases over their expectation, with a 95 % interval for all numbers that the published ones stand for.',
      ),
      least: bound.describe('Lower bound of that ratio, also with fewer than 10 expected: it counts them as 10.'),
      most: bound.describe('Upper bound of that ratio, also with 1 to 9 purchases: it counts them as 9.'),
    }),
  ),
  small: z.number().describe('Groups of too few customers, which are not shown.'),
});

const brier = z.strictObject({
  campaign: z.string(),
  score: z.number(),
  reliability: z
    .number()
    .nullable()
    .describe('Over tenths, the lowest joined until each group has ten purchases, found and expected; null if one has not.'),
  resolution: z.number().nullable(),
  uncertainty: z.number().nullable(),
});

const slice = z.strictObject({
  campaign: z.string(),
  slice: z.string(),
  measure: z.enum(['NDCG', 'calibration']),
  customers: count,
  value: z.number(),
  others: z.number().describe('The same of all other customers.'),
  low: z
    .number()
    .describe('95 % interval of the difference from all others (NDCG), or of the quotient of both ratios (calibration).'),
  high: z.number(),
  seen: z
    .number()
    .describe('Size of that difference, or quotient above 1, which makes a weak slice with a probability of about 80 %.'),
  p: z.number(),
});

const slices = z.strictObject({
  tests: z.number().describe('Groups compared with all other customers.'),
  untested: z.number().describe('Groups that are too small for a test.'),
  weak: z.array(slice),
  compared: z.array(slice).describe('All tests, the weakest group first.'),
});

const exposure = z.strictObject({
  column: z.string(),
  campaign: z.string(),
  groups: z.array(
    z.strictObject({
      group: z.string(),
      customers: count,
      served: count,
      largest: z.boolean().describe('Whether it is the largest group, with which the others are compared.'),
      share: z.number().nullable().describe('Share of the customers of the group with a list.'),
      ratio: ratio.describe('That share over the share of the largest group, with a 95 % interval, from the published numbers.'),
      most: bound.describe('Upper bound of that ratio, also with 1 to 9 customers with a list: it counts them as 9.'),
      probability: z.number().nullable().describe('Mean probability of the list entries.'),
      tested: count.describe('Test customers of the windows.'),
      recall: z
        .number()
        .nullable()
        .describe(
          'Mean recall among customers with a purchase in the windows; null for fewer than 20, or 1 to 9 with or without a hit.',
        ),
      recallMinus: gap.describe('That recall minus the recall of the largest group, with a 95 % interval.'),
      flagged: z.boolean().describe('The ratio, or without one its upper bound, is below 0.8.'),
    }),
  ),
  small: z.number().describe('Groups of fewer than 10 customers, which are not shown.'),
});

const variable = z.strictObject({
  variable: z.string(),
  campaign: z.string().nullable().describe('Campaign of a property of lists; null for one of customers.'),
  bins: z.number(),
  psi: z.number(),
  noise: z
    .number()
    .nullable()
    .describe('Mean of the index without any shift, at these numbers of customers. Null for lists, of models fitted anew.'),
  verdict: z
    .enum(['stable', 'moving', 'shifted'])
    .nullable()
    .describe('Of the index above its noise: below 0.1, up to 0.25, or more. Null for lists.'),
});

const agreement = z.strictObject({
  campaign: z.string(),
  customers: count,
  sameFirst: z.number().nullable().describe('Share of customers with the same first product; null for 1 to 9 of them.'),
  jaccard: z.number(),
  overlap: z.number().describe('Rank-biased overlap, p = 0.8.'),
});

const since = z.strictObject({
  at: z.string().describe('Training date of the newest window.'),
  variables: z.array(variable),
  lists: z.array(agreement).describe('Lists as of that date and of the run, of at most about 100,000 customers.'),
});

const comparison = z.strictObject({
  against: z.string(),
  referenceDate: z.string(),
  variables: z.array(variable),
  lists: z.array(agreement),
  realised: z
    .array(
      z.strictObject({
        campaign: z.string(),
        customers: count.describe('Customers with a list in the earlier run, and a purchase since.'),
        ndcg: z.number(),
        ratio: ratio.describe('That NDCG over the NDCG of the newest test window, with a 95 % interval.'),
      }),
    )
    .describe('Lists of the earlier run on the purchases since.'),
});

const robustness = z.strictObject({
  campaign: z.string(),
  customers: count.describe('Customers who lost a holding.'),
  changed: z.number().nullable().describe('Share of their lists that changed; null for 1 to 9 of them.'),
  changedOthers: z.number().nullable().describe('Share with another change than the entry of the lost product itself.'),
});

const loss = z.strictObject({
  campaign: z.string(),
  change: z
    .enum(perturbations)
    .describe('Wrong inputs of all test customers, or weights learned without the newest learning window.'),
  customers: count.describe('Test customers with a product before.'),
  changed: z.number().nullable().describe('Share of their lists that changed; null for 1 to 9 of them.'),
  otherFirst: z.number().nullable().describe('Share with another first product.'),
  ndcg: z.number().describe('NDCG without the change.'),
  lost: gap.describe('Its loss by the change, with a 95 % interval.'),
});

const checks = z.strictObject({
  files: z.number().nullable().describe('Files of the run whose hashes equal their records; null: one differs.'),
  differs: z.string().nullable().describe('First file of the run that differs from its record.'),
  sameProgram: z.boolean().describe('Whether the program of this pack also made the run.'),
  sameInputs: z
    .boolean()
    .nullable()
    .describe('Whether the input files still have the hash of the run; null: not known, or not read.'),
  node: z.string(),
  packages: z.string().describe('Version of Basketwise.'),
  resamples: z.number(),
  seed: z.number(),
});

const trigger = z.strictObject({
  bound: z.string().describe('Key of validation.bounds, or `next_review`.'),
  limit: z.union([z.number(), z.string()]).describe('Of `next_review` its day.'),
  found: z.union([z.number(), z.string()]).describe('Of `next_review` the reference date of the run.'),
  where: z.string(),
});

/** Content of validation.json without its seal, the source of the page and the model card. All numbers of customers are publishable. */
const validationShape = z.strictObject({
  version: z.literal(1),
  inventory,
  data,
  models: z.array(model),
  clusters: z
    .array(
      z.strictObject({
        scheme: z.string(),
        cluster: z.number().describe('Number of the cluster, from 0.'),
        customers: count,
        differs: z.array(z.string()).describe('Columns in which it differs most from all customers, with both means.'),
      }),
    )
    .describe('Clusters by which models may differ.'),
  products: z.record(z.string(), z.string()).describe('Names of the products that the pack names by code.'),
  probability: z
    .enum(['window', 'next product'])
    .nullable()
    .describe('Meaning of `probability`; without dates products held out stand for purchases. Null: lists have none.'),
  length: z.number().describe('Entries of a list that all NDCG and recall look at: 5, or `top_n` if it is smaller.'),
  windows: z.array(z.strictObject({ at: z.string(), from: z.string(), to: z.string(), folds: z.number().optional() })),
  quality: z.array(quality),
  calibration: z.array(calibration),
  brier: z.array(brier),
  slices,
  exposure: z.array(exposure),
  featureExposure: z.array(exposure).describe('The same by features, which models may use; bounds do not judge it.'),
  drift: z.array(comparison),
  since: since
    .nullable()
    .describe('Change from the newest window to the run, which needs no earlier run; null without dates or windows.'),
  robustness: z.array(robustness).describe('Lists after the loss of a product, in the newest window.'),
  losses: z.array(loss).describe('NDCG of test customers after a change, over all windows.'),
  bounds: z.array(
    z.strictObject({
      bound: z.string().describe('Key of validation.bounds.'),
      limit: z.number(),
      figures: z.number().describe('Known figures that it judges; 0: the bound says nothing.'),
      beyond: z.number(),
    }),
  ),
  checks,
  triggers: z.array(trigger),
  missing: z.array(z.string()).describe('Sections that this run cannot fill, and why.'),
});

/** Validation pack: the content of validation.json without its seal. */
export type ValidationFile = z.output<typeof validationShape>;

/** Validation pack, with the paths of the written files. */
export interface Validation extends ValidationFile {
  /** sha256 over the content, the last key of validation.json. */
  seal: string;
  page: string;
  card: string;
  /** Reason why the pack was not written into the folder of its run, where approvals sign it; absent if it was. */
  unsignable?: string;
}

/** JSON Schema (draft 2020-12) of validation.json. */
export function validationJsonSchema(): Record<string, unknown> {
  const seal = z.string().describe('sha256 over all other keys, as compact JSON.');
  return { ...z.toJSONSchema(validationShape.extend({ seal })), title: 'Basketwise validation pack' };
}
