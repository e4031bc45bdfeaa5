import { publishedCount, publishedMiddle, publishedRange, smallestPublished } from '@basketwise/data/published';

/** Greatest number that is suppressed because it is small. Bounds from above count with it. */
export const mostSuppressed = smallestPublished - 1;

/** Smallest and largest number that the published form of a number stands for; 0 to 9 for a suppressed one. */
export function shownRange(number: number): readonly [number, number] {
  const published = publishedCount(number);
  return published === null ? [0, mostSuppressed] : publishedRange(published);
}

/**
 * Value that stands for a published number: the middle of its ten (24.5 for 20 to 29). For a suppressed number, 1 to 9, it is the
 * largest.
 */
export function shownNumber(number: number): number {
  const published = publishedCount(number);
  return published === null ? mostSuppressed : publishedMiddle(published);
}
