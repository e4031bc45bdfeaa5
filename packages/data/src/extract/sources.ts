import { AppError } from '@basketwise/core';
import { dateHint } from '../engine/date-format.ts';
import type { Dialect } from '../engine/dialect.ts';
import type { ColumnType, Engine, StatementOptions } from '../engine/engine.ts';
import { queryCounts } from '../engine/query-rows.ts';
import { namesIn } from '../engine/sql-tokens.ts';
import { unnamedStatuses, unusedConsents } from './consents.ts';
import { checkExpression, checkPredicate, deriveLevels } from './expression.ts';
import { addedColumns, checkFeature, textFeatures } from './features.ts';
import { type FormattedRelation, openRelation, refuseFaulty } from './formatted-columns.ts';
import type { ExtractRequest } from './request.ts';
import { emptyTable, type Sources, type SourceTable, typeLookup } from './source-table.ts';
import { derivedFrom, predicatesOf, type TypeOf } from './statement.ts';
import { refuseVersions } from './versions.ts';
import { checkZones } from './zones.ts';

/** Names of the columns that Basketwise adds to the snapshot, in lower case. The bank's columns must not have these names. */
function reservedIn(dialect: Dialect, request: ExtractRequest, typeOf: TypeOf): readonly string[] {
  const own = addedColumns(dialect, request, typeOf).keys();
  return ['customer', 'id', ...own, ...predicatesOf(request).map(({ name }) => name.toLowerCase())];
}

/**
 * Opens and checks the tables of a request. It reads data only of the columns for which the config names a format.
 * @param checkValues checks the values of columns with a format
 */
export async function openSources(
  engine: Engine,
  request: ExtractRequest,
  options: StatementOptions,
  checkValues: typeof refuseFaulty = refuseFaulty,
): Promise<Sources> {
  const { customers, products, holdings } = request;
  const asText = request.columns.filter(({ kind }) => kind === 'text').map(({ name }) => name);
  const customerTexts = [customers.id, ...asText, ...textFeatures(request.features)];
  const customerColumns = [customers.id, ...request.columns.map(({ name }) => name)];
  const productTexts = [products.code, products.name, products.class, products.group];
  const sources = {
    customers: await openTable(engine, 'customers', customers, customerTexts, options, customers.id, customerColumns),
    products: await openTable(engine, 'products', products, productTexts, options),
    holdings: await openTable(engine, 'holdings', holdings, [holdings.customer, holdings.product], options, holdings.customer),
  };
  for (const [role, table] of Object.entries(sources)) await checkValues(engine, table, { ...options, place: `tables.${role}` });
  checkColumns(sources, request);
  if (holdings.where) {
    await checkPredicate(
      engine,
      `${sources.holdings.from} holdings`,
      { sql: holdings.where, place: 'tables.holdings.where' },
      options,
    );
  }
  const { table, columns } = await deriveCustomers(engine, sources.customers, request, options);
  await refuseVersions(engine, table, columns, request, { ...options, place: 'tables.customers' });
  const consents = await unusedConsents(engine, `${table.from} customers`, columns, request, {
    ...options,
    place: 'tables.customers',
  });
  const statuses = await unnamedStatuses(engine, sources.holdings, request, options);
  const found = { ...sources, customers: table, consents, statuses };
  await checkZones(engine, found, request, options);
  return found;
}

/** Checks that the columns of a request exist, and that the types of keys and dates are suitable. */
function checkColumns(
  sources: Readonly<Record<'customers' | 'products' | 'holdings', SourceTable>>,
  { customers, products, holdings }: ExtractRequest,
): void {
  for (const name of [products.code, products.name, products.class, products.group]) if (name) sources.products.typeOf(name);
  for (const name of [products.saleStart, products.saleEnd]) checkDate(sources.products, 'products', name);
  for (const name of [holdings.customer, holdings.product]) checkKey(sources.holdings, 'holdings', name);
  for (const name of [holdings.date, holdings.closed]) checkDate(sources.holdings, 'holdings', name);
  checkKey(sources.customers, 'customers', customers.id);
}

async function openTable(
  engine: Engine,
  role: string,
  source: ExtractRequest['customers' | 'products' | 'holdings'],
  text: readonly (string | null | undefined)[],
  options: StatementOptions,
  id?: string,
  named: readonly (string | null | undefined)[] = text,
): Promise<SourceTable & FormattedRelation> {
  const place = `tables.${role}`;
  const statement = { ...options, place };
  const relation = await openRelation(
    engine,
    source,
    { ...statement, text: text.filter((name) => typeof name === 'string') },
    id,
  );
  const columns = await engine.columns(`${relation.from} ${role}`, statement);
  const { rows } = await queryCounts(engine, { rows: 'count(*)' }, `${relation.from} ${role}`, statement);
  if (rows === 0) throw emptyTable(place, relation.label);
  return {
    ...{ ...relation, rows, raw: relation.from, zoned: zonedOf(engine, columns) },
    typeOf: typeLookup(engine, columns, place, relation.label, named),
  };
}

export function zonedOf({ dialect }: Engine, columns: readonly ColumnType[]): string[] {
  return columns.filter(({ type }) => dialect.isZoned(type)).map(({ name }) => name);
}

/**
 * Checks the type of an id or a product key. Keys are compared as text, and only text and integers have a unique form as text.
 */
export function checkKey(table: Pick<SourceTable, 'typeOf' | 'label'>, role: string, name: string): void {
  const kind = table.typeOf(name);
  if (kind !== 'text' && kind !== 'integer') {
    throw new AppError(
      'bad-data',
      `tables.${role}: column ${name} of ${table.label} must be text or integer, to be compared exactly`,
      'Deliver it as text.',
    );
  }
}

/**
 * Checks the type of a column of dates: DATE, text or integer.
 * @throws AppError bad-data
 */
export function checkDate(table: Pick<SourceTable, 'typeOf' | 'label'>, role: string, name: string | null | undefined): void {
  if (!name) return;
  const kind = table.typeOf(name);
  if (kind !== 'text' && kind !== 'integer' && kind !== 'date') {
    throw new AppError('bad-data', `tables.${role}: column ${name} of ${table.label} holds no dates`, dateHint());
  }
}

/** Adds the derived columns to the customers table, and checks the SQL of the config over this table. */
async function deriveCustomers(
  engine: Engine,
  table: SourceTable,
  request: ExtractRequest,
  options: StatementOptions,
): Promise<{ table: SourceTable; columns: readonly ColumnType[] }> {
  let from = table.from;
  const known = new Set((await engine.columns(`${from} customers`, options)).map(({ name }) => name.toLowerCase()));
  for (const level of deriveLevels(engine.dialect, request.derive)) {
    for (const expression of level) {
      if (known.has(expression.name.toLowerCase())) {
        throw new AppError(
          'config',
          `${expression.place}: ${table.label} has a column of that name already`,
          'Give the derived column another name.',
        );
      }
      known.add(expression.name.toLowerCase());
      await checkExpression(engine, `${from} customers`, expression, options).catch((cause) =>
        blameMixed(engine.dialect, cause, table, expression),
      );
    }
    from = derivedFrom(engine.dialect, from, Object.fromEntries(level.map(({ name, sql }) => [name, sql])));
  }
  const columns = await engine.columns(`${from} customers`, { ...options, place: 'derive' });
  const isNumbered = table.numbered !== undefined && !known.has('row_of_table');
  const numbered = isNumbered ? derivedFrom(engine.dialect, table.numbered!, request.derive) : undefined;
  const derived = {
    ...table,
    from,
    numbered,
    zoned: zonedOf(engine, columns),
    typeOf: typeLookup(engine, columns, 'tables.customers', table.label, [request.customers.id]),
  };
  await checkDerivedCustomers(engine, derived, table, request, options);
  return { table: derived, columns };
}

/** Checks a request's columns, predicates and features against the customers table including its derived columns. */
async function checkDerivedCustomers(
  engine: Engine,
  derived: SourceTable,
  table: SourceTable,
  request: ExtractRequest,
  options: StatementOptions,
): Promise<void> {
  checkDate(derived, 'customers', request.customers.since);
  const reserved = reservedIn(engine.dialect, request, derived.typeOf);
  for (const { name, kind } of request.columns) checkSourceColumn(derived, name, kind, reserved);
  for (const predicate of predicatesOf(request)) {
    await checkPredicate(engine, `${derived.from} customers`, predicate, options).catch((cause) =>
      blameMixed(engine.dialect, cause, table, predicate),
    );
  }
  for (const feature of request.features?.items ?? []) {
    if (feature.past) continue;
    await checkFeature(engine, derived, request.features!, feature, options).catch((cause) =>
      blameMixed(engine.dialect, cause, table, feature),
    );
  }
}

/**
 * Improves the error of an expression that fails because a column is text instead of numbers. If only some values made the column
 * text, the new error gives their rows.
 */
function blameMixed(
  dialect: Dialect,
  cause: unknown,
  table: SourceTable,
  { place, ...blaming }: { place: string } & ({ sql: string } | { column: string }),
): never {
  const used = 'sql' in blaming ? namesIn(dialect, blaming.sql) : new Set([blaming.column.toLowerCase()]);
  const blamed = table.mixed?.find(({ column }) => used.has(column.toLowerCase()));
  if (!(cause instanceof AppError) || cause.code !== 'config' || !blamed) throw cause;
  throw new AppError(
    'bad-data',
    `${place}: column ${blamed.column} of ${table.label} has values that are no numbers, first in row ${blamed.row}`,
    'Correct the values, or deliver null.',
    { cause },
  );
}

function checkSourceColumn(table: SourceTable, name: string, kind: 'number' | 'text', reserved: readonly string[]): void {
  const found = table.typeOf(name);
  if (reserved.includes(name.toLowerCase())) {
    throw new AppError(
      'config',
      `column ${name}: this name is reserved in the snapshot`,
      'Derive a column of another name from it.',
    );
  }
  if (found === 'other' || (kind === 'number' && found === 'date')) {
    throw new AppError(
      'bad-data',
      `tables.customers: column ${name} of ${table.label} cannot be used as ${kind}`,
      'Derive a column that casts it.',
    );
  }
}
