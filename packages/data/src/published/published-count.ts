// Every number of customers in a report, a page or a metric passes one of these functions (docs/privacy.md):
// - a single number: publishedCount
// - parts of one total: publishedParts; with names publishedRecord; with their sum as total publishedSizes
// - parts of several totals: publishedCells
// - a share: publishedShare; a mean: publishedValue
// Functions for parts are in published-parts.ts.

/** Smallest published number of customers. Smaller ones could identify a customer. */
export const smallestPublished = 10;

/** Step to which other numbers are rounded down. No sum or difference of published numbers is then a small number. */
const countStep = smallestPublished;

/** Published number of customers, a multiple of 10. Null: too small, or it would reveal a small one. */
export type PublishedCount = number | null;

/**
 * Rounds a number down to tens; null for 1 to 9.
 * @param each most rows of one customer: a number of rows is rounded down to the rows of ten customers
 */
export function publishedCount(customers: number, each = 1): PublishedCount {
  return customers > 0 && customers < smallestPublished * each
    ? null
    : Math.floor(customers / (countStep * each)) * countStep * each;
}

/** Least and greatest numbers that a published one stands for. */
export function publishedRange(published: number): readonly [number, number] {
  return [published, published === 0 ? 0 : published + countStep - 1];
}

/** Middle of the numbers that a published one stands for. */
export function publishedMiddle(published: number): number {
  const [least, most] = publishedRange(published);
  return (least + most) / 2;
}

/**
 * Share of a part in a whole, from their published numbers. Multiplied by the published whole, it reveals only the published
 * part.
 */
export function publishedShare(part: PublishedCount, whole: PublishedCount): number | null {
  if (part === 0) return 0;
  return part === null || whole === null ? null : Number(Math.min(1, part / whole).toFixed(6));
}

/** Value of customers, such as a mean, to three digits. More digits could identify a single value. */
export function publishedValue(value: number): number {
  return Number(value.toPrecision(3));
}

/** Sign in place of a number that is unknown, or too small to publish. */
export const dash = '–';

/** Published number in a table. */
export function countText(customers: PublishedCount): string {
  return customers === null ? dash : String(customers);
}

/** Published number in a sentence. */
export function countWords(customers: PublishedCount): string {
  return customers === null ? `fewer than ${smallestPublished}` : String(customers);
}

/** Share, 0 to 1, as a percentage. */
export function percent(share: number, decimals = 1): string {
  return `${(100 * share).toFixed(decimals)} %`;
}

/** Part of a whole as a percentage; empty if the whole is 0. */
export function percentOf(part: number, whole: number): string {
  return whole === 0 ? '' : percent(part / whole);
}
