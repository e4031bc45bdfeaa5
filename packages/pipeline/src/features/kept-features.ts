import { join } from 'node:path';
import { daysSinceEpoch, type PlainDate } from '@basketwise/core';
import { type Dialect, type FeatureRequest, type Snapshot, withDerivedTexts } from '@basketwise/data';
import { isAsRecorded } from '@basketwise/data/base';
import { z } from 'zod';
import type { Config, FeatureConfig } from '../config/schema.ts';
import { driverOf } from '../drivers/drivers.ts';
import { readErasures, recordsAfter } from '../run/erasures.ts';
import { publishedNights } from '../run/published-runs.ts';
import { readSealed } from '../run/seal.ts';
import { changingFeatures } from './feature-plan.ts';

/** File of a run folder with the values of changing features. Later runs read it as values of an earlier date. */
export const keptFile = 'features.parquet';

/** Greatest age of saved values in days. The values of a configured history have the same limit. */
const keptDays = 366;

/** Fields of a run's manifest.json about saved values. */
const keptRun = z.object({
  referenceDate: z.string(),
  config: z.looseObject({}),
  files: z.array(z.object({ file: z.string(), bytes: z.number(), sha256: z.string() })),
});

/** Feature values as of an earlier date, saved by the run of that date. */
export interface OwnPast {
  run: string;
  /** Reference date of the run: the date of the values. */
  referenceDate: PlainDate;
  /** Absolute path of a Parquet file: `id`, and a column for each feature. */
  file: string;
  sha256: string;
  /** Saved features whose definition in the present config is unchanged. */
  columns: readonly string[];
}

/** Saved feature values in the form of an extraction request, with the hash of their file. */
export type KeptPast = FeatureRequest['kept'][number] & { sha256: string };

/**
 * Query for the customers' values of changing features at the reference date. The run saves its rows for later runs, which find
 * them by `ownPast`. Undefined if no feature changes.
 */
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
 * Saved feature values for a date, from the published runs of an output folder. Among reference dates on or before `date`, at most a year earlier,
 * the newest counts. At least one feature must have an unchanged definition in this config. Damaged files count as absent.
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
    const made = files.find(({ file }) => file === keptFile);
    if (days < 0 || days > keptDays || made === undefined) continue;
    const record = recordsAfter(await readErasures(folder))(made);
    const before = found.data.config as Partial<Config>;
    const columns = changing.flatMap(([name, feature]) => (isSameFeature(name, feature, config, before) ? [name] : []));
    const file = join(folder, keptFile);
    if (columns.length === 0 || !(await isAsRecorded(file, record))) continue;
    return { run, referenceDate, file, sha256: record.sha256, columns };
  }
  return undefined;
}

/** Saved feature values for several dates. Dates without saved values are left out. */
export async function ownPasts(output: string, dates: readonly PlainDate[], config: Config): Promise<KeptPast[]> {
  const found: KeptPast[] = [];
  for (const date of dates) {
    const past = await ownPast(output, date, config);
    if (past) found.push({ date, asOf: past.referenceDate, file: past.file, columns: past.columns, sha256: past.sha256 });
  }
  return found;
}

/** Whether a feature is defined equally in another config: its own SQL and the SQL of its derived columns are equal. */
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
