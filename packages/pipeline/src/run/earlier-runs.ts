import { join } from 'node:path';
import type { PlainDate } from '@basketwise/core';
import type { SnapshotManifest, WrittenStyle } from '@basketwise/data';
import { type FileRecord, isFileRecord, isInside } from '@basketwise/data/base';
import { z } from 'zod';
import type { Config } from '../config/schema.ts';
import { plainDate } from '../values/schemas.ts';
import { isRunName } from './attempts.ts';

import { publishedNights } from './published-runs.ts';

import { readSealed } from './seal.ts';

/** Fields of a run's manifest.json that later commands read. */
export const runManifestShape = z.looseObject({
  version: z.literal(1),
  run: z.string().refine(isRunName),
  aside: z.literal(true).optional(),
  referenceDate: plainDate,
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  inputs: z.object({ code: z.string(), config: z.string(), files: z.string().nullable(), kernels: z.string() }),
  config: z.custom<Config>((value) => typeof value === 'object' && value !== null),
  extract: z.custom<SnapshotManifest>((value) => typeof value === 'object' && value !== null),
  clusters: z.array(z.looseObject({ scheme: z.string(), fitted: z.boolean(), file: z.string().refine(isInside) })),
  files: z.array(z.custom<FileRecord>(isFileRecord)),
});

/** Schema of `config.output` in a manifest: the keys that determine the format of the run's result files. */
export const writtenStyle = z.looseObject({
  formats: z.array(z.enum(['parquet', 'csv'])),
  escape_formulas: z.boolean(),
  csv: z.object({ delimiter: z.string() }).optional(),
  parquet: z.object({ integer_ids: z.boolean() }).optional(),
}) satisfies z.ZodType<WrittenStyle>;

/** Earlier published run with lists. */
export interface EarlierRun {
  run: string;
  folder: string;
  date: PlainDate;
  /** Whether the run has offers. Lists without offers have no control, and prove no effect. */
  hasOffers: boolean;
  /** Draws that assigned the customers of the offers to arms. */
  draws: Draws;
  /** Product class of each campaign. */
  classOf?: Readonly<Record<string, string>>;
  output: WrittenStyle;
}

const drawShape = z.object({ salt: z.string(), share: z.number() });
const texts = z.array(z.string()).default([]);
const numbers = z.union([z.number().transform((one) => [one]), z.array(z.number())]);
const capacityShape = z.object({
  ...{ campaigns: texts, products: texts, classes: texts },
  cluster: z.record(z.string(), numbers).default({}),
});
const capacities = z.record(z.string(), capacityShape).optional();
const instead = z.record(z.string(), z.string()).optional();
const drawsShape = z.object({
  control: drawShape.optional(),
  experiment: drawShape.extend({ name: z.string(), instead, capacity: capacities }).optional(),
  capacity: capacities,
});

/** Settings of a run's random draws: for the control, and for the variant of an experiment. Also contains the capacities of both. */
export type Draws = z.output<typeof drawsShape>;

/** Conditions of a capacity. It counts the offers that meet all of them. */
export type CountedByCapacity = z.output<typeof capacityShape>;

const finishedManifest = z.object({
  referenceDate: z.string(),
  config: z.looseObject({
    output: writtenStyle,
    offers: drawsShape.optional(),
    campaigns: z.record(z.string(), z.object({ class: z.string() }).partial()).default({}),
  }),
  files: z.array(z.object({ file: z.string() })),
});

/** Published runs with lists whose reference date is at most `until`, ascending by date. Only runs whose folders still exist. */
export async function earlierRuns(output: string, until: PlainDate): Promise<EarlierRun[]> {
  const found: EarlierRun[] = [];
  for (const { run, date } of await publishedNights(output)) {
    const folder = join(output, 'runs', run);
    const manifest = date > until ? undefined : finishedManifest.safeParse(await readSealed(join(folder, 'manifest.json')));
    if (!manifest?.success) continue;
    const { files, config } = manifest.data;
    const has = (name: string) => config.output.formats.some((format) => files.some(({ file }) => file === `${name}.${format}`));
    const { output: style, offers = {} } = config;
    if (!has('recommendations')) continue;
    const classOf = Object.fromEntries(Object.entries(config.campaigns).map(([name, one]) => [name, one.class ?? '']));
    found.push({ run, folder, date, hasOffers: has('offers'), draws: offers, classOf, output: style });
  }
  return found;
}

/** Reference dates of runs, ascending. Runs with an unreadable manifest are left out. */
export async function runDates(output: string, runs: readonly string[]): Promise<PlainDate[]> {
  const manifests = await Promise.all(runs.map((run) => readSealed(join(output, 'runs', run, 'manifest.json'))));
  return manifests.flatMap((manifest) => finishedManifest.safeParse(manifest).data?.referenceDate ?? []).sort();
}
