import { join } from 'node:path';
import { daysSinceEpoch, type PlainDate } from '@basketwise/core/parts';
import { type Dialect, type FeatureRequest, type Snapshot, withDerivedTexts } from '@basketwise/data';
import { z } from 'zod';
import type { Config, FeatureConfig } from '../config/schema.ts';
import { driverOf } from '../drivers/drivers.ts';
import { isAsRecorded } from '../run/files.ts';
import { publishedNights } from '../run/published-runs.ts';
import { readSealed } from '../run/seal.ts';
import { changingFeatures } from './feature-plan.ts';

/** File of a run folder with what a run keeps of features that change, for later runs. */
export const keptFile = 'features.parquet';

/** Days after which what a run kept is the past no more: as of a history. */
const keptDays = 366;

/** Parts of a run's manifest.json that tell what it kept. */
const keptRun = z.object({
  referenceDate: z.string(),
  config: z.looseObject({}),
  files: z.array(z.object({ file: z.string(), bytes: z.number(), sha256: z.string() })),
});

/** An earlier run's knowledge of a date. */
export interface OwnPast {
  run: string;
  /** The run's reference date: the values are as of it. */
  referenceDate: PlainDate;
  /** Absolute path of a Parquet file: `id`, and a column for each feature. */
  file: string;
  sha256: string;
  /** Features that mean the same now as they did then. */
  columns: readonly string[];
}

/** An earlier run's knowledge of a date, as an extraction wants it, and what tells it from others. */
export type KeptPast = FeatureRequest['kept'][number] & { sha256: string };

/** Reads what customers were like at the reference date, by features that change: what `ownPast` finds later. Undefined where none changes. */
export function keptQuery({ manifest, engine }: Snapshot, config: Config): string | undefined {
  const changing = changingFeatures(config).map(([name]) => name);
  if (changing.length === 0) return undefined;
  const columns = changing.map((name) => {
    const cell = manifest.features!.columns.find((column) => column.name === name)!.at[0]!;
    return `${cell.column} AS ${engine.dialect.identifier(name)}`;
  });
  return `SELECT id, ${columns.join(', ')} FROM customers ORDER BY customer`;
}

/**
 * Kept values of published nights in an output folder that tell of a date: the newest of a reference date on or before it, at most a year, that has a
 * feature of this config. One that is not as it was written counts as absent.
 */
export async function ownPast(output: string, date: PlainDate, config: Config): Promise<OwnPast | undefined> {
  const changing = changingFeatures(config);
  if (changing.length === 0) return undefined;
  for (const { run } of (await publishedNights(output)).reverse()) {
    const folder = join(output, 'runs', run);
    const found = keptRun.safeParse(await readSealed(join(folder, 'manifest.json')));
    if (!found.success) continue;
    const { referenceDate, files } = found.data;
    const days = daysSinceEpoch(date) - daysSinceEpoch(referenceDate);
    const record = files.find(({ file }) => file === keptFile);
    if (days < 0 || days > keptDays || record === undefined) continue;
    const before = found.data.config as Partial<Config>;
    const columns = changing.flatMap(([name, feature]) => (isSameFeature(name, feature, config, before) ? [name] : []));
    const file = join(folder, keptFile);
    if (columns.length === 0 || !(await isAsRecorded(file, record))) continue;
    return { run, referenceDate, file, sha256: record.sha256, columns };
  }
  return undefined;
}

/** Kept values of earlier runs that tell of some dates, where one did. */
export async function ownPasts(output: string, dates: readonly PlainDate[], config: Config): Promise<KeptPast[]> {
  const found: KeptPast[] = [];
  for (const date of dates) {
    const past = await ownPast(output, date, config);
    if (past) found.push({ date, asOf: past.referenceDate, file: past.file, columns: past.columns, sha256: past.sha256 });
  }
  return found;
}

/** Whether a feature's values mean what they meant in another config: its own SQL is the same, and that of derived columns in it. */
function isSameFeature(name: string, feature: FeatureConfig, config: Config, before: Partial<Config>): boolean {
  const other = before.features?.[name];
  const { dialect } = driverOf(config.source);
  return other !== undefined && meaningOf(feature, config.derive, dialect) === meaningOf(other, before.derive ?? {}, dialect);
}

function meaningOf(feature: FeatureConfig, derive: Config['derive'], dialect: Dialect): string {
  if ('cross' in feature) return '';
  const sql = 'column' in feature ? dialect.identifier(feature.column) : feature.sql;
  return JSON.stringify([feature.bands === undefined ? 'text' : 'number', ...withDerivedTexts(dialect, sql, derive)]);
}
