import type { Product } from '@basketwise/core';
import type { SnapshotManifest } from '@basketwise/data';
import { countWords, publishedCount } from '@basketwise/data/base';
import { type Config, unnamedClasses } from '@basketwise/pipeline';

/** Data of a snapshot that are searched for unusual facts. */
export interface BankOddities {
  manifest: SnapshotManifest;
  products: readonly Product[];
  /** Codes of the products that have a holder on the reference date. */
  heldCodes: ReadonlySet<string>;
  /** Number of holdings that have a date of opening. */
  openings: number;
  /** Day on which most holdings were opened. Null if no holding has a date. */
  busiest: { day: string; openings: number } | null;
  /** Months of the last two years after which a month without openings follows. */
  gaps: readonly string[];
}

/** Largest share of all openings on a normal business day. */
const mostOfADay = 0.05;

/** List of names for a sentence, cut to a few. */
const some = (names: readonly string[]) =>
  `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`;

/** Unusual facts about a bank's data, as sentences. */
export function oddities({ manifest, products, heldCodes, openings, busiest, gaps }: BankOddities, config: Config): string[] {
  const { holdings, customers } = manifest;
  const odd: string[] = [];
  const counted = (rows: number | undefined, text: string) => {
    if (rows !== undefined && rows > 0) odd.push(`${countWords(publishedCount(rows))} ${text}`);
  };
  counted(customers.nullId, 'rows of customers have no id');
  counted(customers.withoutHoldings, 'customers hold nothing');
  counted(holdings.unknownProduct, 'rows of holdings name a product that the products table lacks');
  counted(holdings.unknownCustomer, 'rows of holdings have a customer that the customers table lacks');
  counted(holdings.nullCustomer + holdings.nullProduct, 'rows of holdings lack their customer or product');
  counted(holdings.repeated, 'rows of holdings repeat another row');
  counted(holdings.undated, 'holdings have no date');
  counted(holdings.afterReference, 'holdings begin after the reference date');
  if (busiest && busiest.openings > mostOfADay * openings && openings >= 1000)
    odd.push(
      `${((100 * busiest.openings) / openings).toFixed(0)} % of all openings are of ${busiest.day}: perhaps a migration, not purchases`,
    );
  if (gaps.length > 0) odd.push(`no holding was opened in the months after ${some(gaps)}`);
  const never = products.filter(({ code, groupKey, onSale }) => onSale && !heldCodes.has(code) && !heldCodes.has(groupKey));
  if (never.length > 0) odd.push(`products on sale without holders: ${some(never.map(({ code }) => code))}`);
  const ended = Object.keys(manifest.products.classes).filter((name) =>
    products.every((one) => one.class !== name || !one.onSale),
  );
  if (ended.length > 0) odd.push(`classes without a product on sale: ${some(ended)}`);
  if (Object.keys(config.campaigns).length > 0) {
    const unnamed = unnamedClasses(config, Object.keys(manifest.products.classes));
    if (unnamed.length > 0) odd.push(`classes that no campaign names: ${some(unnamed)}`);
  }
  return odd;
}
