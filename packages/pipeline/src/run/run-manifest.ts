import type { SnapshotManifest } from '@basketwise/data';
import { z } from 'zod';
import type { Config } from '../config/schema.ts';

/** Fields of a run's manifest.json that later commands read. */
export const runManifestShape = z.looseObject({
  version: z.literal(1),
  run: z.string(),
  aside: z.literal(true).optional(),
  referenceDate: z.string(),
  hash: z.string(),
  inputs: z.object({ code: z.string(), config: z.string(), files: z.string().nullable(), kernels: z.string() }),
  config: z.custom<Config>((value) => typeof value === 'object' && value !== null),
  extract: z.custom<SnapshotManifest>((value) => typeof value === 'object' && value !== null),
  clusters: z.array(z.looseObject({ scheme: z.string(), fitted: z.boolean(), file: z.string() })),
  files: z.array(z.object({ file: z.string(), bytes: z.number(), sha256: z.string() })),
});
