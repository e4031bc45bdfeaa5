import { dateHint } from '../../engine/date-format.ts';
import { queryCounts } from '../../engine/query-rows.ts';
import { comparable, type ProductRow, productKey } from '../product-groups.ts';
import type { ExtractRequest } from '../request.ts';
import { countedTexts, dateColumn, isKnownId } from '../statement.ts';
import { blankAround } from './customer-faults.ts';
import {
  type DataFault,
  emptyColumns,
  faultOf,
  faultOfTexts,
  foldedText,
  isBlank,
  type OpenTable,
  repeatedRows,
} from './fault.ts';

/**
 * Finds all faults in the rows of the holdings table that `where` selects.
 * @param customers absent if that table could not be opened
 * @param products absent if that table is unusable
 */
export async function findHoldingFaults(
  whole: OpenTable,
  request: ExtractRequest,
  customers: OpenTable | undefined,
  products: readonly ProductRow[] | undefined,
): Promise<DataFault[]> {
  const { customer, product, date, closed, where } = request.holdings;
  const among = (condition: string) => (where ? `(\n${where}\n) AND (${condition})` : condition);
  const faults: DataFault[] = [];
  const look: Look = async (condition, what, effect, hint) => {
    faults.push(...(await faultOf(whole, among(condition), what, { effect, hint })));
  };
  if (where) await look('TRUE', () => '', 'odd', '').then(() => noteNone(faults, whole));
  await look(
    isBlank(whole, customer),
    (rows) => `${rows} rows have no ${customer}`,
    'left out',
    'Deliver the id of the customer.',
  );
  await look(
    isBlank(whole, product),
    (rows) => `${rows} rows have no ${product}`,
    'left out',
    'Deliver the product of each holding.',
  );
  await lookAtDates(whole, request, look);
  faults.push(...(await blankAround(whole, customer)));
  if (customers) faults.push(...(await unknownCustomers(whole, request, customers, among)));
  if (products) faults.push(...(await unknownProducts(whole, request, products, among)));
  faults.push(...(await repeatedRows(whole, [customer, product, date, closed], among('TRUE'), repeatedHint)));
  return [...faults, ...(await emptyColumns(whole, [date, closed]))];
}

/** Looks for rows that satisfy a condition, and adds a fault if there are any. */
type Look = (condition: string, what: (rows: number) => string, effect: DataFault['effect'], hint: string) => Promise<void>;

/** Looks for days of opening and closing that are not dates, in the wrong order, after the reference date, or missing. */
async function lookAtDates(
  whole: OpenTable,
  { holdings: { date, closed }, referenceDate }: ExtractRequest,
  look: Look,
): Promise<void> {
  const { dialect } = whole.engine;
  for (const name of [date, closed]) {
    if (!name) continue;
    const { fault } = dateColumn(dialect, name, whole.typeOf);
    if (fault !== 'FALSE')
      await look(fault, (rows) => `${name} is no date in ${rows} rows`, 'stops', dateHint(', and null or 99991231 for open'));
  }
  const [opened, ended] = [date, closed].map((name) => dateColumn(dialect, name, whole.typeOf).date) as [string, string];
  if (date && closed)
    await look(
      `${ended} < ${opened}`,
      (rows) => `${closed} is before ${date} in ${rows} rows`,
      'odd',
      'Check that these are the right two columns.',
    );
  if (!date) return;
  await look(
    `${opened} > ${dialect.date(referenceDate)}`,
    (rows) => `${date} is after the reference date in ${rows} rows`,
    'left out',
    'Set a later reference_date, if they are right.',
  );
  await look(
    isBlank(whole, date),
    (rows) => `${rows} rows have no ${date}`,
    'odd',
    'They count as the oldest holdings, and models do not learn from their opening.',
  );
}

/** Adds a fault if `where` selects no rows. */
function noteNone(faults: DataFault[], { rows }: OpenTable): void {
  if (faults.pop()) return;
  const hint = 'Look at the values of its columns.';
  faults.push({
    table: 'holdings',
    what: 'tables.holdings.where leaves no row',
    rows,
    examples: [],
    effect: 'stops',
    code: 'bad-data',
    hint,
  });
}

async function unknownCustomers(
  table: OpenTable,
  request: ExtractRequest,
  customers: OpenTable,
  among: (condition: string) => string,
): Promise<DataFault[]> {
  const { dialect } = table.engine;
  const name = request.holdings.customer;
  const [key, id] = [dialect.asText(dialect.identifier(name)), dialect.asText(dialect.identifier(request.customers.id))];
  const isThere = isKnownId(dialect, key, customers.from, request);
  const isUnknown = `${key} IS NOT NULL AND trim(${key}) <> '' AND NOT (${isThere})`;
  const isAlike = `${isUnknown} AND ${foldedText(key)} IN (SELECT ${foldedText(id)} FROM ${customers.from} known WHERE ${id} IS NOT NULL)`;
  const hint = 'Find out why the customers table lacks them. guards.max_unknown_customers limits the share that a run accepts.';
  const { read } = await queryCounts(table.engine, { read: 'count(*)' }, `${table.from} t WHERE ${among('TRUE')}`, table.options);
  const alike = "Deliver both alike, or write them alike with `sql`, such as lpad(id, 10, '0').";
  const unknown = await faultOf(
    table,
    among(isUnknown),
    (rows) => `${rows} rows have a customer in ${name} that the customers table lacks`,
    {
      effect: 'left out',
      hint,
    },
  );
  return [
    ...unknown.map((fault) => ({ ...fault, guard: { name: 'max_unknown_customers' as const, share: fault.rows! / read } })),
    ...(await faultOf(table, among(isAlike), (rows) => `${rows} of them would match without leading zeros, case and blanks`, {
      effect: 'left out',
      hint: alike,
    })),
  ];
}

async function unknownProducts(
  table: OpenTable,
  request: ExtractRequest,
  products: readonly ProductRow[],
  among: (condition: string) => string,
): Promise<DataFault[]> {
  const { dialect } = table.engine;
  const { product: name, by } = request.holdings;
  const key = dialect.asText(dialect.identifier(name));
  const keyOf = (text: string) => productKey(text, by);
  const wanted = (row: ProductRow) => keyOf(by === 'code' ? row.code : row.name);
  const fold = (text: string) => keyOf(text).toLowerCase().replace(/^0+/, '');
  const [known, loose] = [new Set(products.map(wanted)), new Set(products.map((row) => fold(wanted(row))))];
  const other = new Set(products.map((row) => comparable(by === 'code' ? row.name : row.code)));
  const all = await countedTexts(table.engine, table.from, name, table.options, among('TRUE'));
  const texts = all.filter(({ text }) => keyOf(text) !== '' && !known.has(keyOf(text)));
  const read = all.reduce((sum, { rows }) => sum + rows, 0);
  const fault = (listed: typeof texts, what: (rows: number) => string, hint: string) =>
    faultOfTexts(table, listed, (some) => among(`${key} IN (${some})`), what, hint);
  const unknown = await fault(
    texts,
    (rows) => `${rows} rows name a product in ${name} that the products table lacks (${texts.length} different texts)`,
    'Find out why the products table lacks them. guards.max_unknown_products limits the share that a run accepts.',
  );
  return [
    ...unknown.map((one) => ({ ...one, guard: { name: 'max_unknown_products' as const, share: one.rows! / read } })),
    ...(await fault(
      texts.filter(({ text }) => loose.has(fold(text))),
      (rows) => `${rows} of them would match without leading zeros, case and blanks`,
      'Deliver both alike, or write them alike with `sql`.',
    )),
    ...(await fault(
      texts.filter(({ text }) => other.has(comparable(text))),
      (rows) => `${rows} of them are a product's ${by === 'code' ? 'name' : 'code'}`,
      `tables.holdings.by is ${by}: perhaps it should be ${by === 'code' ? 'name' : 'code'}.`,
    )),
  ];
}

/** Advice for a holdings table most of whose rows repeat another row. */
export const repeatedHint =
  'A table with a row for each holding and month needs a query with the first and the last month of each (docs/tables.md); else a join multiplies rows.';
