import type { Command } from 'commander';
import { type Answer, action, type DatedOptions, datedSettingsOf, withCommonOptions, withReferenceDate } from '../command.ts';
import { exitCodeNumber } from '../option-values.ts';
import { runWithProgress } from '../run-job.ts';
import type { Terminal } from '../terminal.ts';

interface RunCommandOptions extends DatedOptions {
  acceptDrop?: true;
  stage?: string;
  dryRun?: true;
  select?: string[];
  skipExit?: number;
}

/** Reads a range of stages: `B` or `..B` (stop after B), `A..` (repeat from A), or `A..B`. */
function stagesOf(text: string): { from?: string; until?: string } {
  const [from, until] = text.includes('..') ? text.split('..', 2) : ['', text];
  return { ...(from ? { from } : {}), ...(until ? { until } : {}) };
}

async function run(terminal: Terminal, options: RunCommandOptions): Promise<Answer> {
  const { acceptDrop, stage, dryRun: isDry, select, skipExit } = options;
  const { selectCampaigns } = await import('@basketwise/pipeline/base');
  const { settings: whole, dated } = await datedSettingsOf(options, terminal);
  const settings = select ? selectCampaigns(whole, select) : whole;
  if (isDry) {
    const { dryRun, dryRunText } = await import('@basketwise/insight');
    const plan = await dryRun(settings, dated.referenceDate, select !== undefined);
    return { json: plan, text: dryRunText(plan) };
  }
  const answer = await runWithProgress(terminal, settings, {
    ...dated,
    acceptDrop: acceptDrop ?? false,
    aside: select !== undefined,
    ...(stage === undefined ? {} : { stages: stagesOf(stage) }),
  });
  return answer.isDone && skipExit !== undefined ? { ...answer, exitCode: skipExit } : answer;
}

/** `basketwise run`: the batch job. */
export function registerRun(program: Command, terminal: Terminal): void {
  const command = withCommonOptions(program.command('run')).description(
    'run the whole job: extract, cluster, train, score, publish; finished stages are skipped',
  );
  withReferenceDate(command, 'date as of which the run recommends')
    .option('--stage <name>', 'stop after this stage; `NAME..` repeats the stages from NAME on, `A..B` those from A to B')
    .option('--select <campaign...>', 'run only the campaigns `campaign:NAME`, with `*` for any text; `latest` does not change')
    .option('--skip-exit <code>', 'exit code if all stages were finished before', exitCodeNumber)
    .option('--accept-drop', 'continue where a guard would stop the run')
    .option('--dry-run', 'check config and tables, list the stages, estimate memory and disk; write nothing')
    .action(action(terminal, ({ json }: RunCommandOptions) => json === true, run, 0));
}
