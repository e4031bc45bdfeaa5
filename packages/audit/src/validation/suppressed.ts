import { publishedCount, publishedMiddle, publishedRange, smallestPublished } from '@basketwise/data/published';

/** Greatest number that is suppressed because it is small. Bounds from above count with it. */
export const mostSuppressed = smallestPublished - 1;

/** Least and greatest numbers that a shown one stands for. */
export function shownRange(number: number): readonly [number, number] {
  const published = publishedCount(number);
  return published === null ? [0, mostSuppressed] : publishedRange(published);
}

/** A number as readers of the pack may use it: the middle of its tens, and 9 for 1 to 9. */
export function shownNumber(number: number): number {
  const published = publishedCount(number);
  return published === null ? mostSuppressed : publishedMiddle(published);
}
