import { isPushdown, workTablesIn } from '../drivers/drivers.ts';
import type { ConfigPath, ReportProblem } from './problems.ts';
import type { Config, FeatureConfig } from './schema.ts';

/** Columns of features.parquet that are not features. */
const reservedColumns = ['customer', 'id'];

/** Reports faults of a config's features, and contradictions between features and other keys. */
export function checkFeatures(config: Config, report: ReportProblem): void {
  const { features = {} } = config;
  const names = Object.keys(features);
  for (const [name, feature] of Object.entries(features)) {
    const path = ['features', name];
    if (reservedColumns.includes(name.toLowerCase())) report(path, 'features.parquet has a column of this name already');
    if ('cross' in feature) checkCross(features, name, feature.cross, report);
    else if (Array.isArray(feature.bands)) checkRising(feature.bands, [...path, 'bands'], report);
  }
  if (names.length > 0) checkSourceKeys(config, report);
  checkHistoryKeys(config, report);
}

/** Reports the first bound that is not above its predecessor. */
export function checkRising(bounds: readonly number[], path: ConfigPath, report: ReportProblem): void {
  const falls = bounds.findIndex((bound, i) => i > 0 && bound <= bounds[i - 1]!);
  if (falls > 0) report([...path, falls], 'expected a bound above that of the band before');
}

function checkCross(
  features: NonNullable<Config['features']>,
  name: string,
  cross: readonly string[],
  report: ReportProblem,
): void {
  for (const [i, other] of cross.entries()) {
    const path = ['features', name, 'cross', i];
    const crossed = features[other];
    const known = Object.keys(features).filter((one) => !('cross' in features[one]!));
    if (!crossed) report(path, `no feature \`${other}\`; there are ${known.map((one) => `\`${one}\``).join(', ') || 'none'}`);
    else if ('cross' in crossed) report(path, `\`${other}\` is a crossing itself`);
  }
  if (cross[0] === cross[1]) report(['features', name, 'cross', 1], 'a feature is listed twice');
}

function checkSourceKeys({ source, features = {} }: Config, report: ReportProblem): void {
  if (isPushdown({ source })) {
    for (const [name, feature] of Object.entries(features))
      if (!('cross' in feature || feature.fixed))
        report(
          ['features', name],
          'with pushdown the past of customers is not read: say `fixed: true` of what never changes, leave it out, or run without pushdown',
        );
  }
  if (workTablesIn(source))
    report(['features'], 'work tables have no features: leave them out, or leave `work_tables` of the source out');
}

function checkHistoryKeys({ tables }: Config, report: ReportProblem): void {
  const { history } = tables.customers;
  if (history === undefined) return;
  const ways = [history.from, history.sql].filter((way) => way !== undefined).length;
  if (ways !== 1)
    report(['tables', 'customers', 'history'], `expected one of \`from\` and \`sql\`, found ${ways === 0 ? 'neither' : 'both'}`);
}

/**
 * Whether the config has a history of customers that no run reads. Runs read it for changing features, for features that are
 * columns, and for clusters at earlier dates.
 */
export function unreadHistory(config: Config): boolean {
  return (
    config.tables.customers.history !== undefined &&
    datedSchemes(config).length === 0 &&
    Object.values(config.features ?? {}).every((one) => 'cross' in one || (one.fixed && !('column' in one)))
  );
}

/**
 * Features that models can rank by: all features, or only fixed ones if holdings have no dates. Without dates, the value of a
 * changing feature before a purchase is unknown. Its present value may be a consequence of the purchase.
 */
export function rankableFeatures({ features = {}, tables }: Config): Record<string, FeatureConfig> {
  const isFixed = (name: string): boolean => {
    const feature = features[name];
    return feature !== undefined && ('cross' in feature ? feature.cross.every(isFixed) : feature.fixed);
  };
  return Object.fromEntries(Object.entries(features).filter(([name]) => tables.holdings.date !== null || isFixed(name)));
}

/**
 * Cluster schemes whose clusters are also computed at earlier dates: the schemes of the campaigns. Empty if the earlier values of
 * customers are unknown: without a history of customers or dates of holdings, with pushdown, and with work tables.
 */
export function datedSchemes({ campaigns, source, tables }: Config): string[] {
  if (tables.customers.history === undefined || tables.holdings.date === null) return [];
  if (isPushdown({ source }) || workTablesIn(source)) return [];
  return [...new Set(Object.values(campaigns).flatMap(({ by_cluster: scheme }) => scheme ?? []))];
}
