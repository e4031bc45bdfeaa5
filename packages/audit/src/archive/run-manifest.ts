import { AppError } from '@basketwise/core/error';
import { parseSealed, runManifestShape } from '@basketwise/pipeline/base';
import { z } from 'zod';

const fileShape = z.object({ file: z.string(), bytes: z.number(), sha256: z.string() });

/** Parts of a run's manifest.json that archives need. */
export type ArchivedManifest = z.output<typeof runManifestShape>;

/** Parses a manifest. @param place path of the text, for messages @throws AppError bad-data if it is damaged or has another version */
export function parseRunManifest(text: string, place: string): ArchivedManifest {
  const found = runManifestShape.safeParse(parseSealed(text));
  if (found.success) return found.data;
  throw new AppError('bad-data', `${place} is damaged or of another version`, 'Restore it from a copy.');
}

const stateShape = z.looseObject({ previous: z.string().nullable(), stages: z.array(z.looseObject({ name: z.string() })) });

/** Parses a run.json, which records the end of a run; undefined if it is damaged. */
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

/** Parses the record of a stage; undefined if it is damaged. */
export function parseStageRecord(text: string): z.output<typeof recordShape> | undefined {
  return recordShape.safeParse(parseSealed(text)).data;
}
