import {
  assignToCentres,
  type ClusterModel,
  type ClusterScheme,
  pastColumn,
  pastWhere,
  schemeColumn,
  schemeOf,
} from '@basketwise/clusters';
import type { KernelPool, PlainDate } from '@basketwise/core';
import type { Snapshot } from '@basketwise/data';
import type { ClusterOfCustomers, DatedClusters } from '@basketwise/recommend';
import type { Config } from '../config/schema.ts';
import { columnKnownAt } from './codes.ts';

/** Cluster scheme that reads the values of an earlier date. */
export interface SchemeAt {
  scheme: ClusterScheme;
  /** SQL subquery to read in place of the table `customers`. */
  from: string;
}

/** Cluster scheme that reads the values of its columns at a date. Null if the snapshot lacks one of the columns at that date. */
export function schemeAt({ engine, manifest }: Snapshot, config: Config, name: string, date: PlainDate): SchemeAt | null {
  if (!manifest.features?.dates.includes(date)) return null;
  const { identifier } = engine.dialect;
  const scheme = schemeOf(name, config.clusters[name]!);
  const cellOf = (column: string) => {
    const cell = columnKnownAt(manifest.features!, pastColumn(name, column), date);
    return cell && { column, sql: `${cell.table}.${cell.column}`, isPast: cell.table === 'past' };
  };
  const cells = [...scheme.numeric, ...scheme.categorical].map(cellOf);
  const where = scheme.where === null ? null : columnKnownAt(manifest.features, pastWhere(name), date);
  if (cells.some((cell) => !cell) || (scheme.where !== null && !where)) return null;
  const known = cells.flatMap((cell) => (cell ? [cell] : []));
  const past = known.filter(({ isPast }) => isPast);
  const wasThere = past.length === 0 ? 'TRUE' : `(${past.map(({ sql }) => `${sql} IS NOT NULL`).join(' OR ')})`;
  const isIn = where ? `coalesce(${where.table}.${where.column} = 'true', FALSE) AND ${wasThere}` : wasThere;
  const own = identifier(schemeColumn(name));
  const items = [...known.map(({ column, sql }) => `${sql} AS ${identifier(column)}`), `${isIn} AS ${own}`];
  const needsPast = past.length > 0 || where?.table === 'past';
  return {
    scheme: { ...scheme, where: own },
    from: `(SELECT customers.customer AS customer, ${items.join(', ')} FROM customers${needsPast ? ' POSITIONAL JOIN past' : ''}) customers_then`,
  };
}

/**
 * Clusters of a snapshot's customers at earlier dates: assigns the customers' earlier values to fitted centres. Results are cached.
 * @param modelOf returns the fitted model of a scheme; undefined if there is none
 */
export function datedClusters(
  { pool, snapshot, config }: { pool: KernelPool; snapshot: Snapshot; config: Config },
  modelOf: (scheme: string) => Promise<ClusterModel | undefined>,
): DatedClusters {
  const known = new Map<string, Promise<ClusterOfCustomers | null>>();
  const assigned = async (name: string, date: PlainDate): Promise<ClusterOfCustomers | null> => {
    const then = schemeAt(snapshot, config, name, date);
    const model = then && (await modelOf(name));
    if (!then || !model) return null;
    const customers = { engine: snapshot.engine, from: then.from };
    const context = { pool, customers, customerCount: snapshot.customerCount };
    const { clusters } = await assignToCentres(context, then.scheme, model);
    return { clusters, count: model.k };
  };
  return {
    at(scheme, date) {
      const key = `${scheme} ${date}`;
      const found = known.get(key) ?? assigned(scheme, date);
      known.set(key, found);
      return found;
    },
  };
}
