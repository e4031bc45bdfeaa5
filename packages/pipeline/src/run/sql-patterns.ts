import { dirname, isAbsolute, resolve } from 'node:path';
import { AppError } from '@basketwise/core/error';
import type { DuckdbEngine } from '@basketwise/data';
import { filesOf, type SqlUses, sqlUses, storedPatterns, tableUses, withDate } from '@basketwise/data/base';
import { faultText, sqlOf } from '../config/config-sql.ts';
import { type Settings, settingsPath } from '../config/load.ts';
import { type ConfigPath, type Problem, pathText } from '../config/problems.ts';

/** Analysed SQL of a config. For a database, also the tables that `from` names, with their views and macros. */
type ConfigUses = readonly { path: ConfigPath; uses: SqlUses }[];

const usesOfEngines = new WeakMap<DuckdbEngine, { config: Settings['config']; uses: Promise<ConfigUses> }>();

/** Analyses the SQL of a config, with the views and macros in it. Does so once per engine, because the engine's database does not change. */
export function usesOf({ config }: Settings, engine: DuckdbEngine): Promise<ConfigUses> {
  const before = usesOfEngines.get(engine);
  if (before?.config === config) return before.uses;
  const uses = findUses(config, engine);
  usesOfEngines.set(engine, { config, uses });
  return uses;
}

async function findUses(config: Settings['config'], engine: DuckdbEngine): Promise<ConfigUses> {
  const { tables } = config;
  const found: { path: ConfigPath; uses: SqlUses }[] = [];
  for (const { path, sql, isQuery } of sqlOf(config)) {
    // Only literals name files, so the date does not matter here.
    const written = { sql: withDate(engine.dialect, sql, '1970-01-01'), isQuery, place: pathText(path) };
    found.push({ path, uses: await sqlUses(engine, written) });
  }
  const named = [
    ...Object.entries(tables).map(([table, one]) => ({ path: ['tables', table, 'from'], from: one?.from })),
    { path: ['tables', 'customers', 'history', 'from'], from: tables.customers.history?.from },
  ];
  for (const { path, from } of engine.hasDatabase() ? named : [])
    if (from) found.push({ path, uses: await tableUses(engine, from) });
  return found;
}

/** Names and patterns of files in the SQL of the config, and in views and macros of the database. Some may be names of tables instead. */
export async function sqlPatterns(settings: Settings, engine: DuckdbEngine): Promise<ReadonlySet<string>> {
  const uses = await usesOf(settings, engine);
  return new Set([...uses.flatMap((one) => one.uses.patterns), ...(await storedPatterns(engine))]);
}

/**
 * Checks the SQL of the config with its views and macros. Then allows the engine to read only files that the config names.
 * @param own folders of the run: output.dir and spill files
 * @throws AppError config for SQL that depends on more than tables and files; missing-input for a missing file
 */
export async function confineSql(settings: Settings, engine: DuckdbEngine, own: readonly string[]): Promise<void> {
  const uses = await usesOf(settings, engine);
  const problems = uses.flatMap(({ path, uses: { fault } }): Problem[] => (fault ? [{ path, message: faultText(fault) }] : []));
  if (problems.length > 0) throw settings.refuse(problems);
  for (const { path, uses: one } of uses) {
    for (const file of one.files) {
      if ((await filesOf(engine, file)).length > 0) continue;
      throw new AppError('missing-input', `${pathText(path)}: no file matches ${file}`, 'Deliver it, or correct its name.');
    }
  }
  const { source, tables } = settings.config;
  const base = settingsPath(settings, source.path);
  const start = engine.hasDatabase() ? dirname(base) : base;
  const from = [...Object.values(tables), tables.customers.history].flatMap((table) => table?.from ?? []);
  const patterns = [...(await sqlPatterns(settings, engine))];
  const named = [...patterns, ...[...patterns, ...from].map((name) => resolve(start, name))];
  const found = (await Promise.all(patterns.map((pattern) => filesOf(engine, pattern)))).flat();
  await engine.confine([...own, ...named.filter(isAbsolute).flatMap(folderOfPattern)], [...named, ...found, base]);
}

/** Folder before the first wildcard of a pattern; empty for the name of one file. */
function folderOfPattern(pattern: string): string[] {
  const first = pattern.search(/[*?[]/);
  return first < 0 ? [] : [dirname(`${pattern.slice(0, first)}x`)];
}
