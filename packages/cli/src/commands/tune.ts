import type { Command } from 'commander';
import { action, type DatedOptions, datedSettingsOf, withCommonOptions, withReferenceDate } from '../command.ts';
import { stoppable } from '../signals.ts';
import type { Terminal } from '../terminal.ts';

interface TuneCommandOptions extends DatedOptions {
  campaign?: string[];
}

/** Returns a function that reports a tuning on stderr: its progress, speed and remaining time. */
function progressLines({ say }: Terminal): (done: number, of: number, fresh: number) => void {
  const start = performance.now();
  let [began, before] = [0, 0];
  return (done, total, fresh) => {
    if (fresh === 0) return;
    const now = performance.now();
    if (began === 0) [began, before] = [now, fresh];
    const perMinute = ((fresh - before) * 60_000) / (now - began);
    const pace =
      perMinute > 0 ? `, ${perMinute.toFixed(0)} a minute, ${((total - done) / perMinute).toFixed(1)} minutes left` : '';
    say(`tune: ${done} of ${total} trials${pace}\n`);
    if (done < total) return;
    const minutes = (now - start) / 60_000;
    const speed = `${(fresh / minutes).toFixed(0)} a minute, reading the bank included`;
    say(`tune: ${fresh} trials in ${minutes.toFixed(1)} minutes, ${speed}\n`);
  };
}

async function tuneModels(terminal: Terminal, options: TuneCommandOptions) {
  const { campaign } = options;
  const { settings, dated } = await datedSettingsOf(options, terminal);
  const { settingsPath } = await import('@basketwise/pipeline');
  const { tune, tuningSummary } = await import('@basketwise/insight');
  const report = await stoppable((signal) =>
    tune(settings, {
      signal,
      step: (text) => terminal.say(`tune: ${text}\n`),
      progress: progressLines(terminal),
      ...dated,
      ...(campaign === undefined ? {} : { campaigns: campaign }),
    }),
  );
  const output = settingsPath(settings, settings.config.output.dir);
  return {
    json: report,
    text: `${tuningSummary(report)}\nAll trials, and what to merge into the config:\n${output}/tune.{md,html,yaml}\n`,
  };
}

/** Registers `basketwise tune`: searches for the best parameters of each campaign's model. */
export function registerTune(program: Command, terminal: Terminal): void {
  withReferenceDate(withCommonOptions(program.command('tune')), 'end of the last test window')
    .description('try the models of `tune` on an inner split, then test the best one once outside it; a stopped command resumes')
    .option('--campaign <name...>', 'only these campaigns')
    .action(action(terminal, ({ json }: TuneCommandOptions) => json === true, tuneModels));
}
