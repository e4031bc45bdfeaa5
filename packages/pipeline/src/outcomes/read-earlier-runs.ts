import { join } from 'node:path';
import type { DuckdbEngine } from '@basketwise/data';
import { nameFinished } from '@basketwise/data/base';
import type { Outcomes } from '@basketwise/offers';
import { type Settings, settingsPath } from '../config/load.ts';
import { checkWritten } from '../run/written-paths.ts';
import { openRunSnapshot, threadCount } from '../source/run-snapshot.ts';
import { readOut, readOutRuns } from './outcomes.ts';

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

/** File with the outcomes of earlier runs' offers. */
export const outcomesFile = 'outcomes.parquet';

/** Writes the exact outcomes (not rounded for publication) to a Parquet file, with a row for each run and group. */
export async function writeOutcomes(engine: DuckdbEngine, { outcomes }: Outcomes, path: string): Promise<void> {
  const { text } = engine.dialect;
  const number = (value: number | null) => (value === null ? 'CAST(NULL AS DOUBLE)' : `CAST(${value} AS DOUBLE)`);
  const rows = outcomes.map(
    ({ run, by, value, isProof, offered, control, difference, lift, proven, missing }) =>
      `(${[text(run), text(by), text(value), isProof, proven].join(', ')}, ${[
        ...[offered.customers, offered.bought, control.customers, control.bought],
        ...[difference.value, difference.low, difference.high, lift.value, lift.low, lift.high, missing],
      ]
        .map(number)
        .join(', ')}, ${text(isProof ? 'first contact' : 'listed')})`,
  );
  const columns =
    '"run", grouped_by, grouped_value, is_proof, proven, offered, offered_bought, control, control_bought, difference, difference_low,' +
    ' difference_high, lift, lift_low, lift_high, customers_missing, estimand';
  const none = `('', '', '', true, true, ${Array.from({ length: 11 }, () => number(0)).join(', ')}, '')`;
  const query = `SELECT * FROM (VALUES ${rows.length > 0 ? rows.join(', ') : none}) outcomes(${columns})${rows.length > 0 ? '' : ' WHERE false'}`;
  const unfinished = `${path}.unfinished`;
  await engine.copyToParquet(query, unfinished, { writing: path });
  await nameFinished(unfinished, path);
}
