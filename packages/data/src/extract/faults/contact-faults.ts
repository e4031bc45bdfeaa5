import { dateHint } from '../../engine/date-format.ts';
import { queryRows } from '../../engine/query-rows.ts';
import { comparable, type ProductRow } from '../product-groups.ts';
import type { ContactRequest, ExtractRequest } from '../request.ts';
import { dateColumn } from '../statement.ts';
import { type DataFault, faultOf, type OpenTable } from './fault.ts';

/**
 * All faults of the rows of the contacts table.
 * @param customers absent if that table could not be opened; `products` alike
 */
export async function contactFaults(
  table: OpenTable,
  contacts: ContactRequest,
  { customers: { id }, offers }: ExtractRequest,
  customers: OpenTable | undefined,
  products: readonly ProductRow[] | undefined,
): Promise<DataFault[]> {
  const { dialect } = table.engine;
  const { customer, what, when, by } = contacts;
  const undated = `${dateColumn(dialect, when, table.typeOf).date} IS NULL`;
  const faults = await faultOf(table, undated, (rows) => `${when} is no date in ${rows} rows`, {
    effect: 'stops',
    hint: dateHint(),
  });
  const textOf = (name: string) => dialect.asText(dialect.identifier(name));
  const leftOut = async (condition: string, of: string, hint: string) => {
    const found = await faultOf(table, condition, (rows) => `${rows} rows have ${of}`, { effect: 'left out', hint });
    for (const fault of found) faults.push(fault.rows === table.rows ? { ...fault, effect: 'stops' } : fault);
  };
  if (customers) {
    const known = `SELECT ${textOf(id)} FROM ${customers.from} known WHERE ${textOf(id)} IS NOT NULL`;
    const condition = `coalesce(${textOf(customer)} NOT IN (${known}), TRUE)`;
    await leftOut(
      condition,
      `no customer of the customers table in ${customer}`,
      'Name the column of customers; compare how ids are written.',
    );
  }
  const names = by === 'campaign' ? offers?.campaigns : products?.map((row) => (by === 'code' ? row.code : row.name));
  if (names === undefined) return faults;
  const subjects = new Set(names.map(comparable));
  const texts = await queryRows(
    table.engine,
    `SELECT DISTINCT ${textOf(what)} AS k FROM ${table.from} t WHERE ${textOf(what)} IS NOT NULL`,
    table.options,
  );
  const unknown = texts.map(({ k }) => String(k)).filter((text) => !subjects.has(comparable(text)));
  if (unknown.length === 0) return faults;
  const list = unknown
    .sort()
    .slice(0, 1000)
    .map((text) => dialect.text(text));
  const subject = by === 'campaign' ? 'no campaign of this config' : `no ${by} of a product`;
  await leftOut(
    `${textOf(what)} IN (${list.join(', ')})`,
    `${subject} in ${what}`,
    'Say what it holds: `by: code`, `name` or `campaign`.',
  );
  return faults;
}
