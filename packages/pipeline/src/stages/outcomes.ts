import type { Outcomes } from '@basketwise/offers';
import { settingsPath } from '../config/load.ts';
import { keepWarning, readOut, readOutNights, readOutRuns } from '../outcomes/outcomes.ts';
import { outcomesFile, writeOutcomes } from '../outcomes/read-earlier-runs.ts';
import { keyOfNights } from '../run/published-runs.ts';
import type { Night, Stage } from './stage.ts';

/**
 * Stage that evaluates the offers of earlier runs after the end of their purchase windows. Writes outcomes.parquet. Its summary
 * is null if the config has no offers.
 */
export const outcomes: Stage<Outcomes | null> = {
  name: 'outcomes',
  // Without dates it is unknown which purchases are within a window.
  when: ({ offers, tables }) => offers !== undefined && tables.holdings.date !== null,
  without: null,
  // The identity of the run does not cover earlier runs, which may be repeated, rolled back or published late.
  key: async (night) => keyOfNights(await readOutNights(...outcomeRequest(night))),
  async work(night) {
    const { context } = night;
    const [output, date, evaluate] = outcomeRequest(night);
    const { engine } = await context.snapshot();
    const summary = await readOut(engine, date, evaluate, await readOutRuns(output, date, evaluate));
    await writeOutcomes(engine, summary, context.folder.file(outcomesFile));
    return { files: [outcomesFile], summary };
  },
  async after(_, night) {
    const { context, plan } = night;
    if (context.folder.isPublished) return;
    const [output, date, evaluate] = outcomeRequest(night);
    const warning = await keepWarning(output, plan.settings.config.output.keep, date, evaluate);
    if (warning !== null) context.warn(warning);
  },
};

function outcomeRequest({ plan: { settings, identity } }: Night) {
  const { output, evaluate } = settings.config;
  return [settingsPath(settings, output.dir), identity.referenceDate, evaluate] as const;
}
