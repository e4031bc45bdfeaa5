import { deriveLevels, type SqlFault, undecidedIn } from '@basketwise/data';
import { driverOf } from '../drivers/drivers.ts';
import type { ConfigPath } from './problems.ts';
import type { Config } from './schema.ts';

/** SQL text of a config: a query or an expression. */
interface ConfigSql {
  path: ConfigPath;
  sql: string;
  /** Whether it is a whole query, not an expression. */
  isQuery: boolean;
}

/** All SQL texts of a config, each with its key. */
export function sqlOf({ tables, derive, clusters, rules, features = {} }: Config): ConfigSql[] {
  const texts: { path: ConfigPath; sql: string | null | undefined }[] = [
    ...Object.entries(tables).map(([table, one]) => ({ path: ['tables', table, 'sql'], sql: one?.sql })),
    { path: ['tables', 'customers', 'history', 'sql'], sql: tables.customers.history?.sql },
    { path: ['tables', 'holdings', 'where'], sql: tables.holdings.where },
    ...Object.entries(derive).map(([name, sql]) => ({ path: ['derive', name], sql })),
    ...Object.entries(clusters).map(([name, { where }]) => ({ path: ['clusters', name, 'where'], sql: where })),
    ...rules.map(({ require }, i) => ({ path: ['rules', i, 'require'], sql: require })),
    ...Object.entries(features).map(([name, feature]) => ({
      path: ['features', name, 'sql'],
      sql: 'sql' in feature ? feature.sql : undefined,
    })),
  ];
  return texts.flatMap(({ path, sql }) =>
    sql === null || sql === undefined ? [] : [{ path, sql, isQuery: path[0] === 'tables' && path.at(-1) === 'sql' }],
  );
}

const remedies: Record<SqlFault['kind'], string> = {
  clock: 'is the clock of the machine, so the same tables would give other lists tomorrow: write `:date`, the reference date',
  random: 'differs each time, so the same tables would give other lists: leave it out',
  engine: 'depends on the engine and the machine, not on the tables: remove it',
  file: "reads files whose name is no literal, so that a run cannot detect their changes: write it as 'lists/out.csv'",
  network: 'is an address, and SQL of a config reads no network: have the file delivered',
};

/** Message about a fault of an SQL text. */
export function faultText({ call, kind }: SqlFault): string {
  return `\`${call}\` ${remedies[kind]}`;
}

/** Reports SQL for a server that reads the clock or draws random numbers. Its values would differ between runs on the same tables. */
export function checkServerSql(config: Config, report: (path: ConfigPath, message: string) => void): void {
  const { dialect, readsFiles } = driverOf(config.source);
  if (readsFiles) return;
  for (const { path, sql } of sqlOf(config)) {
    const found = undecidedIn(dialect, sql);
    if (found) report(path, faultText(found));
  }
}

/** Largest number of levels in which derived columns may build on each other. The time of an engine grows with the cube of this number. */
const mostDerivedLevels = 64;

/** Reports derived columns that build on each other over too many levels. */
export function checkDerived({ source, derive }: Config, report: (path: ConfigPath, message: string) => void): void {
  const beyond = deriveLevels(driverOf(source).dialect, derive)[mostDerivedLevels]?.[0];
  if (beyond)
    report(
      ['derive', beyond.name],
      `builds on others over more than ${mostDerivedLevels} levels: write some of them as one expression`,
    );
}
