import { join } from 'node:path';
import { AppError } from '@basketwise/core';
import type { ModelSpec } from '@basketwise/core/parts';
import { readJson } from '@basketwise/pipeline/base';
import { readSealed } from '@basketwise/pipeline/parts';
import { z } from 'zod';

const count = z.number().nullable();
const counts = z.record(z.string(), count);
const specShape = z.custom<ModelSpec>((value) => typeof value === 'object' && value !== null);

const reportShape = z.object({
  referenceDate: z.string(),
  warnings: z.array(z.string()),
  data: z.object({
    customers: counts,
    products: z.object({ read: z.number(), groups: z.number(), onSale: z.number() }),
    holdings: counts,
  }),
  campaigns: z.array(z.object({ campaign: z.string(), model: specShape, targets: count, served: count })),
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

const choicesShape = z.object({
  choices: z.array(
    z.object({ campaign: z.string(), learned: z.object({ weights: z.record(z.string(), z.number()) }).optional() }),
  ),
});

/** Learned weights of the components of each campaign's model, from a run's manifest; empty if the run learned no weights. */
export async function readWeights(folder: string): Promise<Map<string, Record<string, number>>> {
  const found = choicesShape.safeParse(await readSealed(join(folder, 'manifest.json')));
  const choices = found.success ? found.data.choices : [];
  return new Map(choices.flatMap(({ campaign, learned }) => (learned ? [[campaign, learned.weights] as const] : [])));
}
