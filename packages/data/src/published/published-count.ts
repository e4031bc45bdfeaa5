// Every number of customers in a report, a page or a metric passes one of these functions (docs/privacy.md):
// - a single number: publishedCount
// - parts of one total: publishedParts; with names publishedRecord; with their sum as total publishedSizes
// - parts of several totals: publishedCells
// - a share: publishedShare; a mean: publishedValue
// Functions for parts are in published-parts.ts.

/** Smallest number of customers that is published. A smaller number could identify a customer. */
export const smallestPublished = 10;

/**
 * Larger numbers are rounded down to multiples of this. Therefore no sum or difference of published numbers is a small number.
 */
const countStep = smallestPublished;

/** Published number of customers, a multiple of 10. Null if the number is too small, or would reveal a number that is too small. */
export type PublishedCount = number | null;

/**
 * Rounds a number of customers down to a multiple of 10. Null for 1 to 9.
 * @param each for a number of rows: the largest number of rows of one customer. The result is then a multiple of 10 x `each`
 */
export function publishedCount(customers: number, each = 1): PublishedCount {
  return customers > 0 && customers < smallestPublished * each
    ? null
    : Math.floor(customers / (countStep * each)) * countStep * each;
}

/** Smallest and largest number that a published number can stand for. */
export function publishedRange(published: number): readonly [number, number] {
  return [published, published === 0 ? 0 : published + countStep - 1];
}

/** Middle of the numbers that a published number can stand for, such as 24.5 for 20. */
export function publishedMiddle(published: number): number {
  const [least, most] = publishedRange(published);
  return (least + most) / 2;
}

/**
 * Share of a part in a whole, computed from the published numbers. Together with the published whole, it reveals no more than the
 * published part.
 */
export function publishedShare(part: PublishedCount, whole: PublishedCount): number | null {
  if (part === 0) return 0;
  return part === null || whole === null ? null : Number(Math.min(1, part / whole).toFixed(6));
}

/** Value of customers, such as a mean, rounded to three digits. More digits could identify the value of one customer. */
export function publishedValue(value: number): number {
  return Number(value.toPrecision(3));
}

/** Sign for a number that is unknown, or too small to publish. */
export const dash = '–';

/** Published number as text for a table. */
export function countText(customers: PublishedCount): string {
  return customers === null ? dash : String(customers);
}

/** Published number as text for a sentence. */
export function countWords(customers: PublishedCount): string {
  return customers === null ? `fewer than ${smallestPublished}` : String(customers);
}

/** Share (0 to 1) as a percentage. */
export function percent(share: number, decimals = 1): string {
  return `${(100 * share).toFixed(decimals)} %`;
}

/** Part of a whole as a percentage. Empty if the whole is 0. */
export function percentOf(part: number, whole: number): string {
  return whole === 0 ? '' : percent(part / whole);
}
