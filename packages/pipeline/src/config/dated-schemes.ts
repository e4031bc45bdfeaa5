import { isPushdown, workTablesIn } from '../drivers/drivers.ts';
import type { Config } from './schema.ts';

/**
 * Cluster schemes whose clusters are also computed at earlier dates: the schemes of the campaigns. Empty if the earlier values of
 * customers are unknown: without a history of customers or dates of holdings, with pushdown, and with work tables.
 */
export function datedSchemes({ campaigns, source, tables }: Config): string[] {
  if (tables.customers.history === undefined || tables.holdings.date === null) return [];
  if (isPushdown({ source }) || workTablesIn(source)) return [];
  return [...new Set(Object.values(campaigns).flatMap(({ by_cluster: scheme }) => scheme ?? []))];
}
