import type { Command } from 'commander';
import { action, type DatedOptions, datedSettingsOf, withCommonOptions, withReferenceDate } from '../command.ts';
import { stoppable } from '../signals.ts';
import type { Terminal } from '../terminal.ts';

interface EvaluateCommandOptions extends DatedOptions {
  campaign?: string[];
}

async function evaluateModels(terminal: Terminal, options: EvaluateCommandOptions) {
  const { campaign } = options;
  const { settings, dated } = await datedSettingsOf(options, terminal);
  const { evaluate, evaluationSummary } = await import('@basketwise/insight');
  const report = await stoppable((signal) =>
    evaluate(settings, {
      signal,
      step: (text) => terminal.say(`evaluate: ${text}\n`),
      ...dated,
      ...(campaign === undefined ? {} : { campaigns: campaign }),
    }),
  );
  return {
    json: report,
    text: `${evaluationSummary(report)}\nAll measures, by products held, history, cluster and segment:\n${report.file}\n`,
  };
}

/** Registers `basketwise evaluate`: compares models by how well they predict later purchases. */
export function registerEvaluate(program: Command, terminal: Terminal): void {
  withReferenceDate(withCommonOptions(program.command('evaluate')), 'end of the last test window')
    .description('train as of a past date and test on the purchases since, with intervals')
    .option('--campaign <name...>', 'only these campaigns')
    .action(action(terminal, ({ json }: EvaluateCommandOptions) => json === true, evaluateModels));
}
