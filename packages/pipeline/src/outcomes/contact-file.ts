import { join } from 'node:path';
import { readShaped } from '@basketwise/data/files';
import type { PublishedCount } from '@basketwise/data/published';
import { z } from 'zod';
import { readSealed } from '../run/seal.ts';

/** File of the contact list that people open. Its format is the first one other than Parquet, or Parquet if the run writes no other. */
export function contactFile({ formats }: { formats: readonly string[] }): string {
  return `contact-list.${formats.find((one) => one !== 'parquet') ?? formats[0]}`;
}

const reportShape = z.object({ offers: z.object({ all: z.object({ offered: z.number().nullable() }) }).nullable() });
const manifestShape = z.object({
  config: z.object({
    output: z.object({ formats: z.array(z.string()) }),
    offers: z.object({ control: z.unknown() }).partial().optional(),
  }),
});

/** Facts about the contact list of a run. */
interface RunContacts {
  file: string;
  /** Published number of customers on the list. Null if it is too small to publish, or if the run has no report. */
  customers: PublishedCount;
  hasControl: boolean;
}

/** Reads the facts about the contact list of a run folder. Null for a run without offers. */
export async function contactsOf(folder: string): Promise<RunContacts | null> {
  const manifest = manifestShape.safeParse(await readSealed(join(folder, 'manifest.json'))).data;
  if (!manifest?.config.offers) return null;
  const { output, offers } = manifest.config;
  const customers = (await readShaped(join(folder, 'report.json'), reportShape))?.offers?.all.offered ?? null;
  return { file: contactFile(output), customers, hasControl: offers.control !== undefined };
}
