import type { PlainDate } from '@basketwise/core/parts';
import { createWorkTables, dropWorkTables, HiveEngine, planWorkTables, type WorkTable } from '@basketwise/data';
import { type Settings, settingsPath } from '../config/load.ts';
import { hiveLikeOf, hiveSettings, workTablesOf } from '../drivers/hive-settings.ts';
import { sourceRequest } from './extract-request.ts';

/** An action on the work tables: show the SQL, run it, or drop the tables. */
export type WorkTableAction = 'plan' | 'create' | 'drop';

/** Options of the action. */
export interface WorkTableOptions {
  signal?: AbortSignal;
  /** Called before each table is made. */
  progress?: (table: string) => void;
}

/** Shows, makes or drops the work tables of a config; `plan` calls no server. Returns the tables with their statements. */
export async function runWorkTables(
  settings: Settings,
  action: WorkTableAction,
  options: WorkTableOptions = {},
): Promise<readonly WorkTable[]> {
  const { source } = settings.config;
  const engine = hiveLikeOf(source);
  const hive = new HiveEngine(hiveSettings(source, (path) => settingsPath(settings, path), process.env, engine));
  try {
    // the statements do not depend on the date: any day gives the same ones
    const referenceDate = settings.config.reference_date ?? ('1970-01-01' as PlainDate);
    const tables = planWorkTables(sourceRequest(settings.config, referenceDate), workTablesOf(source, engine), hive.dialect);
    if (action === 'create') await createWorkTables(hive, tables, options);
    if (action === 'drop') await dropWorkTables(hive, tables, options);
    return tables;
  } finally {
    await hive.close();
  }
}
