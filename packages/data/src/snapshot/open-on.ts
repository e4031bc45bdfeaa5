/** A holding that is open on a date, as a predicate over `opened` and `closed`; `date` is SQL. DuckDB takes half the time of `IS NULL OR`. */
export function openOn(date: string): string {
  return `(opened > ${date}) IS NOT TRUE AND (closed <= ${date}) IS NOT TRUE`;
}
