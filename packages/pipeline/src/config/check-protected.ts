import { type ColumnReasons, mostCopies, problemOfQuery, reasonIn, reasonOf, type SqlDialect } from '@basketwise/data/base';
import { driverOf } from '../drivers/drivers.ts';
import { checkRising } from './check-features.ts';
import { sqlOf } from './config-sql.ts';
import type { ReportProblem } from './problems.ts';
import type { Config } from './schema.ts';
import { protectedColumns } from './schema-validation.ts';

/** Columns that no model may use, each with the reason: the column is protected, or derived from protected columns. */
function reasonsOf(config: Config, dialect: SqlDialect): ColumnReasons {
  const { validation, derive } = config;
  const columns = new Map(protectedColumns(validation).map(({ column }) => [column.toLowerCase(), `\`${column}\` is protected`]));
  const queries = sqlOf(config).flatMap(({ sql, isQuery }) => (isQuery ? [sql] : []));
  const reasons = { columns, copies: mostCopies(dialect, queries) };
  let known = 0;
  while (known < columns.size) {
    known = columns.size;
    for (const [name, sql] of Object.entries(derive)) {
      const reason = reasonIn(dialect, sql, reasons);
      if (reason !== undefined && !columns.has(name.toLowerCase()))
        columns.set(name.toLowerCase(), `\`${name}\` is derived, and ${reason}`);
    }
  }
  return reasons;
}

/**
 * Reports every use of a protected column by a model. Features and the cluster schemes of campaigns must not use a protected
 * column, even through derived columns. The SQL of a table may return a protected column only under its own name. Rules and
 * segments may use protected columns, because they change no score.
 */
export function checkProtected(config: Config, report: ReportProblem): void {
  checkProtectedColumns(config, report);
  const { dialect } = driverOf(config.source);
  const reasons = reasonsOf(config, dialect);
  if (reasons.columns.size === 0) return;
  for (const { path, sql, isQuery } of sqlOf(config)) {
    if (path[0] === 'features' || path[0] === 'tables') {
      const table = path[1] === 'holdings' ? 'holdings' : 'customers';
      const reason = isQuery ? undefined : reasonIn(dialect, sql, reasons, table);
      const ofExpression = reason && `${reason}, so that no model may use it: leave it out`;
      const problem = isQuery ? problemOfQuery(dialect, sql, reasons) : ofExpression;
      if (problem !== undefined) report(path, problem);
    }
  }
  for (const [name, feature] of Object.entries(config.features ?? {})) {
    const reason = 'column' in feature ? reasonOf(feature.column, reasons) : undefined;
    if (reason !== undefined)
      report(['features', name, 'column'], `${reason}, so that no model may rank by it: leave the feature out`);
  }
  for (const [name, { by_cluster: scheme }] of Object.entries(config.campaigns)) {
    const reason = scheme === undefined ? undefined : reasonOfScheme(config, scheme, dialect, reasons);
    if (reason !== undefined)
      report(
        ['campaigns', name, 'by_cluster'],
        `clusters of \`${scheme}\` use a protected column: ${reason}. Name another scheme`,
      );
  }
}

/** Reports columns that `validation.protected` lists twice, and bounds that do not rise. */
function checkProtectedColumns({ validation }: Config, report: ReportProblem): void {
  const columns = protectedColumns(validation);
  for (const [i, { column, bands }] of columns.entries()) {
    const path = ['validation', 'protected', i];
    if (columns.slice(0, i).some((other) => other.column.toLowerCase() === column.toLowerCase()))
      report(path, `column \`${column}\` is listed twice`);
    if (bands !== null) checkRising(bands, [...path, 'bands'], report);
  }
}

/** Reason why a cluster scheme uses a protected column; undefined if it uses none. */
function reasonOfScheme({ clusters }: Config, name: string, dialect: SqlDialect, reasons: ColumnReasons): string | undefined {
  const scheme = clusters[name];
  if (scheme === undefined) return undefined;
  for (const column of [...scheme.numeric, ...scheme.categorical]) {
    const reason = reasonOf(column, reasons);
    if (reason !== undefined) return reason;
  }
  return scheme.where === undefined ? undefined : reasonIn(dialect, scheme.where, reasons);
}
