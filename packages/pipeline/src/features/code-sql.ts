import type { Dialect } from '@basketwise/data';
import { type CodedFeature, type ColumnCoding, unseenCode } from '@basketwise/recommend';

/** SQL expression for the code of a column's value: the number of its level, or `unseenCode` for a value without a level. */
export function codeSql({ text }: Dialect, { coding, levels }: CodedFeature<ColumnCoding>, column: string): string {
  const unknown = `WHEN ${column} IS NULL THEN ${levels.length - 1}`;
  if (coding.kind === 'bands') {
    const bands = coding.bounds.map((bound, code) => `WHEN ${column} < ${numberSql(bound)} THEN ${code}`);
    return `CASE ${[unknown, ...bands].join(' ')} ELSE ${coding.bounds.length} END`;
  }
  // The NUL character would end the statement, so that chr(0) replaces it.
  const literal = (value: string) => value.split('\0').map(text).join(' || chr(0) || ');
  const values = coding.values.map((value, code) => `WHEN ${column} = ${literal(value)} THEN ${code}`);
  const pooled =
    coding.pooled.length > 0 ? [`WHEN ${column} IN (${coding.pooled.map(literal).join(', ')}) THEN ${coding.values.length}`] : [];
  return `CASE ${[unknown, ...values, ...pooled].join(' ')} ELSE ${unseenCode} END`;
}

/** SQL literal of a number as a 64-bit float, exact to the last bit. */
function numberSql(value: number): string {
  const digits = String(value);
  return digits.includes('e') ? digits : `${digits}e0`;
}
