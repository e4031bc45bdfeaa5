import { join } from 'node:path';
import { AppError, type ModelSpec } from '@basketwise/core';
import { type PublishedCount, publishedCount, readJson } from '@basketwise/data/base';
import type { FinishedRun } from '@basketwise/insight';
import { packageVersion, readSealed } from '@basketwise/pipeline';
import type { BootstrapOptions } from '@basketwise/recommend';
import { z } from 'zod';
import { checkRun } from '../archive/check-run.ts';
import type { ValidationFile } from './validation-file.ts';

const count = z.number().nullable();
const counts = z.record(z.string(), count);
const specShape = z.custom<ModelSpec>((value) => typeof value === 'object' && value !== null);

const named = z.record(z.string(), count);

const verdict = z.object({
  verdict: z.enum(['better', 'level', 'worse', 'unknown']),
  against: z.string(),
  window: z.object({ at: z.string(), from: z.string(), to: z.string(), folds: z.number().optional() }),
  tested: count,
  gap: z.object({ mean: z.number(), low: z.number(), high: z.number(), level: z.boolean() }),
});

const campaign = z.object({
  ...{ campaign: z.string(), model: specShape, targets: count, served: count, verdict: verdict.nullable() },
  recommendable: z.number().describe('Products that the campaign may recommend.'),
  appearing: z.number().describe('Products on at least one list.'),
  unserved: named.describe('Target customers without a list, by the first reason that applies.'),
  suppressed: named.describe('Target customers who fail a rule, by rule. One customer can fail several.'),
  models: z.array(z.object({ customers: count })),
});

const profile = z.object({
  scheme: z.string(),
  sizes: z.array(count),
  features: z.array(
    z.union([
      z.object({ kind: z.literal('number'), column: z.string(), explained: z.number(), mean: z.array(count) }),
      z.object({ kind: z.literal('category') }),
    ]),
  ),
});

const reportShape = z.object({
  referenceDate: z.string(),
  warnings: z.array(z.string()),
  data: z.object({
    customers: counts,
    products: z.object({ read: z.number(), groups: z.number(), onSale: z.number(), classes: z.record(z.string(), z.number()) }),
    holdings: counts,
  }),
  campaigns: z.array(campaign),
  clusterProfiles: z.array(profile),
  inputs: z.object({ code: z.string(), config: z.string(), files: z.string().nullable(), data: z.string() }),
});

/** Parts of a run's report.json that a validation pack shows. All numbers in report.json are publishable. */
export type ReportFacts = z.output<typeof reportShape>;

/** Reads report.json of a run. @throws AppError missing-input if it does not exist, bad-data if it has another version */
export async function readReportFacts(folder: string): Promise<ReportFacts> {
  const path = join(folder, 'report.json');
  const json = await readJson(path);
  if (json === undefined) throw new AppError('missing-input', `${path} is missing`, 'Set output.report, and run again.');
  const found = reportShape.safeParse(json);
  if (found.success) return found.data;
  throw new AppError('bad-data', `${path} is damaged or of another version`, 'Run the job again.');
}

const ridge = z.number().nullable();
const choicesShape = z.object({
  choices: z.array(
    z.object({
      campaign: z.string(),
      trials: z.array(z.unknown()),
      learned: z
        .object({ weights: z.record(z.string(), z.number()), ridge, clusterRidge: ridge, customers: z.number() })
        .optional(),
    }),
  ),
});

/** Facts on the selection of a campaign's model. */
export interface LearnedFacts {
  /** Number of models that the newest window compared; 0 if it had too few test customers. */
  trials: number;
  /** Learned weights of the components, ridges, and number of customers whose purchases taught them. Absent: a tuned model replaced it. */
  learned:
    | { weights: Record<string, number>; ridge: number | null; clusterRidge: number | null; customers: PublishedCount }
    | undefined;
}

/** Facts on the models that a run selected, by campaign, from its manifest. Empty if the config names all models. */
export async function readLearned(folder: string): Promise<Map<string, LearnedFacts>> {
  const found = choicesShape.safeParse(await readSealed(join(folder, 'manifest.json')));
  const choices = found.success ? found.data.choices : [];
  return new Map(
    choices.map(({ campaign, trials, learned }) => {
      const shown = learned && { ...learned, customers: publishedCount(learned.customers) };
      return [campaign, { trials: trials.length, learned: shown }];
    }),
  );
}

type Checks = ValidationFile['checks'];

/** Compares the files of the run with its records, and names the program and the seed of the figures. */
export async function runChecks(
  { folder }: FinishedRun,
  { resamples, seed }: BootstrapOptions,
  known: Pick<Checks, 'sameProgram' | 'sameInputs'>,
): Promise<Checks> {
  const about = { ...known, node: process.version, packages: packageVersion(), resamples, seed };
  try {
    return { files: (await checkRun(folder)).files, differs: null, ...about };
  } catch (reason) {
    if (!(reason instanceof AppError && reason.code === 'bad-data')) throw reason;
    return { files: null, differs: reason.message, ...about };
  }
}
