import { AppError } from '@basketwise/core/error';
import type { SnapshotManifest } from '@basketwise/data';
import type { Config } from '@basketwise/pipeline';
import { parseSealed } from '@basketwise/pipeline/base';
import { z } from 'zod';

const fileShape = z.object({ file: z.string(), bytes: z.number(), sha256: z.string() });

const manifestShape = z.looseObject({
  version: z.literal(1),
  run: z.string(),
  aside: z.literal(true).optional(),
  referenceDate: z.string(),
  hash: z.string(),
  inputs: z.object({ code: z.string(), config: z.string(), files: z.string().nullable(), kernels: z.string() }),
  config: z.custom<Config>((value) => typeof value === 'object' && value !== null),
  extract: z.custom<SnapshotManifest>((value) => typeof value === 'object' && value !== null),
  clusters: z.array(z.looseObject({ scheme: z.string(), fitted: z.boolean(), file: z.string() })),
  files: z.array(fileShape),
});

/** Parts of a run's manifest.json that archives need. */
export type ArchivedManifest = z.output<typeof manifestShape>;

/** The manifest in a text. @param place of the text, in messages @throws AppError bad-data if it is damaged or of another version */
export function parseRunManifest(text: string, place: string): ArchivedManifest {
  const found = manifestShape.safeParse(parseSealed(text));
  if (found.success) return found.data;
  throw new AppError('bad-data', `${place} is damaged or of another version`, 'Restore it from a copy.');
}

const stateShape = z.looseObject({ previous: z.string().nullable(), stages: z.array(z.looseObject({ name: z.string() })) });

/** End of a run, from the text of its run.json; undefined if it is damaged. */
export function parseRunState(text: string): z.output<typeof stateShape> | undefined {
  return stateShape.safeParse(parseSealed(text)).data;
}

const recordShape = z.object({
  hash: z.string(),
  key: z.string(),
  after: z.string(),
  made: z.record(z.string(), z.string()).nullable(),
  files: z.array(fileShape),
  summary: z.unknown(),
});

/** Record of a stage, from its text; undefined if it is damaged. */
export function parseStageRecord(text: string): z.output<typeof recordShape> | undefined {
  return recordShape.safeParse(parseSealed(text)).data;
}
