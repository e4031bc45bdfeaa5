/** Numbers of customers below this are not published: they could point at somebody. */
export const smallestPublished = 10;

/** Others are published rounded down to a multiple of this: no sum or difference of published numbers is a number below it. */
const countStep = smallestPublished;

/** A number of customers as it may be published, a multiple of 10; null: too small, or it would tell one that is. */
export type PublishedCount = number | null;

/**
 * The number rounded down to tens; null from 1 to 9.
 * @param each what a customer counts for at most: a number of rows is rounded down to those of ten customers
 */
export function publishedCount(customers: number, each = 1): PublishedCount {
  return customers > 0 && customers < smallestPublished * each
    ? null
    : Math.floor(customers / (countStep * each)) * countStep * each;
}

/** Least and most that a published number stands for. */
export function publishedRange(published: number): readonly [number, number] {
  return [published, published === 0 ? 0 : published + countStep - 1];
}

/** The number in the middle of those that a published one stands for. */
export function publishedMiddle(published: number): number {
  const [least, most] = publishedRange(published);
  return (least + most) / 2;
}

/** The share of a part in a whole, of their published numbers: multiplied by the published whole it tells no more than the published part. */
export function publishedShare(part: PublishedCount, whole: PublishedCount): number | null {
  if (part === 0) return 0;
  return part === null || whole === null ? null : Number(Math.min(1, part / whole).toFixed(6));
}

/** A value of customers, such as a mean, to three digits: more could be those of one of them. */
export function publishedValue(value: number): number {
  return Number(value.toPrecision(3));
}

/** A published number in a table. */
export function countText(customers: PublishedCount): string {
  return customers === null ? '–' : String(customers);
}

/** A number that is too small, or published, in a sentence. */
export function countWords(customers: PublishedCount): string {
  return customers === null ? `fewer than ${smallestPublished}` : String(customers);
}
