import { offerWarnings, purchaseDays } from '@basketwise/offers';
import { verdictWarnings } from '@basketwise/recommend';
import { namedClasses, planCampaigns, probabilityMeaning, undatedWarning } from '../config/campaign-plan.ts';
import { settingsPath } from '../config/load.ts';
import { contactFile } from '../outcomes/contact-file.ts';
import { readQuality } from '../report/quality-figures.ts';
import type { RunReport } from '../report/run-report.ts';
import { writeReport } from '../report/write-report.ts';
import { calibrate, salesWarning, verdictFor } from './calibrate.ts';
import { choose } from './choose.ts';
import { cluster } from './cluster.ts';
import { decide } from './decide.ts';
import { extract } from './extract.ts';
import { features } from './features.ts';
import { calibrationsOfWindow, uncalibratedWarnings } from './list-calibration.ts';
import { outcomes } from './outcomes.ts';
import { publish } from './publish.ts';
import { previousRun } from './run-context.ts';
import { segment } from './segment.ts';
import type { Night, Results, Stage } from './stage.ts';
import { train } from './train.ts';

/** Stage that writes the report of the run. It contains a comparison with the previous run, and the last evaluation and tuning. */
export const report: Stage<null> = {
  name: 'report',
  when: ({ output }) => output.report,
  without: null,
  key: async ({ context: { folder, settings } }) => {
    const { release } = settings.config;
    return release ? `${folder.previousKey} ${release.approvals}` : folder.previousKey;
  },
  async work(night, results) {
    const { context, site } = night;
    const { settings, folder, warn, warnings } = context;
    const quality = await readQuality(settingsPath(settings, settings.config.output.dir), warn);
    const bank = await site.bank(results.of(cluster));
    const known = { products: await (await context.snapshot()).products(), holders: await bank.holders() };
    const made = reportOf(night, results);
    const whole = { ...made, warnings: [...made.warnings, ...warnings] };
    return writeReport(folder, whole, known, quality, await previousRun(context));
  },
};

/** Report of the results of a run. Warnings of `RunContext` are left out. */
export function reportOf({ context }: Night, results: Results): RunReport {
  const { folder, settings, referenceDate } = context;
  const { config } = settings;
  const [bank, known, clusters] = [results.of(extract).summary, results.of(features).summary, results.of(cluster).summary];
  const [choices, listed, offers] = [results.of(choose).summary, results.of(calibrate).summary, results.of(decide).summary];
  const calibrations = calibrationsOfWindow(listed);
  const names = planCampaigns(config).map(({ name }) => name);
  const trainings = results.each(train).map(({ summary }) => summary);
  return {
    ...{ run: folder.name, referenceDate, folder: folder.path, extract: bank, classes: namedClasses(config) },
    ...{ features: known, segments: results.of(segment).summary, clusters, trainings },
    choices: choices.map(({ olderSpec: _, ...choice }) => choice),
    verdicts: names.map((name) => verdictFor(name, choices, calibrations)),
    probability: probabilityMeaning(config),
    windowEnd: config.tables.holdings.date === null ? null : purchaseDays(referenceDate, config.evaluate)[1],
    ...{ unit: config.offers?.unit ?? null, hasControl: config.offers?.control !== undefined },
    earlier: names.map((name) => calibrations.find(({ campaign }) => campaign === name)?.earlier ?? null),
    ...{ campaigns: results.of(publish).summary, offers, outcomes: results.of(outcomes).summary },
    // A run of only some campaigns is never published, so that its contact list is never used.
    contactList: folder.identity.aside ? null : { file: contactFile, approvals: config.release?.approvals ?? null },
    warnings: [
      ...offerWarnings(offers, bank),
      ...undatedWarning(config),
      ...uncalibratedWarnings(listed, names),
      ...salesWarning(calibrations, referenceDate),
      ...settings.warnings,
      ...(known?.warnings ?? []),
      ...[...clusters, ...choices, ...trainings].flatMap(({ warnings }) => warnings),
      ...calibrations.flatMap(({ campaign, verdict }) => verdictWarnings(campaign, verdict)),
    ],
    stages: folder.stages,
  };
}
