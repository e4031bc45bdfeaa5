/** Counts of customers below this are not published: they could point at somebody. */
export const smallestPublished = 10;

/** A number of customers as it may be published; null: fewer than 10, but some. */
export type PublishedCount = number | null;

/** The number, or null where it is small. */
export function publishedCount(customers: number): PublishedCount {
  return customers > 0 && customers < smallestPublished ? null : customers;
}

/** A published number for people. */
export function countText(customers: PublishedCount): string {
  return customers === null ? `<${smallestPublished}` : String(customers);
}
