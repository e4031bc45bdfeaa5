import { createHash } from 'node:crypto';
import {
  type Dialect,
  derivedFrom,
  type ExtractRequest,
  hiveDialect,
  ruleColumn,
  type StatementOptions,
  selectCustomers,
  sinceColumn,
} from '@basketwise/data';
import type { WorkTable, WorkTables } from '@basketwise/pipeline';
import type { HiveEngine } from './engine.ts';
import { markProperty, sourceInHive } from './relation.ts';

const { identifier } = hiveDialect;

/**
 * Statements that precompute the tables of a request. They run the queries and joins of the sources, and select only the columns
 * that the job needs. Derived columns, predicates and rules become columns with their values. Rows and texts are unchanged, so
 * that an extraction from them equals one from the sources, counts included.
 */
export function planWorkTables(request: ExtractRequest, tables: WorkTables, dialect: Dialect): readonly WorkTable[] {
  return Object.entries(selects(request, dialect)).map(([role, select]) => workTable(tables, role, select, request.timeZone));
}

function selects(request: ExtractRequest, dialect: Dialect) {
  const { customers, products, holdings } = request;
  const joined = customers.since ? [`${identifier(customers.since)} AS ${sinceColumn}`] : [];
  return {
    customers: selectCustomers(dialect, derivedFrom(dialect, sourceInHive(customers)!, request.derive), request, joined),
    products: `SELECT ${productItems(request).join(', ')} FROM ${sourceInHive(products)} products`,
    holdings: `SELECT ${holdingItems(request).join(', ')} FROM ${sourceInHive(holdings)} holdings`,
  };
}

/**
 * Mark of a work table: identifies the SQL that made it, and the time zone of its timestamps. A table with another mark is not
 * read, because the config has changed.
 */
function statementMark(select: string, timeZone: string | undefined): string {
  return createHash('sha256')
    .update(timeZone === undefined ? select : `${select}\0${timeZone}`)
    .digest('hex')
    .slice(0, 16);
}

/**
 * Changes a request to read the work tables instead of the sources. The snapshot is the same. Tables made for another config are
 * refused.
 */
export function fromWorkTables(request: ExtractRequest, { schema, prefix }: WorkTables, dialect: Dialect): ExtractRequest {
  const made = selects(request, dialect);
  const from = (role: keyof typeof made) => ({
    from: `${schema}.${prefix}${role}`,
    mark: statementMark(made[role], request.timeZone),
  });
  const { saleStart, saleEnd, group } = request.products;
  const { date, closed, where, by } = request.holdings;
  return {
    ...request,
    customers: { ...from('customers'), id: 'id', ...(request.customers.since && { since: sinceColumn }) },
    products: {
      ...{ ...from('products'), code: 'code', name: 'name', class: 'class' },
      ...{ saleStart: saleStart ? 'sale_start' : null, saleEnd: saleEnd ? 'sale_end' : null },
      ...{ group: group ? 'group_name' : null },
    },
    holdings: {
      ...{ ...from('holdings'), customer: 'customer', product: 'product', by, where: where ? 'included' : null },
      ...{ date: date ? 'opened' : null, closed: closed ? 'closed' : null },
    },
    derive: {},
    predicates: request.predicates.map((predicate) => ({ ...predicate, sql: identifier(predicate.name) })),
    rules: request.rules.map((rule, i) => ({ ...rule, require: identifier(ruleColumn(i)) })),
  };
}

/** Makes the work tables, one after the other. An old table is replaced only when its successor is complete. */
export async function createWorkTables(
  hive: HiveEngine,
  tables: readonly WorkTable[],
  options: StatementOptions & { progress?: (table: string) => void } = {},
): Promise<void> {
  for (const { name, create } of tables) {
    options.progress?.(name);
    for (const sql of create) await hive.run(sql, { ...options, place: `work table ${name}` });
  }
}

/** Drops the work tables that exist. */
export async function dropWorkTables(
  hive: HiveEngine,
  tables: readonly WorkTable[],
  options: StatementOptions = {},
): Promise<void> {
  for (const { name, drop } of tables) {
    for (const sql of drop) await hive.run(sql, { ...options, place: `work table ${name}`, repeatable: true });
  }
}

function workTable(
  { schema, prefix, format }: WorkTables,
  role: string,
  select: string,
  timeZone: string | undefined,
): WorkTable {
  const name = `${identifier(schema)}.${identifier(`${prefix}${role}`)}`;
  const next = `${identifier(schema)}.${identifier(`${prefix}${role}_next`)}`;
  return {
    name: `${schema}.${prefix}${role}`,
    create: [
      `DROP TABLE IF EXISTS ${next}`,
      `CREATE TABLE ${next} STORED AS ${format.toUpperCase()} TBLPROPERTIES ('${markProperty}' = '${statementMark(select, timeZone)}') AS ${select}`,
      `DROP TABLE IF EXISTS ${name}`,
      `ALTER TABLE ${next} RENAME TO ${name}`,
    ],
    drop: [`DROP TABLE IF EXISTS ${next}`, `DROP TABLE IF EXISTS ${name}`],
  };
}

function productItems({ products }: ExtractRequest): string[] {
  const { code, name, class: of, saleStart, saleEnd, group } = products;
  const named = { code, name, class: of, sale_start: saleStart, sale_end: saleEnd, group_name: group };
  return Object.entries(named).flatMap(([as, column]) => (column ? [`${identifier(column)} AS ${identifier(as)}`] : []));
}

function holdingItems({ holdings }: ExtractRequest): string[] {
  const { customer, product, date, closed, where } = holdings;
  const named = Object.entries({ customer, product, opened: date, closed });
  const columns = named.flatMap(([as, column]) => (column ? [`${identifier(column)} AS ${identifier(as)}`] : []));
  return where ? [...columns, `(\n${where}\n) AS included`] : columns;
}
