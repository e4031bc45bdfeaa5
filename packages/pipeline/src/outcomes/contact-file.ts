import { join } from 'node:path';
import { readShaped } from '@basketwise/data/files';
import type { PublishedCount } from '@basketwise/data/published';
import { z } from 'zod';
import type { Config } from '../config/schema.ts';

/** File of the contact list that people open: not Parquet, if the run writes another format. */
export function contactFile({ formats }: Pick<Config['output'], 'formats'>): string {
  return `contact-list.${formats.find((one) => one !== 'parquet') ?? formats[0]}`;
}

const shape = z.object({ offers: z.object({ all: z.object({ offered: z.number().nullable() }) }).nullable() });

/** Published number of customers on the contact list of a run. Null if it is hidden, or the run has no report. */
export async function customersToContact(folder: string): Promise<PublishedCount> {
  return (await readShaped(join(folder, 'report.json'), shape))?.offers?.all.offered ?? null;
}
