import type { Command } from 'commander';
import { action, type CommonOptions, withCommonOptions } from '../command.ts';
import { stoppable } from '../signals.ts';
import { say } from '../streams.ts';

interface EvaluateOptions extends CommonOptions {
  referenceDate?: string;
  campaign?: string[];
}

async function run({ config, referenceDate, campaign }: EvaluateOptions) {
  const { evaluate, evaluationSummary, loadConfig } = await import('@basketwise/pipeline');
  const settings = await loadConfig(config);
  const report = await stoppable((signal) =>
    evaluate(settings, {
      signal,
      step: (text) => say(`evaluate: ${text}\n`),
      ...(referenceDate === undefined ? {} : { referenceDate }),
      ...(campaign === undefined ? {} : { campaigns: campaign }),
    }),
  );
  return {
    json: report,
    text: `${evaluationSummary(report)}\nAll measures, by products held, history, cluster and segment:\n${report.file}\n`,
  };
}

/** `basketwise evaluate`: how good the models are, on what customers bought since. */
export function registerEvaluate(program: Command): void {
  withCommonOptions(program.command('evaluate'))
    .description('train as of a past date and test on what customers acquired since, with intervals')
    .option('--reference-date <date>', 'the day on which the last test window ends, YYYY-MM-DD, instead of the config')
    .option('--campaign <name...>', 'only these campaigns')
    .action(action(({ json }: EvaluateOptions) => json === true, run));
}
