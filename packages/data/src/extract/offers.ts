import { AppError, isOfferValue, offerValueText, type Product } from '@basketwise/core';
import type { DuckdbEngine } from '../duckdb/engine.ts';
import { localRows } from '../duckdb/local-rows.ts';
import { appendColumns } from '../duckdb/table-appender.ts';
import type { Engine, StatementOptions } from '../engine/engine.ts';
import { queryCounts, queryRows } from '../engine/query-rows.ts';
import type { FilledColumns, SnapshotOffers } from '../snapshot/manifest.ts';
import { contactsKey, openContacts, refuseUnusable } from './contacts.ts';
import { productKey, productKeys } from './product-groups.ts';
import type { ContactRequest, ExtractRequest } from './request.ts';
import type { SourceTable } from './source-table.ts';
import { dateColumn } from './statement.ts';

/** Data extracted for offers: values of products, and counts of earlier contacts. */
export interface ExtractedOffers {
  summary: SnapshotOffers;
  /** Numbers of contacts with an answer. */
  filled: FilledColumns;
  /** Query with which the contacts were read. Null without contacts. */
  query: string | null;
}

/**
 * Reads the values of products. Writes the contacts before the reference date to contacts.parquet, with the columns customer,
 * product, campaign, day and answer, sorted by these.
 * @throws AppError bad-data for a value that is missing or below 0, and for invalid contacts
 */
export async function extractOffers(
  engine: Engine,
  workbench: DuckdbEngine,
  table: SourceTable,
  request: ExtractRequest,
  products: readonly Product[],
  files: { customers: string; contacts: string },
  options: StatementOptions,
): Promise<ExtractedOffers | undefined> {
  const { offers } = request;
  if (offers === undefined) return undefined;
  const values = await readValues(engine, table, request, products, options);
  const contacts = offers.contacts && (await openContacts(engine, offers.contacts, options));
  const query = contacts === undefined ? null : selectContacts(engine, contacts, offers.contacts!);
  const { answered, ...counts } =
    query === null
      ? {}
      : await writeContacts(
          engine,
          workbench,
          { query, rows: contacts!.rows, label: contacts!.label },
          request,
          products,
          files,
          options,
        );
  const wasRead = 'kept' in counts;
  const answer = offers.contacts?.answer;
  const filled = wasRead && answer ? { [`tables.contacts.${answer}`]: { part: answered!, whole: counts.kept } } : {};
  return { summary: { ...(values && { values }), ...(wasRead && { contacts: counts }) }, filled, query };
}

/**
 * Value of each product, in the order of the products; null for a product that is not offered. Undefined if the config names no
 * column for values.
 * @throws AppError bad-data for a value that is missing or below 0
 */
export async function readValues(
  engine: Engine,
  table: SourceTable,
  request: ExtractRequest,
  products: readonly Product[],
  options: StatementOptions,
): Promise<(number | null)[] | undefined> {
  const { dialect } = engine;
  const { value, classes } = request.offers!;
  if (value === undefined) return undefined;
  const kind = table.typeOf(value);
  if (kind !== 'integer' && kind !== 'number') {
    const what = `tables.products: column ${value} of ${table.label} holds no numbers, and offers.value names it`;
    throw new AppError('bad-data', what, 'Deliver numbers: the value of an accepted offer.');
  }
  const code = dialect.asText(dialect.identifier(request.products.code));
  const sql = `SELECT ${code} AS code, ${dialect.asNumber(dialect.identifier(value))} AS value FROM ${table.from} products`;
  const rows = await queryRows(engine, sql, { ...options, place: 'tables.products' });
  const byCode = new Map<string, number | null>();
  for (const row of rows) {
    const [key, worth] = [productKey(String(row.code), 'code'), row.value === null ? null : Number(row.value)];
    if (byCode.has(key) && byCode.get(key) !== worth) {
      const what = `tables.products: two rows of ${table.label} have the same ${request.products.code}, and other values in ${value}`;
      throw new AppError('bad-data', what, 'Deliver one row per product code.');
    }
    byCode.set(key, worth);
  }
  return products.map((product) => {
    if (!product.onSale || !classes.includes(product.class)) return null;
    const found = byCode.get(productKey(product.code, 'code')) ?? null;
    if (found !== null && isOfferValue(found)) return found;
    const fault = found === null ? 'has no value' : `has the value ${found}`;
    const what = `tables.products: product ${product.code} of ${table.label} ${fault} in ${value} (offers.value)`;
    throw new AppError('bad-data', what, `Deliver a number of at least 0 for every product that is on sale: ${offerValueText}.`);
  });
}

function selectContacts(
  { dialect }: Engine,
  { from, typeOf }: SourceTable,
  { customer, what, when, answer }: ContactRequest,
): string {
  const text = (name: string | null | undefined) => (name ? dialect.asText(dialect.identifier(name)) : dialect.nullText);
  const { date } = dateColumn(dialect, when, typeOf);
  return `SELECT ${text(customer)} AS customer, ${text(what)} AS what, ${date} AS contacted, ${text(answer)} AS answer FROM ${from} contacts`;
}

async function writeContacts(
  engine: Engine,
  workbench: DuckdbEngine,
  { query, rows, label }: { query: string; rows: number; label: string },
  request: ExtractRequest,
  products: readonly Product[],
  files: { customers: string; contacts: string },
  options: StatementOptions,
): Promise<NonNullable<SnapshotOffers['contacts']> & { answered: number }> {
  const { text, date } = workbench.dialect;
  const statement = { ...options, place: contactsKey };
  const raw = await localRows(engine, workbench, query, ['customer', 'what', 'contacted', 'answer'], statement);
  const lookup = await writeContactLookup(workbench, raw, request, products, statement);
  const joined =
    `SELECT c.customer, w.product, w.campaign, r.contacted, r.answer, c.id IS NULL AS stranger, w.key IS NULL AS unknown` +
    ` FROM ${raw} r LEFT JOIN read_parquet(${text(files.customers)}) c ON r.customer = c.id LEFT JOIN ${lookup} w ON r.what = w.key`;
  const reference = date(request.referenceDate);
  const counts = await countContacts(workbench, joined, reference, statement);
  const { undated, usable, ...written } = counts;
  refuseUnusable(request.offers!.contacts!, counts, { rows, label });
  const sorted =
    `SELECT customer, product, campaign, contacted, answer FROM (${joined}) WHERE NOT stranger AND NOT unknown` +
    ` AND contacted <= ${reference} ORDER BY ALL`;
  await workbench.copyToParquet(sorted, files.contacts, statement);
  return { read: rows, ...written };
}

/**
 * Counts the contacts after the join with customers.
 * @param reference SQL of the reference date
 */
function countContacts(workbench: DuckdbEngine, joined: string, reference: string, statement: StatementOptions) {
  return queryCounts(
    workbench,
    {
      undated: 'count(CASE WHEN contacted IS NULL THEN 1 END)',
      later: `count(CASE WHEN contacted > ${reference} THEN 1 END)`,
      unknownCustomers: 'count(CASE WHEN stranger THEN 1 END)',
      unknownProducts: 'count(CASE WHEN unknown THEN 1 END)',
      usable: 'count(CASE WHEN NOT stranger AND NOT unknown THEN 1 END)',
      kept: `count(CASE WHEN NOT stranger AND NOT unknown AND contacted <= ${reference} THEN 1 END)`,
      answered: `count(CASE WHEN NOT stranger AND NOT unknown AND contacted <= ${reference} AND trim(answer) <> '' THEN 1 END)`,
    },
    `(${joined})`,
    statement,
  );
}

/** Writes a table that gives, for each distinct text in the contacts' column, the product or the campaign that it names. */
async function writeContactLookup(
  workbench: DuckdbEngine,
  raw: string,
  { offers }: ExtractRequest,
  products: readonly Product[],
  options: StatementOptions,
): Promise<string> {
  const { by } = offers!.contacts!;
  const keys = by === 'campaign' ? undefined : productKeys(products, by);
  const rows = await queryRows(workbench, `SELECT DISTINCT what FROM ${raw} WHERE what IS NOT NULL`, options);
  const known = rows.flatMap(({ what }): { key: string; product: number | null; campaign: string | null }[] => {
    const key = String(what);
    if (!keys) return offers!.campaigns.includes(key) ? [{ key, product: null, campaign: key }] : [];
    const product = keys.get(productKey(key, by as 'code' | 'name'));
    return product === undefined ? [] : [{ key, product, campaign: null }];
  });
  const lookup = workbench.temporaryTable();
  await workbench.run(`CREATE TABLE ${lookup} (key VARCHAR, product INTEGER, campaign VARCHAR)`);
  await appendColumns(workbench, lookup, known.length, [
    { values: known.map(({ key }) => key) },
    {
      values: Int32Array.from(known, ({ product }) => product ?? 0),
      nulls: Uint8Array.from(known, ({ product }) => Number(product === null)),
    },
    {
      values: known.map(({ campaign }) => campaign ?? ''),
      nulls: Uint8Array.from(known, ({ campaign }) => Number(campaign === null)),
    },
  ]);
  return lookup;
}
