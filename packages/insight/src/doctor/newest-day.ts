import type { PlainDate } from '@basketwise/core/parts';
import { newestDay } from '@basketwise/data';
import type { Settings } from '@basketwise/pipeline';
import { requestTo, threadCount } from '@basketwise/pipeline/parts';
import { lastDate } from './data-check.ts';
import { withSource } from './doctor.ts';

/**
 * Newest day in the holdings of a config, which is the reference date `latest`.
 * @throws AppError config if holdings have no column of days, missing-input if no holding has a day
 */
export function newestDayOf(settings: Settings): Promise<PlainDate> {
  const { config } = settings;
  return withSource(settings, threadCount(config.workers), async (source) => {
    return (await newestDay(source.engine, requestTo(source, config, lastDate))) as PlainDate;
  });
}
