import { join } from 'node:path';
import { type Settings, settingsPath } from '@basketwise/pipeline';
import { writeWhole } from '@basketwise/pipeline/base';
import { checkWritten } from '@basketwise/pipeline/parts';
import type { BankProfile } from './bank-profile.ts';

/** Writes the profile of a bank as profile.html to the output folder. Returns the path of the file. */
export async function writeBankProfile(settings: Settings, profile: BankProfile): Promise<string> {
  await checkWritten(settings);
  const { bankProfilePage } = await import('./bank-profile-page.ts'); // The library of charts takes long to load.
  const file = join(settingsPath(settings, settings.config.output.dir), 'profile.html');
  await writeWhole(file, bankProfilePage(profile));
  return file;
}
