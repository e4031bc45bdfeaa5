/**
 * SQL predicate over `opened` and `closed`: whether a holding is open on a date. `date` is SQL. DuckDB takes half the time of `IS
 * NULL OR`.
 */
export function openOn(date: string): string {
  return `(opened > ${date}) IS NOT TRUE AND (closed <= ${date}) IS NOT TRUE`;
}
