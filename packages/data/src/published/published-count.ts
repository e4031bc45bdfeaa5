// Every number of customers in a report, a page or a metric passes one of these functions (docs/security.md):
// - a number: publishedCount; several: publishedParts; with names: publishedRecord
// - a share: publishedShare; a mean: publishedValue

/** Smallest number of customers that is published. A smaller number could identify a customer. */
export const smallestPublished = 10;

/**
 * Larger numbers are rounded down to multiples of this. Therefore no sum or difference of published numbers is a small number.
 */
const countStep = smallestPublished;

/** Published number of customers, a multiple of 10. Null if it is too small, or beside one that is too small in a total that is known. */
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

/**
 * Publishes several numbers, such as the parts of a total. The rounding of all others leaves a hidden one its values.
 * @param isExact whether readers can know the exact total, because it is a limit of the config. See `hideBeside`
 */
export function publishedParts(parts: readonly number[], isExact = false): PublishedCount[] {
  const shown = parts.map((part) => publishedCount(part));
  if (isExact) hideBeside(shown, parts, [...parts.keys()]);
  return shown;
}

/**
 * Hides one more number of a total that readers can know exactly: the smallest one that is shown, beside small ones. A small one
 * would follow from the total.
 * @param places positions of the parts of the total
 */
export function hideBeside(shown: PublishedCount[], counts: readonly number[], places: readonly number[]): void {
  const hidden = places.filter((place) => shown[place] === null);
  if (hidden.length === 0 || hidden.some((place) => counts[place]! >= smallestPublished)) return;
  // Published numbers are compared. A choice by exact numbers would reveal which one is smaller.
  const [smallest] = places.filter((place) => shown[place]! > 0).sort((a, b) => shown[a]! - shown[b]! || a - b);
  if (smallest !== undefined) shown[smallest] = null;
}

/**
 * Publishes numbers that have names.
 * @param each for numbers of rows: the largest number of rows of one customer. The results are then multiples of 10 x `each`
 */
export function publishedRecord<Name extends string>(
  parts: Readonly<Record<Name, number>>,
  each = 1,
): Record<Name, PublishedCount> {
  const shown = Object.entries<number>(parts).map(([name, part]) => [name, publishedCount(part, each)]);
  return Object.fromEntries(shown) as Record<Name, PublishedCount>;
}

/** Shares of the values in a group, computed from published numbers. Values of too few customers are left out. */
export function publishedShares<T>(counts: readonly { of: T; count: number }[], total: number): { of: T; share: number }[] {
  return counts.flatMap(({ of, count }) => {
    const share = publishedShare(publishedCount(count), publishedCount(total));
    return share === null || share === 0 ? [] : [{ of, share }];
  });
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
