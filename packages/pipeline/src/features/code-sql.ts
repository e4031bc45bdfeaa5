import type { Dialect } from '@basketwise/data';
import { type CodedFeature, type ColumnCoding, unseenCode } from '@basketwise/recommend';

/** SQL for the code of a column's value: an integer, `unseenCode` for a value without a level. */
export function codeSql({ text }: Dialect, { coding, levels }: CodedFeature<ColumnCoding>, column: string): string {
  const unknown = `WHEN ${column} IS NULL THEN ${levels.length - 1}`;
  if (coding.kind === 'bands') {
    const bands = coding.bounds.map((bound, code) => `WHEN ${column} < ${numberSql(bound)} THEN ${code}`);
    return `CASE ${[unknown, ...bands].join(' ')} ELSE ${coding.bounds.length} END`;
  }
  // A byte of 0 would end the statement.
  const literal = (value: string) => value.split('\0').map(text).join(' || chr(0) || ');
  const values = coding.values.map((value, code) => `WHEN ${column} = ${literal(value)} THEN ${code}`);
  const pooled =
    coding.pooled.length > 0 ? [`WHEN ${column} IN (${coding.pooled.map(literal).join(', ')}) THEN ${coding.values.length}`] : [];
  return `CASE ${[unknown, ...values, ...pooled].join(' ')} ELSE ${unseenCode} END`;
}

/** Literal of a number as a 64-bit float, exact to the last bit. */
function numberSql(value: number): string {
  const digits = String(value);
  return digits.includes('e') ? digits : `${digits}e0`;
}
