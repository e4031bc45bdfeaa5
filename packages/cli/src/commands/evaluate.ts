import type { Command } from 'commander';
import { action, type CommonOptions, settingsOf, withCommonOptions } from '../command.ts';
import { dayOfText } from '../option-values.ts';
import { stoppable } from '../signals.ts';
import type { Terminal } from '../terminal.ts';

interface EvaluateCommandOptions extends CommonOptions {
  referenceDate?: string;
  campaign?: string[];
}

async function run(terminal: Terminal, { config, referenceDate, campaign }: EvaluateCommandOptions) {
  const settings = await settingsOf(config, terminal);
  const { evaluate, evaluationSummary } = await import('@basketwise/insight');
  const report = await stoppable((signal) =>
    evaluate(settings, {
      signal,
      step: (text) => terminal.say(`evaluate: ${text}\n`),
      ...(referenceDate === undefined ? {} : { referenceDate }),
      ...(campaign === undefined ? {} : { campaigns: campaign }),
    }),
  );
  return {
    json: report,
    text: `${evaluationSummary(report)}\nAll measures, by products held, history, cluster and segment:\n${report.file}\n`,
  };
}

/** `basketwise evaluate`: compares the models on later purchases. */
export function registerEvaluate(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('evaluate'))
    .description('train as of a past date and test on the purchases since, with intervals')
    .option(
      '--reference-date <date>',
      'end of the last test window, instead of the reference date of the config: YYYY-MM-DD, `today`, `yesterday`',
      dayOfText,
    )
    .option('--campaign <name...>', 'only these campaigns')
    .action(action(terminal, ({ json }: EvaluateCommandOptions) => json === true, run));
}
