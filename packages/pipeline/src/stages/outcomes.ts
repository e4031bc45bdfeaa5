import type { Outcomes } from '@basketwise/offers';
import { settingsPath } from '../config/load.ts';
import { keepWarning, readOut, readOutNights, readOutRuns } from '../outcomes/outcomes.ts';
import { outcomesFile, writeOutcomes } from '../outcomes/outcomes-file.ts';
import { keyOfNights } from '../run/published-runs.ts';
import type { Night } from './night.ts';
import type { Stage } from './stage.ts';

/** Stage that evaluates earlier runs after the end of their windows. Writes outcomes.parquet. Null without offers. */
export const outcomes: Stage<Outcomes | null> = {
  name: 'outcomes',
  // Without dates no purchase is known to be within a window.
  when: ({ offers, tables }) => offers !== undefined && tables.holdings.date !== null,
  without: null,
  // Earlier runs may be repeated, rolled back or late.
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
