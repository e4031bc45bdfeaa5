import type { Dialect } from '../engine/dialect.ts';
import type { FeatureRequest } from './request.ts';
import type { SourceTable } from './source-table.ts';
import { dateColumn } from './statement.ts';

/** Query of the history's rows: id, as_of, and select items. */
export function historyRows(dialect: Dialect, table: SourceTable, { history }: FeatureRequest, items: readonly string[]): string {
  const id = dialect.asText(dialect.identifier(history!.id));
  const { date } = dateColumn(dialect, history!.date, table.typeOf);
  return `(SELECT ${[`${id} AS id`, `${date} AS as_of`, ...items].join(', ')} FROM ${table.from} customers)`;
}
