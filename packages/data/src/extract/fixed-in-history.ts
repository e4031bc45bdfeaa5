import { AppError } from '@basketwise/core';
import type { Engine, StatementOptions } from '../engine/engine.ts';
import { queryCounts } from '../engine/query-rows.ts';
import { featureColumn } from './features.ts';
import type { ExtractRequest, RequestedFeature } from './request.ts';
import type { Sources, SourceTable } from './source-table.ts';
import { historyRows, selectHoldings } from './statement.ts';

/**
 * Thresholds for a column that the config calls fixed: share and number of customers whose value differs from their past value. If
 * both are reached, the column is not fixed.
 */
const [mostMoved, fewestMoved] = [0.01, 20];

/**
 * Thresholds for a column that depends on purchases. Its value changed for at least `fewestBuyers` customers with purchases. And it
 * changed more often for them than for other customers, by `mostDeviations` standard deviations.
 */
const [fewestBuyers, mostDeviations] = [10, 5];

/** Numbers of customers with later purchases (buyers) and without (others), and of the changed values in both groups. */
interface MovedCounts {
  buyers: number;
  movedBuyers: number;
  others: number;
  movedOthers: number;
}

/**
 * Compares features that the config calls fixed with the history, at the first date of the request.
 * A feature that differs for many customers is not fixed.
 * A feature that differs more often for customers with later purchases depends on these purchases. Models trained with its present
 * values would learn from the future.
 * @param tables opened tables; the history must have all columns of the features
 * @param items fixed features
 * @throws AppError config naming the feature
 */
export async function refuseMoved(
  engine: Engine,
  tables: Sources & { history: SourceTable },
  request: ExtractRequest,
  items: readonly RequestedFeature[],
  options: StatementOptions,
): Promise<void> {
  const first = request.features!.dates.toSorted()[0]!;
  for (const item of items) {
    const moved = await countMoved(engine, tables, request, item, first, options);
    const how = howMoved(moved);
    if (how === undefined) continue;
    throw new AppError(
      'config',
      `${item.place}: fixed, but its values of ${first} differ from today's for ${how}: it may depend on later purchases`,
      'Leave `fixed` out. The values at each date then come from the history.',
    );
  }
}

/** Reason for which a feature cannot be fixed. Undefined if it can. */
function howMoved({ buyers, movedBuyers, others, movedOthers }: MovedCounts): string | undefined {
  const share = (part: number, whole: number) => `${((100 * part) / whole).toFixed(part * 20 < whole ? 1 : 0)} %`;
  const [all, moved] = [buyers + others, movedBuyers + movedOthers];
  if (moved >= fewestMoved && moved > mostMoved * all) return `${share(moved, all)} of the customers in the history`;
  // One half is added, because zero changes among the other customers do not prove that the value never changes.
  const expected = (buyers * (movedOthers + 0.5)) / Math.max(1, others);
  if (movedBuyers < fewestBuyers || movedBuyers <= expected + mostDeviations * Math.sqrt(Math.max(1, expected))) return undefined;
  return `${share(movedBuyers, buyers)} of the customers in the history with later purchases, and ${share(movedOthers, Math.max(1, others))} of the others`;
}

async function countMoved(
  engine: Engine,
  { customers, holdings, history }: Sources & { history: SourceTable },
  request: ExtractRequest,
  item: RequestedFeature,
  first: string,
  options: StatementOptions,
): Promise<MovedCounts> {
  const { dialect } = engine;
  const features = request.features!;
  const { sql } = featureColumn(dialect, features, features.items.indexOf(item), features.dates.indexOf(first));
  const value = `${dialect.asText(sql)} AS value`;
  const rows = historyRows(dialect, history, features, [value]);
  const newest = `(SELECT id, max(as_of) AS as_of FROM ${historyRows(dialect, history, features, [])} dated WHERE id IS NOT NULL AND as_of <= ${dialect.date(first)} GROUP BY id)`;
  const now = `(SELECT ${dialect.asText(dialect.identifier(request.customers.id))} AS id, ${value} FROM ${customers.from} customers)`;
  const bought = `SELECT DISTINCT customer AS id FROM (${selectHoldings(dialect, holdings.from, request, holdings.typeOf)}) held WHERE opened > ${dialect.date(first)} AND opened <= ${dialect.date(features.tableDate)}`;
  const pairs =
    `(SELECT CASE WHEN coalesce(h.value, '') <> coalesce(c.value, '') THEN 1 ELSE 0 END AS moved, CASE WHEN b.id IS NULL THEN 0 ELSE 1 END AS bought` +
    ` FROM ${rows} h JOIN ${newest} n ON h.id = n.id AND h.as_of = n.as_of JOIN ${now} c ON h.id = c.id LEFT JOIN (${bought}) b ON h.id = b.id) pairs`;
  const counts = {
    buyers: 'coalesce(sum(bought), 0)',
    movedBuyers: 'coalesce(sum(bought * moved), 0)',
    others: 'coalesce(sum(1 - bought), 0)',
    movedOthers: 'coalesce(sum((1 - bought) * moved), 0)',
  };
  return await queryCounts(engine, counts, pairs, options);
}
