import { schemeColumn } from '@basketwise/clusters';
import { queryRows } from '@basketwise/data';
import { publishedCount } from '@basketwise/data/base';
import type { FinishedRun } from '@basketwise/insight';
import { type Config, columnKnownAt, datedSchemes } from '@basketwise/pipeline';
import type { ValidationFile } from './validation-file.ts';

/** Cluster schemes by which models of campaigns may differ. */
export function usedSchemes({ campaigns }: Config): Set<string> {
  return new Set(Object.values(campaigns).flatMap(({ by_cluster: scheme }) => scheme ?? []));
}

/** Feature or cluster scheme that models may rank by. */
interface UsedFeature {
  name: string;
  /** Source in words. */
  from: string;
  /** Features, or columns of customers, that it is made of. */
  columns: readonly string[];
  /** Column of customers that is true for those in the scheme. Null: it is of all customers. */
  where: string | null;
}

/** Features and clusters by which models may rank, with the number of customers who lack a value, as the run read them. */
export function usedFeatures(finished: FinishedRun): Promise<ValidationFile['data']['features']> {
  const { config } = finished;
  const all = [...columnFeatures(config), ...clusterFeatures(config)];
  return Promise.all(all.map(async (one) => ({ name: one.name, from: one.from, missing: await missingIn(finished, one) })));
}

function columnFeatures(config: Config): UsedFeature[] {
  return Object.entries(config.features ?? {}).map(([name, feature]) => ({
    name,
    from: `${featureText(feature)}; ${pastText(config, feature)}`,
    columns: 'cross' in feature ? feature.cross : [name],
    where: null,
  }));
}

/** Number of these customers who lack a value in at least one column. */
async function missingIn({ snapshot: { engine, manifest }, referenceDate }: FinishedRun, { columns, where }: UsedFeature) {
  const { identifier } = engine.dialect;
  const tests = columns.map((name) => {
    const own = manifest.features && columnKnownAt(manifest.features, name, referenceDate);
    return `${identifier(own?.column ?? name)} IS NULL`;
  });
  const described = where === null ? '' : `${identifier(where)} AND `;
  const sql = `SELECT CAST(count(*) FILTER (WHERE ${described}(${tests.join(' OR ')})) AS DOUBLE) AS missing FROM customers`;
  const [row] = await queryRows(engine, sql, { place: 'features' });
  return publishedCount(Number(row!.missing));
}

/** Clusters by which models of campaigns may differ, with the columns that they are made of. */
function clusterFeatures(config: Config): UsedFeature[] {
  const dated = new Set(datedSchemes(config));
  return [...usedSchemes(config)].flatMap((name) => {
    const scheme = config.clusters[name];
    if (scheme === undefined) return [];
    const { where, numeric, categorical, method, k, seed } = scheme;
    const columns = [...numeric, ...categorical];
    const fit = `${method}, ${typeof k === 'number' ? k : `${k.from} to ${k.to}`} clusters, seed ${seed}; columns ${columns.join(', ')}`;
    const past = dated.has(name)
      ? 'by these columns as of their date'
      : "by today's columns, which can depend on later purchases";
    const parts = [fit, ...(where === undefined ? [] : [`where ${where}`]), `in past windows: ${past}`];
    return [
      { name: `clusters of ${name}`, from: parts.join('; '), columns, where: where === undefined ? null : schemeColumn(name) },
    ];
  });
}

/** Text on the source of a feature. */
function featureText(feature: NonNullable<Config['features']>[string]): string {
  if ('cross' in feature) return `each pair of ${feature.cross.join(' and ')}`;
  return 'column' in feature ? `column ${feature.column}` : feature.sql;
}

/** Text on the source of a feature's values in past windows. */
function pastText({ tables }: Config, feature: NonNullable<Config['features']>[string]): string {
  if ('cross' in feature) return 'in past windows: from the values of the crossed features';
  if (feature.fixed) return "in past windows: computed as of their date from today's tables, because the config calls it fixed";
  return `in past windows: from ${tables.customers.history ? 'tables.customers.history, or from values that earlier runs saved' : 'values that earlier runs saved'}`;
}
