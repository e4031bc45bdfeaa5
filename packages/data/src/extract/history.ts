import type { Dialect } from '../engine/dialect.ts';
import type { ColumnType, Engine, StatementOptions } from '../engine/engine.ts';
import { queryCounts } from '../engine/query-rows.ts';
import { namesIn } from '../engine/sql-tokens.ts';
import { mentionsDate } from './dated-sql.ts';
import { withDerivedTexts } from './expression.ts';
import { checkFeature, textFeatures } from './features.ts';
import { refuseMoved } from './fixed-in-history.ts';
import { openRelation, refuseFaulty } from './formatted-columns.ts';
import type { ExtractRequest, FeatureRequest, RequestedFeature } from './request.ts';
import { emptyTable, type Sources, type SourceTable, typeLookup } from './source-table.ts';
import { checkDate, checkKey, zonedOf } from './sources.ts';
import { derivedFrom } from './statement.ts';
import { refuseMoments } from './zones.ts';

/** Key of the history table in the config. */
export const historyPlace = 'tables.customers.history';

/** Opened history table, with the features that it has. */
export interface HistoryTable extends SourceTable {
  items: readonly RequestedFeature[];
}

/**
 * Opens the history table of a request, and checks that it can be used, and that fixed features do not change in it. Undefined if
 * no feature needs a history.
 * @throws AppError in the cases in which the extraction throws it
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
  const relation = await openRelation(engine, source, { ...statement, text: [id, ...textFeatures(features)] }, id);
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
 * Features to read from the history. The history must have the changing features. Fixed features, and features requested only for
 * the past, are optional. An optional feature is included if the history has all its columns, with types of the same kind.
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

/** Names that a feature and its derived columns use, in lower case. */
function namesInFeature(dialect: Dialect, item: RequestedFeature, derive: ExtractRequest['derive']): ReadonlySet<string> {
  const sql = 'column' in item ? dialect.identifier(item.column) : item.sql;
  return new Set(withDerivedTexts(dialect, sql, derive).flatMap((text) => [...namesIn(dialect, text)]));
}

/** Derived columns that the features use. The names of derived columns that depend on the date are replaced by their SQL. */
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
