import type { PlainDate } from '@basketwise/core/parts';
import { type Settings, settingsPath } from '@basketwise/pipeline';
import type { WorkTable, WorkTableAction, WorkTableOptions } from '@basketwise/pipeline/engine';
import { sourceRequest } from '@basketwise/pipeline/parts';
import { HiveEngine } from './server/engine.ts';
import { createWorkTables, dropWorkTables, planWorkTables } from './server/work-tables.ts';
import { hiveLikeOf, hiveSettings, workTablesOf } from './settings.ts';

/** Command `work-tables`: shows, makes or drops the precomputed tables of a config. */
export async function runWorkTables(
  settings: Settings,
  action: WorkTableAction,
  options: WorkTableOptions,
): Promise<readonly WorkTable[]> {
  const { source } = settings.config;
  const engine = hiveLikeOf(source);
  const hive = new HiveEngine(hiveSettings(source, (path) => settingsPath(settings, path), process.env, engine));
  try {
    // The statements do not depend on the date, so any day gives the same ones.
    const referenceDate = settings.config.reference_date ?? ('1970-01-01' as PlainDate);
    const tables = planWorkTables(sourceRequest(settings.config, referenceDate), workTablesOf(source, engine), hive.dialect);
    if (action === 'create') await createWorkTables(hive, tables, options);
    if (action === 'drop') await dropWorkTables(hive, tables, options);
    return tables;
  } finally {
    await hive.close();
  }
}
