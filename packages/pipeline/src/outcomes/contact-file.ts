import { join } from 'node:path';
import { type PublishedCount, readShaped } from '@basketwise/data/base';
import { z } from 'zod';
import { readSealed } from '../run/seal.ts';

/** File of the contact list that people open. */
export const contactFile = 'contact-list.csv';

const reportShape = z.object({ offers: z.object({ all: z.object({ offered: z.number().nullable() }) }).nullable() });
const manifestShape = z.object({
  config: z.object({
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
  const { offers } = manifest.config;
  const customers = (await readShaped(join(folder, 'report.json'), reportShape))?.offers?.all.offered ?? null;
  return { file: contactFile, customers, hasControl: offers.control !== undefined };
}
