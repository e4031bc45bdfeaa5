import { join } from 'node:path';
import { countText, percent, writeWhole } from '@basketwise/data/base';
import { shortened, textTable } from '@basketwise/page';
import { checkWritten, type Settings, settingsPath } from '@basketwise/pipeline';
import type { BankProfile } from './bank-profile.ts';

/** Largest number of products in the terminal. The page has all products. */
const shown = 15;
/** Largest number of characters of a name in the terminal. */
const longestName = 30;

const shareText = (share: number | null) => (share === null ? '–' : percent(share));

/** Makes the profile of a bank as text for the terminal, at most 100 columns wide. */
export function bankProfileText(profile: BankProfile, page: string): string {
  const { run, referenceDate, customers, held, classes, products, dates, odd } = profile;
  const years = dates.byYear.slice(-10);
  return [
    `snapshot of ${run}, as of ${referenceDate}`,
    `${countText(customers.all)} customers: ${countText(customers.withHoldings)} hold something, ${countText(customers.withoutHoldings)} nothing`,
    '',
    textTable([['products held', 'customers'], ...held.map((one) => [one.products, countText(one.customers)])]),
    textTable([
      ['class', 'products', 'on sale', 'holders', 'share', 'bought in a year'],
      ...classes.map((one) => [
        shortened(one.name, longestName),
        one.products,
        one.onSale,
        countText(one.holders),
        shareText(one.share),
        countText(one.bought),
      ]),
    ]),
    textTable([
      ['product', 'class', 'on sale', 'holders', 'share', 'bought in a year'],
      ...products
        .slice(0, shown)
        .map((one) => [
          shortened(one.name, longestName),
          shortened(one.class, longestName).slice(0, 16),
          one.onSale ? 'yes' : 'no',
          countText(one.holders),
          shareText(one.share),
          countText(one.bought),
        ]),
    ]) + (products.length > shown ? `${shown} of ${products.length} products; the page has all\n` : ''),
    dates.first === null
      ? 'holdings have no dates\n'
      : `opened from ${dates.first} to ${dates.last}\n${textTable([['year', 'opened'], ...years.map(({ year, opened }) => [year, countText(opened)])])}`,
    odd.length === 0 ? 'nothing is odd' : `odd:\n${odd.map((line) => `  ${line}`).join('\n')}`,
    `\npage ${page}\n`,
  ].join('\n');
}

/** Writes the profile of a bank as profile.html to the output folder. Returns the path of the file. */
export async function writeBankProfile(settings: Settings, profile: BankProfile): Promise<string> {
  await checkWritten(settings);
  const { bankProfilePage } = await import('./bank-profile-page.ts'); // The library of charts takes long to load.
  const file = join(settingsPath(settings, settings.config.output.dir), 'profile.html');
  await writeWhole(file, bankProfilePage(profile));
  return file;
}
