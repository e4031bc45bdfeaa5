import { AppError } from '@basketwise/core';
import type { Engine, StatementOptions } from '../engine/engine.ts';
import { queryCounts } from '../engine/query-rows.ts';
import type { ExtractRequest, FeatureRequest } from './request.ts';
import type { SourceTable } from './source-table.ts';
import { dateColumn } from './statement.ts';

/** Share of customers, and their number at least, from which on a column that should stay the same is one that changes. */
const [mostMoved, fewestMoved] = [0.01, 20];

/**
 * Holds columns that the config calls fixed against the history: one that was another for many customers changes, and may know what was bought
 * since, so that models which learn from the past by its values of today would learn what nobody knew then.
 * @param history the opened history
 * @throws AppError config naming the feature
 */
export async function refuseMoved(
  engine: Engine,
  customers: SourceTable,
  history: SourceTable,
  request: ExtractRequest,
  features: FeatureRequest,
  options: StatementOptions,
): Promise<void> {
  const { identifier, asText, date } = engine.dialect;
  const columns = await engine.columns(`${history.from} customers`, options);
  const known = new Set(columns.map(({ name }) => name.toLowerCase()));
  const { id, date: dated } = features.history!;
  const asOf = dateColumn(engine.dialect, dated, history.typeOf).date;
  const earliest = date([...features.dates].sort()[0]!);
  for (const item of features.items) {
    if (!item.fixed || !('column' in item) || !known.has(item.column.toLowerCase())) continue;
    const value = asText(identifier(item.column));
    const rows = `(SELECT ${asText(identifier(id))} AS id, ${asOf} AS as_of, ${value} AS value FROM ${history.from} customers)`;
    const newest = `(SELECT id, max(as_of) AS as_of FROM ${rows} dated WHERE id IS NOT NULL AND as_of <= ${earliest} GROUP BY id)`;
    const now = `(SELECT ${asText(identifier(request.customers.id))} AS id, ${value} AS value FROM ${customers.from} customers)`;
    const pairs =
      `(SELECT h.value AS past, c.value AS present FROM ${rows} h JOIN ${newest} n ON h.id = n.id AND h.as_of = n.as_of` +
      ` JOIN ${now} c ON h.id = c.id) pairs`;
    const moved = "count(CASE WHEN coalesce(past, '') <> coalesce(present, '') THEN 1 END)";
    const counts = await queryCounts(engine, { customers: 'count(*)', moved }, pairs, options);
    if (counts.moved < fewestMoved || counts.moved <= mostMoved * counts.customers) continue;
    const share = ((100 * counts.moved) / counts.customers).toFixed(0);
    throw new AppError(
      'config',
      `${item.place}: fixed, and another on ${[...features.dates].sort()[0]} than now for ${share} % of the customers in the history: it may know what was bought since`,
      'Leave `fixed` out: it is then known at each date as the history has it.',
    );
  }
}
