import { isPushdown, workTablesIn } from '../drivers/drivers.ts';
import type { Config } from './schema.ts';

/**
 * Schemes whose clusters are also needed at earlier dates. These are the schemes of campaigns, if a history can contain the
 * membership.
 */
export function datedSchemes({ campaigns, source, tables }: Config): string[] {
  if (tables.customers.history === undefined || tables.holdings.date === null) return [];
  if (isPushdown({ source }) || workTablesIn(source)) return [];
  return [...new Set(Object.values(campaigns).flatMap(({ by_cluster: scheme }) => scheme ?? []))];
}
