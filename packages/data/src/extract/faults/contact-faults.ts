import { dateHint } from '../../engine/date-format.ts';
import { contactHints, knownSubjects } from '../contacts.ts';
import type { ProductRow } from '../product-groups.ts';
import type { ContactRequest, ExtractRequest } from '../request.ts';
import { countedTexts, dateColumn, isKnownId } from '../statement.ts';
import { type DataFault, faultOf, faultOfTexts, type OpenTable, stoppingTogether } from './fault.ts';

/**
 * Finds all faults in the rows of the contacts table.
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
  const isSubject = contacts.by !== 'campaign' && products === undefined ? undefined : knownSubjects(request, products ?? []);
  const ofCustomers = isCustomer === undefined ? [] : await contactsOfUnknown(table, contacts, isCustomer);
  const ofSubjects = isSubject === undefined ? [] : await unknownSubjects(table, contacts, isSubject);
  const reasons = [ofCustomers, ofSubjects].map((some) => stoppingTogether(table, some));
  const found = reasons.flat();
  const isSettled = found.length === 0 || found.some(({ effect }) => effect === 'stops');
  if (isSettled || isCustomer === undefined || isSubject === undefined) return [...faults, ...found];
  // Unknown customers and unknown products together can leave no row, even if neither does alone.
  const ofKnown = await countedTexts(table.engine, table.from, contacts.what, table.options, isCustomer);
  const isUsable = ofKnown.some(({ text }) => isSubject(text));
  return [...faults, ...found.map((fault): DataFault => (isUsable ? fault : { ...fault, effect: 'stops' }))];
}

/** Predicate that is true for contacts whose customer is in the customers table. */
function knownCustomer({ customer }: ContactRequest, request: ExtractRequest, { engine: { dialect }, from }: OpenTable): string {
  return isKnownId(dialect, dialect.asText(dialect.identifier(customer)), from, request);
}

async function contactsOfUnknown(table: OpenTable, { customer: name }: ContactRequest, isThere: string): Promise<DataFault[]> {
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

/** Faults for contacts whose product or campaign is missing, or is unknown. Texts are compared as in the extraction. */
async function unknownSubjects(
  table: OpenTable,
  { what: name, by }: ContactRequest,
  isSubject: (text: string) => boolean,
): Promise<DataFault[]> {
  const { dialect } = table.engine;
  const key = dialect.asText(dialect.identifier(name));
  const unknown = (await countedTexts(table.engine, table.from, name, table.options)).filter(({ text }) => !isSubject(text));
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
