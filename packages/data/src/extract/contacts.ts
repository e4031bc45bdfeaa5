import { AppError } from '@basketwise/core';
import { dateHint } from '../engine/date-format.ts';
import type { Engine, StatementOptions } from '../engine/engine.ts';
import { queryCounts } from '../engine/query-rows.ts';
import { openRelation, refuseFaulty } from './formatted-columns.ts';
import { productKey } from './product-groups.ts';
import type { ContactRequest, ExtractRequest } from './request.ts';
import { type SourceTable, typeLookup } from './source-table.ts';
import { checkDate, checkKey, zonedOf } from './sources.ts';
import { countedTexts, dateColumn, isKnownId } from './statement.ts';

/** Key of the contacts table in the config. */
export const contactsKey = 'tables.contacts';

/** Hints for contacts with an unknown customer, and for contacts with an unknown product or campaign. */
export const contactHints = {
  customer: 'Name the column of customers; compare how ids are written.',
  what: 'Say what it holds: `by: code`, `name` or `campaign`.',
};

/** Opens the contacts table and checks its columns. @throws AppError bad-data */
export async function openContacts(engine: Engine, contacts: ContactRequest, options: StatementOptions): Promise<SourceTable> {
  const { customer, what, by: _, when, answer, ...source } = contacts;
  const statement = { ...options, place: contactsKey };
  const named = [customer, what, when, ...(answer ? [answer] : [])];
  const text = [customer, what, ...(answer ? [answer] : [])];
  const relation = await openRelation(engine, source, { ...statement, text }, customer);
  await refuseFaulty(engine, relation, statement);
  const columns = await engine.columns(`${relation.from} contacts`, statement);
  const { rows } = await queryCounts(engine, { rows: 'count(*)' }, `${relation.from} contacts`, statement);
  const typeOf = typeLookup(engine, columns, contactsKey, relation.label, named);
  const table = { ...relation, rows, raw: relation.from, zoned: zonedOf(engine, columns), typeOf };
  for (const name of [customer, what]) checkKey(table, 'contacts', name);
  checkDate(table, 'contacts', when);
  if (answer) typeOf(answer);
  return table;
}

/**
 * Returns a function that says whether a text names a product or a campaign. Products are compared after trimming, in Unicode
 * NFC; campaigns exactly.
 * @param products by code and name
 */
export function knownSubjects(
  { offers }: ExtractRequest,
  products: readonly Readonly<Record<'code' | 'name', string>>[],
): (text: string) => boolean {
  const { by } = offers!.contacts!;
  const known = new Set(by === 'campaign' ? offers!.campaigns : products.map((product) => productKey(product[by], by)));
  return (text) => known.has(by === 'campaign' ? text : productKey(text, by));
}

/**
 * Checks the contacts of a request against its customers and products, by queries.
 * @throws AppError bad-data in the cases in which the extraction throws it
 */
export async function checkContacts(
  engine: Engine,
  customers: SourceTable,
  request: ExtractRequest,
  products: readonly Readonly<Record<'code' | 'name', string>>[],
  options: StatementOptions,
): Promise<void> {
  const contacts = request.offers!.contacts!;
  const { from, label, rows, typeOf } = await openContacts(engine, contacts, options);
  if (rows === 0) return;
  const { dialect } = engine;
  const statement = { ...options, place: contactsKey };
  const undated = `count(CASE WHEN ${dateColumn(dialect, contacts.when, typeOf).date} IS NULL THEN 1 END)`;
  const isKnown = isKnownId(dialect, dialect.asText(dialect.identifier(contacts.customer)), customers.from, request);
  const counts = {
    ...(await queryCounts(engine, { undated }, `${from} contacts`, statement)),
    ...(await queryCounts(engine, { ofCustomers: 'count(*)' }, `${from} contacts WHERE ${isKnown}`, statement)),
  };
  const isSubject = knownSubjects(request, products);
  const texts = await countedTexts(engine, from, contacts.what, statement);
  const usable = await countedTexts(engine, from, contacts.what, statement, isKnown);
  const [ofSubjects, ofBoth] = [texts, usable].map((some) =>
    some.reduce((sum, one) => sum + (isSubject(one.text) ? one.rows : 0), 0),
  ) as [number, number];
  const unknown = { unknownCustomers: rows - counts.ofCustomers, unknownProducts: rows - ofSubjects, usable: ofBoth };
  refuseUnusable(contacts, { undated: counts.undated, ...unknown }, { rows, label });
}

/**
 * Throws if the contacts cannot be used.
 * @throws AppError bad-data if a contact has no date, or if no contact has both a known customer and a known product or campaign
 */
export function refuseUnusable(
  of: ContactRequest,
  counts: Record<'undated' | 'unknownCustomers' | 'unknownProducts' | 'usable', number>,
  { rows, label }: { rows: number; label: string },
): void {
  const { undated, unknownCustomers, unknownProducts, usable } = counts;
  if (undated > 0) throw unusable(`${of.when} of ${label} is no date in ${undated} rows`, dateHint());
  if (rows > 0 && unknownCustomers === rows) throw unusable(`no ${of.customer} of ${label} is a customer`, contactHints.customer);
  const known = of.by === 'campaign' ? 'a campaign of this config' : `the ${of.by} of a product`;
  if (rows > 0 && unknownProducts === rows) throw unusable(`no ${of.what} of ${label} is ${known}`, contactHints.what);
  if (rows > 0 && usable === 0) {
    const both = `no row of ${label} has both a customer in ${of.customer} and ${known} in ${of.what}`;
    throw unusable(both, `${contactHints.customer} ${contactHints.what}`);
  }
}

function unusable(what: string, hint: string): AppError {
  return new AppError('bad-data', `${contactsKey}: ${what}`, hint);
}
