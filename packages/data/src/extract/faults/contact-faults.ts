import { dateHint } from '../../engine/date-format.ts';
import { queryRows } from '../../engine/query-rows.ts';
import { contactHints } from '../offers.ts';
import { comparable, type ProductRow } from '../product-groups.ts';
import type { ContactRequest, ExtractRequest } from '../request.ts';
import { dateColumn } from '../statement.ts';
import { type DataFault, faultOf, faultOfTexts, type OpenTable } from './fault.ts';

/**
 * All faults of the rows of the contacts table.
 * @param customers absent if that table could not be opened
 * @param products absent if that table is unusable
 */
export async function contactFaults(
  table: OpenTable,
  contacts: ContactRequest,
  request: ExtractRequest,
  customers: OpenTable | undefined,
  products: readonly ProductRow[] | undefined,
): Promise<DataFault[]> {
  const { when } = contacts;
  const undated = `${dateColumn(table.engine.dialect, when, table.typeOf).date} IS NULL`;
  const faults = await faultOf(table, undated, (rows) => `${when} is no date in ${rows} rows`, {
    effect: 'stops',
    hint: dateHint(),
  });
  const isCustomer = customers && knownCustomer(contacts, request, customers);
  const ofCustomers = isCustomer === undefined ? [] : await unknownCustomers(table, contacts, isCustomer);
  const isKnown = knownSubjects(contacts, request, products);
  const ofSubjects = isKnown === undefined ? [] : await unknownSubjects(table, contacts, isKnown);
  const reasons = [ofCustomers, ofSubjects];
  // One reason for all rows ends a run by itself, else both together if they leave no row.
  const isOne = reasons.some((some) => leftOut(some) === table.rows);
  const isNone =
    !isOne &&
    leftOut(reasons.flat()) >= table.rows &&
    !(await subjectsOf(table, contacts, isCustomer!)).some(({ text }) => isKnown!(text));
  const stopping = (some: readonly DataFault[]): readonly DataFault[] =>
    isNone || leftOut(some) === table.rows ? some.map((fault) => ({ ...fault, effect: 'stops' })) : some;
  return [...faults, ...reasons.flatMap(stopping)];
}

function leftOut(faults: readonly DataFault[]): number {
  return faults.reduce((sum, fault) => sum + fault.rows!, 0);
}

/** Condition of the rows with a customer of the customers table. */
function knownCustomer({ customer }: ContactRequest, { customers: { id } }: ExtractRequest, { from, engine }: OpenTable): string {
  const { dialect } = engine;
  const [key, known] = [customer, id].map((column) => dialect.asText(dialect.identifier(column))) as [string, string];
  return `${key} IN (SELECT ${known} FROM ${from} known WHERE ${known} IS NOT NULL)`;
}

async function unknownCustomers(table: OpenTable, { customer: name }: ContactRequest, isThere: string): Promise<DataFault[]> {
  const { dialect } = table.engine;
  const key = dialect.asText(dialect.identifier(name));
  const about = { effect: 'left out', hint: contactHints.customer } as const;
  return [
    ...(await faultOf(table, `${key} IS NULL`, (rows) => `${rows} rows have no ${name}`, about)),
    ...(await faultOf(
      table,
      `${key} IS NOT NULL AND NOT (${isThere})`,
      (rows) => `${rows} rows have no customer of the customers table in ${name}`,
      about,
    )),
  ];
}

/** Whether a text is a product, or a campaign. Compares like the extraction. Undefined if the products are unknown. */
function knownSubjects(
  { by }: ContactRequest,
  { offers }: ExtractRequest,
  products: readonly ProductRow[] | undefined,
): ((text: string) => boolean) | undefined {
  const known = by === 'campaign' ? offers!.campaigns : products?.map((row) => comparable(by === 'code' ? row.code : row.name));
  if (known === undefined) return undefined;
  const subjects = new Set(known);
  return (text) => subjects.has(by === 'campaign' ? text : comparable(text));
}

/** Texts of the subject, with the number of rows that satisfy a condition. */
async function subjectsOf({ engine, from, options }: OpenTable, { what }: ContactRequest, condition: string) {
  const key = engine.dialect.asText(engine.dialect.identifier(what));
  const sql = `SELECT ${key} AS k, count(*) AS n FROM ${from} t WHERE ${key} IS NOT NULL AND ${condition} GROUP BY 1 ORDER BY 1`;
  return (await queryRows(engine, sql, options)).map(({ k, n }) => ({ text: String(k), rows: Number(n) }));
}

/** Faults for rows whose subject is no product, or no campaign: missing, and unknown. */
async function unknownSubjects(
  table: OpenTable,
  contacts: ContactRequest,
  isKnown: (text: string) => boolean,
): Promise<DataFault[]> {
  const { what: name, by } = contacts;
  const { dialect } = table.engine;
  const key = dialect.asText(dialect.identifier(name));
  const unknown = (await subjectsOf(table, contacts, '1 = 1')).filter(({ text }) => !isKnown(text));
  const of = by === 'campaign' ? 'no campaign of this config' : `no ${by} of a product`;
  const hint = contactHints.what;
  return [
    ...(await faultOf(table, `${key} IS NULL`, (rows) => `${rows} rows have no ${name}`, { effect: 'left out', hint })),
    ...(await faultOfTexts(
      table,
      unknown,
      (list) => `${key} IN (${list})`,
      (rows) => `${rows} rows have ${of} in ${name}`,
      hint,
    )),
  ];
}
