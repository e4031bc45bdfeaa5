import { required } from '@basketwise/core';
import { queryRows } from '@basketwise/data';
import {
  codeSql,
  type FeatureSummary,
  type FeatureValues,
  featureDates,
  fitCodingsOf,
  hasFeatures,
  makeFeatures,
  type RunContext,
  readFeatureFile,
  type StageResult,
} from '@basketwise/pipeline';
import {
  type CodedFeature,
  type ColumnCoding,
  type CustomerContexts,
  contextsOf,
  isColumn,
  withCrossings,
} from '@basketwise/recommend';
import type { HiveRun } from './hive-run.ts';

/** Stage that determines the levels of features, from counts of their values on the server. */
export async function featuresInHive(hiveRun: HiveRun): Promise<StageResult<FeatureSummary>> {
  return await hiveRun.counted('values of features', () =>
    makeFeatures(hiveRun.context, async (_, known) => fitCodingsOf(await valuesInHive(hiveRun), known)),
  );
}

/** Counts the values of each feature among the customers of the run. */
async function valuesInHive({ context, hive, tables }: HiveRun): Promise<FeatureValues> {
  const { manifest } = await context.snapshot();
  const table = tables.named('customers');
  const columnsOf = (name: string) => manifest.features!.columns.find((feature) => feature.name === name)!.at;
  const at = (name: string) => ({ table, column: columnsOf(name)[0]!.column });
  return {
    ...{ engine: hive, customers: manifest.customers.kept, at },
    all: (name) => [...new Set(columnsOf(name).map((cell) => cell!.column))].map((column) => ({ table, column })),
    async codes(columns) {
      const items = columns.map((feature, i) => `${codeSql(hive.dialect, feature, at(feature.name).column)} AS code_${i}`);
      const names = columns.map((_, i) => `code_${i}`).join(', ');
      const sql = `SELECT ${names}, count(*) AS customers FROM (SELECT ${items.join(', ')} FROM ${table}) c GROUP BY ${names}`;
      const rows = await queryRows(hive, sql, { signal: context.signal, place: 'features' });
      const codes = new Map(columns.map(({ name }, i) => [name, Int16Array.from(rows, (row) => Number(row[`code_${i}`]))]));
      return { codes, weight: Uint32Array.from(rows, ({ customers }) => Number(customers)) };
    },
  };
}

/** Features by which models rank, with their levels. Empty if the config has none. */
async function readRankingFeatures({ folder, settings }: RunContext): Promise<readonly CodedFeature[]> {
  return hasFeatures(settings.config) ? (await readFeatureFile(folder.path)).features : [];
}

/**
 * SQL expressions for the columns of the table of facts with the feature levels of each customer. The query names the run's
 * customers `c`. `context_0` is as of the reference date.
 * `context_1` and later ones are as of the windows that models learn from. A value is a text with the code of each feature,
 * separated by commas.
 * Empty without features that models rank by.
 */
export async function contextItems({ context, hive }: HiveRun): Promise<string[]> {
  const columns = (await readRankingFeatures(context)).filter(isColumn) as CodedFeature<ColumnCoding>[];
  if (columns.length === 0) return [];
  const { manifest } = await context.snapshot();
  return featureDates(context.settings.config, context.referenceDate).map((_, date) => {
    const codes = columns.map((feature) => {
      const cell = manifest.features!.columns.find(({ name }) => name === feature.name)!.at[date]!;
      return `CAST(${codeSql(hive.dialect, feature, `c.${cell.column}`)} AS string)`;
    });
    return `concat_ws(',', ${codes.join(', ')}) AS context_${date}`;
  });
}

/**
 * Name of the column of the table of facts with the levels as of the reference date (`date` 0), or of the window at position
 * `date - 1`. Null if models rank by no features.
 */
export async function contextColumn(context: RunContext, date: number): Promise<string | null> {
  return (await readRankingFeatures(context)).length === 0 ? null : `context_${date}`;
}

/**
 * Converts texts of feature codes (see `contextItems`), one per group of customers, to features. Null if models rank by no
 * features.
 */
export async function contextsOfTexts(
  context: RunContext,
  texts: readonly string[],
  weight: Uint32Array,
): Promise<CustomerContexts | null> {
  const features = await readRankingFeatures(context);
  if (features.length === 0) return null;
  const parts = texts.map((text) => text.split(','));
  const columns = features
    .filter(isColumn)
    .map(({ name }, i) => [name, Int16Array.from(parts, (codes) => Number(codes[i]))] as const);
  const codes = withCrossings(features, new Map(columns));
  const ofFeatures = features.map(({ name }) => required(codes, name));
  return { ...contextsOf(features, ofFeatures, texts.length), weight };
}
