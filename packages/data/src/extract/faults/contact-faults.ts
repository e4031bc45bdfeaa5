import { dateHint } from '../../engine/date-format.ts';
import { contactHints } from '../offers.ts';
import { comparable, type ProductRow } from '../product-groups.ts';
import type { ContactRequest, ExtractRequest } from '../request.ts';
import { dateColumn } from '../statement.ts';
import { countedTexts, type DataFault, faultOf, faultOfTexts, type OpenTable } from './fault.ts';

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
  if (customers) faults.push(...stoppingTogether(table, await unknownCustomers(table, contacts, request, customers)));
  return [...faults, ...stoppingTogether(table, await unknownSubjects(table, contacts, request, products))];
}

/** Faults that leave rows out. They end a run if they leave no row. */
function stoppingTogether({ rows }: OpenTable, faults: readonly DataFault[]): DataFault[] {
  const leftOut = faults.reduce((sum, fault) => sum + fault.rows!, 0);
  return faults.map((fault) => (leftOut === rows ? { ...fault, effect: 'stops' } : fault));
}

async function unknownCustomers(
  table: OpenTable,
  { customer: name }: ContactRequest,
  { customers: { id } }: ExtractRequest,
  customers: OpenTable,
): Promise<DataFault[]> {
  const { dialect } = table.engine;
  const [key, known] = [name, id].map((column) => dialect.asText(dialect.identifier(column))) as [string, string];
  const isThere = `${key} IN (SELECT ${known} FROM ${customers.from} known WHERE ${known} IS NOT NULL)`;
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

/** Faults for rows whose subject is no product, or no campaign: missing, and unknown. Compares like the extraction. */
async function unknownSubjects(
  table: OpenTable,
  { what: name, by }: ContactRequest,
  { offers }: ExtractRequest,
  products: readonly ProductRow[] | undefined,
): Promise<DataFault[]> {
  const known = by === 'campaign' ? offers!.campaigns : products?.map((row) => comparable(by === 'code' ? row.code : row.name));
  if (known === undefined) return [];
  const subjects = new Set(known);
  const { dialect } = table.engine;
  const key = dialect.asText(dialect.identifier(name));
  const unknown = (await countedTexts(table, name)).filter(
    ({ text }) => !subjects.has(by === 'campaign' ? text : comparable(text)),
  );
  const of = by === 'campaign' ? 'no campaign of this config' : `no ${by} of a product`;
  const about = { effect: 'left out', hint: contactHints.what } as const;
  return [
    ...(await faultOf(table, `${key} IS NULL`, (rows) => `${rows} rows have no ${name}`, about)),
    ...(await faultOfTexts(
      table,
      unknown,
      (list) => `${key} IN (${list})`,
      (rows) => `${rows} rows have ${of} in ${name}`,
      about.hint,
    )),
  ];
}
