import { publishedCount, publishedMiddle, publishedRange, smallestPublished } from '@basketwise/data/published';

/** Greatest number that is suppressed because it is small. Upper bounds use it in place of a suppressed number. */
export const mostSuppressed = smallestPublished - 1;

/** Range of the numbers that are published in the same form as a given number; 0 to 9 for a suppressed number. */
export function shownRange(number: number): readonly [number, number] {
  const published = publishedCount(number);
  return published === null ? [0, mostSuppressed] : publishedRange(published);
}

/**
 * Representative value of a number after publication: the middle of its ten, such as 24.5 for 20 to 29.
 * For a suppressed number (1 to 9) it is 9.
 */
export function shownNumber(number: number): number {
  const published = publishedCount(number);
  return published === null ? mostSuppressed : publishedMiddle(published);
}
