import { publishedCount, publishedMiddle, publishedRange, publishedShare, smallestPublished } from '@basketwise/data/base';

/** Greatest number that is suppressed because it is small. Upper bounds use it in place of a suppressed number. */
export const mostSuppressed = smallestPublished - 1;

/** Range of the numbers that are published in the same form as a given number; 0 to 9 for a suppressed number. */
export function shownRange(number: number): readonly [number, number] {
  const published = publishedCount(number);
  return published === null ? [0, mostSuppressed] : publishedRange(published);
}

/** Share of a part in a whole, of the middles of the published numbers. */
export function shareOfMiddles(part: number | null, whole: number | null): number | null {
  if (part === null || whole === null || whole === 0) return null;
  return part === 0 ? 0 : publishedShare(publishedMiddle(part), publishedMiddle(whole));
}
