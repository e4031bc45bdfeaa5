import type { PlainDate } from '@basketwise/core/parts';
import { featureColumn, openSources } from '@basketwise/data/engine';
import type { Config } from '../config/schema.ts';
import type { Source } from '../drivers/driver.ts';
import { checkCodedColumns } from '../features/fit-codings.ts';
import { requestTo } from './extract-request.ts';

/**
 * Counts the values of fixed features without bands in one scan of the customers table, before any extraction. Returns the number
 * of features counted.
 * The stage `features` checks changing features, because models rank by them only once their past is known.
 * @throws AppError config for a feature that is a key of customers, or with too many values, as the stage `features` does
 */
export async function checkLevels(source: Source, config: Config, date: PlainDate): Promise<number> {
  const { engine } = source;
  const request = requestTo(source, config, date, { dates: [date], tableDate: date, kept: [] });
  const { items = [] } = request.features ?? {};
  const counted = [...items.entries()].filter(([, { kind, fixed, past }]) => kind === 'text' && fixed && past !== true);
  if (counted.length === 0) return 0;
  const { customers } = await openSources(engine, request, {});
  const columns = new Map(counted.map(([, { name }], i) => [name, `feature_${i}`]));
  const values = counted.map(([item], i) => `${featureColumn(engine.dialect, request.features!, item, 0).sql} AS feature_${i}`);
  await checkCodedColumns(
    engine,
    `(SELECT ${values.join(', ')} FROM ${customers.from} customers) featured`,
    columns,
    customers.rows,
  );
  return counted.length;
}
