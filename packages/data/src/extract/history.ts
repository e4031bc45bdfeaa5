import type { Dialect } from '../engine/dialect.ts';
import type { ColumnType, Engine, StatementOptions } from '../engine/engine.ts';
import { queryCounts } from '../engine/query-rows.ts';
import { namesIn } from '../engine/sql-tokens.ts';
import { mentionsDate } from './dated-sql.ts';
import { emptyTable } from './empty-table.ts';
import { withDerivedTexts } from './expression.ts';
import { checkFeature, textFeatures } from './features.ts';
import { refuseMoved } from './fixed-in-history.ts';
import { openRelation, refuseFaulty } from './formatted-columns.ts';
import type { ExtractRequest, FeatureRequest, RequestedFeature } from './request.ts';
import type { Sources, SourceTable } from './source-table.ts';
import { checkDate, checkKey, zonedOf } from './sources.ts';
import { derivedFrom } from './statement.ts';
import { typeLookup } from './type-lookup.ts';
import { refuseMoments } from './zones.ts';

/** Config key of the history table. */
export const historyPlace = 'tables.customers.history';

/** Opened history, and the features that it contains. */
export interface HistoryTable extends SourceTable {
  items: readonly RequestedFeature[];
}

/**
 * Opens the history of a request, and checks that it can be used. Also checks that fixed features did not change in it. Undefined
 * if no feature needs it.
 * @throws AppError as the extraction would
 */
export async function checkHistory(
  engine: Engine,
  request: ExtractRequest,
  sources: Sources,
  options: StatementOptions,
): Promise<HistoryTable | undefined> {
  const { features } = request;
  if (!features?.history || features.items.length === 0) return undefined;
  const statement = { ...options, place: historyPlace };
  const { id, date, ...source } = features.history;
  const relation = await openRelation(engine, source, { ...statement, text: [id, ...textFeatures(features)] });
  const raw = await engine.columns(`${relation.from} history`, statement);
  const { rows } = await queryCounts(engine, { rows: 'count(*)' }, `${relation.from} history`, statement);
  if (rows === 0) throw emptyTable(historyPlace, relation.label);
  await refuseFaulty(engine, relation, statement);
  const there = await historyItems(engine, request, features, sources.customers, raw, statement);
  const from = derivedFrom(engine.dialect, relation.from, pastColumns(engine.dialect, request, features, there));
  const columns = await engine.columns(`${from} customers`, statement);
  const table = {
    ...{ ...relation, from, rows, raw: relation.from, zoned: zonedOf(engine, columns) },
    typeOf: typeLookup(engine, columns, historyPlace, relation.label, [id, date]),
  };
  checkKey(table, 'customers.history', id);
  checkDate(table, 'customers.history', date);
  if (request.timeZone === undefined) await refuseMoments(engine, table, 'customers.history', [date], options);
  for (const item of there) if (!item.past) await checkFeature(engine, table, features, item, options);
  await refuseMoved(
    engine,
    { ...sources, history: table },
    request,
    there.filter(({ fixed, past }) => fixed && !past),
    statement,
  );
  return { ...table, items: there };
}

/**
 * Features that the history must have, because they change, and optional features. Optional are fixed features, and features
 * wanted only for the past.
 * An optional feature is included if the history has all its columns, in types of the same kind.
 */
async function historyItems(
  engine: Engine,
  request: ExtractRequest,
  features: FeatureRequest,
  customers: SourceTable,
  there: readonly ColumnType[],
  options: StatementOptions,
): Promise<RequestedFeature[]> {
  const { kindOf } = engine.dialect;
  const kinds = new Map(there.map(({ name, type }) => [name.toLowerCase(), kindOf(type)]));
  const raw = await engine.columns(`${customers.raw} customers`, options);
  const lacking = raw.filter(({ name, type }) => kinds.get(name.toLowerCase()) !== kindOf(type)).map(({ name }) => name);
  return features.items.filter((item) => {
    if (!item.fixed && !item.past) return true;
    const used = namesInFeature(engine.dialect, item, request.derive);
    return !lacking.some((name) => used.has(name.toLowerCase()));
  });
}

/** Names in a feature, and in its derived columns, in lower case. */
function namesInFeature(dialect: Dialect, item: RequestedFeature, derive: ExtractRequest['derive']): ReadonlySet<string> {
  const sql = 'column' in item ? dialect.identifier(item.column) : item.sql;
  return new Set(withDerivedTexts(dialect, sql, derive).flatMap((text) => [...namesIn(dialect, text)]));
}

/** Derived columns of some features. Those that depend on the date are expanded to their SQL. */
function pastColumns(
  dialect: Dialect,
  { derive }: ExtractRequest,
  features: FeatureRequest,
  items: readonly RequestedFeature[],
): Record<string, string> {
  const used = new Set(items.flatMap((item) => [...namesInFeature(dialect, item, derive)]));
  const isDated = (name: string) => mentionsDate(dialect, features.derive[name] ?? '');
  return Object.fromEntries(Object.entries(derive).filter(([name]) => !isDated(name) && used.has(name.toLowerCase())));
}
