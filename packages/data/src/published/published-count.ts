// Every number of customers in a report, a page or a metric passes one of these functions (docs/privacy.md): a number by itself publishedCount;
// parts of one total publishedParts (with names: publishedRecord; with their sum as total: publishedSizes), parts of several totals
// publishedCells, all in published-parts.ts; a share publishedShare, a mean publishedValue.

/** Numbers of customers below this are not published: they could identify a customer. */
export const smallestPublished = 10;

/** Other numbers are rounded down to a multiple of this: no sum or difference of published numbers is a small number. */
const countStep = smallestPublished;

/** A publishable number of customers, a multiple of 10; null: too small, or it would reveal a small one. */
export type PublishedCount = number | null;

/**
 * The number rounded down to tens; null from 1 to 9.
 * @param each greatest contribution of one customer: a number of rows is rounded down to those of ten customers
 */
export function publishedCount(customers: number, each = 1): PublishedCount {
  return customers > 0 && customers < smallestPublished * each
    ? null
    : Math.floor(customers / (countStep * each)) * countStep * each;
}

/** Least and greatest numbers behind a published one. */
export function publishedRange(published: number): readonly [number, number] {
  return [published, published === 0 ? 0 : published + countStep - 1];
}

/** The middle of the numbers behind a published one. */
export function publishedMiddle(published: number): number {
  const [least, most] = publishedRange(published);
  return (least + most) / 2;
}

/** The share of a part in a whole, of their published numbers: times the published whole it reveals only the published part. */
export function publishedShare(part: PublishedCount, whole: PublishedCount): number | null {
  if (part === 0) return 0;
  return part === null || whole === null ? null : Number(Math.min(1, part / whole).toFixed(6));
}

/** A value of customers, such as a mean, to three digits: more could identify a single value. */
export function publishedValue(value: number): number {
  return Number(value.toPrecision(3));
}

/** A published number in a table. */
export function countText(customers: PublishedCount): string {
  return customers === null ? '–' : String(customers);
}

/** A number in a sentence, published or too small. */
export function countWords(customers: PublishedCount): string {
  return customers === null ? `fewer than ${smallestPublished}` : String(customers);
}

/** A share, 0 to 1, as a percentage. */
export function percent(share: number, decimals = 1): string {
  return `${(100 * share).toFixed(decimals)} %`;
}

/** A part of a whole as a percentage; empty if the whole is 0. */
export function percentOf(part: number, whole: number): string {
  return whole === 0 ? '' : percent(part / whole);
}
