import type { PlainDate } from '@basketwise/core/parts';
import type { Engine, ExtractRequest } from '@basketwise/data';
import { featureColumn, openSources, type SourceTable } from '@basketwise/data/engine';
import type { Config } from '../config/schema.ts';
import type { Source } from '../drivers/driver.ts';
import { codeCategories } from '../features/fit-codings.ts';
import { requestTo } from './extract-request.ts';

/** Positions and names of the fixed text features of a request, without the saved values of past dates. */
function countedFeatures({ features }: ExtractRequest): [item: number, name: string][] {
  return [...(features?.items ?? []).entries()].flatMap(([item, { name, kind, fixed, past }]): [number, string][] =>
    kind === 'text' && fixed && past !== true ? [[item, name]] : [],
  );
}

/**
 * Checks the number of values of fixed features without bands in the opened customers table, before any extraction. The stage
 * `features` checks changing features later, because models rank by them only once their earlier values are known.
 * @returns number of features checked
 * @throws AppError config for a feature that identifies customers or has too many values, as the stage `features` does
 */
export async function checkLevels(engine: Engine, request: ExtractRequest, customers: SourceTable): Promise<number> {
  const counted = countedFeatures(request);
  if (counted.length === 0) return 0;
  const columns = new Map(counted.map(([, name], i) => [name, `feature_${i}`]));
  const features = { ...request.features!, dates: [request.referenceDate] };
  const values = counted.map(([item], i) => `${featureColumn(engine.dialect, features, item, 0).sql} AS feature_${i}`);
  await codeCategories(
    engine,
    `(SELECT ${values.join(', ')} FROM ${customers.from} customers) featured`,
    columns,
    customers.rows,
  );
  return counted.length;
}

/**
 * Opens the tables of a source and calls `checkLevels`, if the config has features to check.
 * @returns number of features checked
 * @throws AppError as `checkLevels`
 */
export async function checkLevelsOf(source: Source, config: Config, date: PlainDate): Promise<number> {
  const request = requestTo(source, config, date, { dates: [date], tableDate: date, kept: [] });
  if (countedFeatures(request).length === 0) return 0;
  const { customers } = await openSources(source.engine, request, {});
  return checkLevels(source.engine, request, customers);
}
