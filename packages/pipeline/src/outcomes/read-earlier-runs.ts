import { join } from 'node:path';
import type { Outcomes } from '@basketwise/offers';
import { type Settings, settingsPath } from '../config/load.ts';
import { checkWritten } from '../run/written-paths.ts';
import { threadCount } from '../source/engine-options.ts';
import { openRunSnapshot } from '../source/run-snapshot.ts';
import { readOut, readOutRuns } from './outcomes.ts';
import { outcomesFile, writeOutcomes } from './outcomes-file.ts';

/**
 * Evaluates the offers of all runs whose purchase window ended by the reference date of the latest run. Purchases come from the
 * snapshot of that run. Writes outcomes.parquet to the output folder.
 * @throws AppError missing-input before the first run
 */
export async function readEarlierRuns(settings: Settings): Promise<Outcomes & { file: string }> {
  await checkWritten(settings);
  const { config } = settings;
  const output = settingsPath(settings, config.output.dir);
  const { snapshot, close } = await openRunSnapshot(settings, threadCount(config.workers));
  try {
    const date = snapshot.manifest.referenceDate;
    const { evaluate } = config;
    const outcomes = await readOut(snapshot.engine, date, evaluate, await readOutRuns(output, date, evaluate));
    const file = join(output, outcomesFile);
    await writeOutcomes(snapshot.engine, outcomes, file);
    return { ...outcomes, file };
  } finally {
    await close();
  }
}
