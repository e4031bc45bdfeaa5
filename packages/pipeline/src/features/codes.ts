import { bug, required, type SomeCustomers, setSome } from '@basketwise/core';
import { type ColumnBatch, type Dialect, type Snapshot, type SnapshotFeatures, withCustomers } from '@basketwise/data';
import { type CodedFeature, type ColumnCoding, isColumn, unseenCode, withCrossings } from '@basketwise/recommend';

/**
 * View and column (names in SQL) with a feature's values as of a date, in a snapshot.
 * @throws AppError bug if the snapshot lacks these values
 */
export function columnAt({ manifest }: Snapshot, name: string, date: string): { table: 'customers' | 'past'; column: string } {
  const cell = columnKnownAt(manifest.features!, name, date);
  if (!cell) throw bug(`values of features.${name} as of ${date} are needed, but not in the snapshot`);
  return cell;
}

/** View and column (names in SQL) with a feature's values as of a date. Null if the snapshot lacks these values. */
export function columnKnownAt({ dates, columns }: SnapshotFeatures, name: string, date: string) {
  return columns.find((feature) => feature.name === name)?.at[dates.indexOf(date)] ?? null;
}

/** Options for reading codes. `only`: one customer, or a sample of customers. Absent: all customers. */
interface CodesAsked {
  only?: number | SomeCustomers | undefined;
  signal?: AbortSignal | undefined;
}

/** Codes of features as of a date. Maps each feature, crossings included, to i16[customers read]: the code of each customer's level. */
export async function readCodes(
  snapshot: Snapshot,
  features: readonly CodedFeature[],
  date: string,
  asked: CodesAsked = {},
): Promise<Map<string, Int16Array>> {
  return required(await readDatedCodes(snapshot, features, [date], asked), date);
}

/** Codes of features as of several dates, by date. A column that several dates share is read once. */
export async function readDatedCodes(
  snapshot: Snapshot,
  features: readonly CodedFeature[],
  dates: readonly string[],
  { only, signal }: CodesAsked = {},
): Promise<Map<string, Map<string, Int16Array>>> {
  const [customer, some] = typeof only === 'number' ? [only, undefined] : [undefined, only];
  const read = some?.customers ?? (customer === undefined ? snapshot.customerCount : 1);
  const where = customer === undefined ? '' : ` WHERE customer = ${customer}`;
  const codes = new Map(dates.map((date) => [date, new Map<string, Int16Array>()]));
  for (const table of ['customers', 'past'] as const) {
    const codesOf = new Map<string, Int16Array>();
    for (const date of dates) {
      for (const feature of features.filter(isColumn)) {
        const cell = columnAt(snapshot, feature.name, date);
        if (cell.table !== table) continue;
        const sql = codeSql(snapshot.engine.dialect, feature, cell.column);
        const own = codesOf.get(sql) ?? new Int16Array(read);
        codesOf.set(sql, own);
        required(codes, date).set(feature.name, own);
      }
    }
    if (codesOf.size === 0) continue;
    const own = [...codesOf.values()];
    const items = [...codesOf.keys()].map((sql, i) => `${sql} AS code_${i}`).join(', ');
    const statement = { place: 'features', ...(signal && { signal }) };
    const found = await (some
      ? withCustomers(snapshot.engine, some, (joined) => {
          const sql = `SELECT customer, ${items} FROM ${table} SEMI JOIN ${joined} USING (customer)`;
          return takeCodes(snapshot.engine.query(sql, statement), own, (batch) => customerNumbers(batch, some));
        })
      : takeCodes(snapshot.engine.query(`SELECT ${items} FROM ${table}${where}`, statement), own));
    if (found !== read) throw bug(`features of ${found} customers read, not of all`);
  }
  return new Map([...codes].map(([date, columns]) => [date, withCrossings(features, columns)]));
}

/**
 * Copies the columns code_0, code_1, ... of the batches to `codes`.
 * @param numbersOf position of each row of a batch in `codes`; absent: rows are stored one after the other
 * @returns number of rows read
 */
async function takeCodes(
  batches: AsyncIterable<ColumnBatch>,
  codes: readonly Int16Array[],
  numbersOf?: (batch: ColumnBatch) => Int32Array,
): Promise<number> {
  let at = 0;
  for await (const batch of batches) {
    const numbers = numbersOf?.(batch);
    for (const [i, own] of codes.entries()) {
      const values = batch.columns[`code_${i}`] as Int32Array;
      if (numbers === undefined) own.set(values, at);
      else setSome(own, values, numbers);
    }
    at += batch.rows;
  }
  return at;
}

function customerNumbers({ columns }: ColumnBatch, { numberOf }: SomeCustomers): Int32Array {
  return (columns.customer as Int32Array).map((customer) => numberOf[customer]!);
}

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
