/** A holding that is open on a date, as a predicate over `opened` and `closed`; `date` is SQL. */
export function openOn(date: string): string {
  return `(opened IS NULL OR opened <= ${date}) AND (closed IS NULL OR closed > ${date})`;
}
