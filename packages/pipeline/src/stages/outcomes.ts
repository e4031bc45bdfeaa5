import { settingsPath } from '../config/load.ts';
import { keepWarning, type Outcomes, readOut, readOutNights, readOutRuns } from '../outcomes/outcomes.ts';
import { outcomesFile, writeOutcomes } from '../outcomes/outcomes-file.ts';
import { keyOfNights } from '../run/published-runs.ts';
import type { RunContext } from './run-context.ts';

/** Reads out the earlier runs whose window is over; writes outcomes.parquet. */
export async function outcomesStage(context: RunContext): Promise<Outcomes> {
  const { settings, referenceDate, folder } = context;
  const { evaluate } = settings.config;
  const output = settingsPath(settings, settings.config.output.dir);
  const runs = () => readOutRuns(output, referenceDate, evaluate);
  const { keep } = settings.config.output;
  const warning = folder.isPublished ? null : await keepWarning(output, keep, referenceDate, evaluate);
  if (warning !== null) context.warn(warning);
  return await folder.stage({
    name: 'outcomes',
    // nights before are done again, rolled back from, or come late
    key: async () => keyOfNights(await readOutNights(output, referenceDate, evaluate)),
    work: async () => {
      const { engine } = await context.snapshot();
      const summary = await readOut(engine, referenceDate, evaluate, await runs());
      await writeOutcomes(engine, summary, folder.file(outcomesFile));
      return { files: [outcomesFile], summary };
    },
  });
}
