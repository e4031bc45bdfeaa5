import type { Settings } from '@basketwise/pipeline';
import type { Command } from 'commander';
import {
  type Answer,
  action,
  type DatedOptions,
  datedSettingsOf,
  exitCodeNumber,
  signerOf,
  withReferenceDate,
  withSigner,
} from '../command.ts';
import { type JobAnswer, runWithProgress } from '../run-job.ts';
import type { Terminal } from '../terminal.ts';

interface RunCommandOptions extends DatedOptions {
  acceptDrop?: true;
  stage?: string;
  dryRun?: true;
  select?: string[];
  skipExit?: number;
  as?: string;
  key?: string;
}

/** Parses a range of stages: `B` or `..B` (stop after B), `A..` (repeat from A), or `A..B` (both). */
function stagesOf(text: string): { from?: string; until?: string } {
  const [from, until] = text.includes('..') ? text.split('..', 2) : ['', text];
  return { ...(from ? { from } : {}), ...(until ? { until } : {}) };
}

async function run(terminal: Terminal, options: RunCommandOptions): Promise<Answer> {
  const { acceptDrop, stage, dryRun: isDry, select, skipExit } = options;
  const { settings: whole, dated } = await datedSettingsOf(options, terminal);
  const settings = select ? (await import('../select-campaigns.ts')).selectCampaigns(whole, select) : whole;
  if (isDry) {
    const { dryRun, dryRunText } = await import('@basketwise/insight');
    const plan = await dryRun(settings, dated.referenceDate, select !== undefined);
    return { json: plan, text: dryRunText(plan) };
  }
  const isReleased = settings.config.release !== undefined && select === undefined;
  const signer = signerOf(options, terminal);
  if (isReleased) await (await import('@basketwise/audit')).needRunKey(settings, signer);
  const answer = await runWithProgress(terminal, settings, {
    ...dated,
    acceptDrop: acceptDrop ?? false,
    aside: select !== undefined,
    ...(stage === undefined ? {} : { stages: stagesOf(stage) }),
  });
  const answered = isReleased ? await prepared(settings, answer, signer) : answer;
  return answered.isDone && skipExit !== undefined ? { ...answered, exitCode: skipExit } : answered;
}

/** Enters a finished run into the journal, where it waits for its approvals. */
async function prepared(settings: Settings, answer: JobAnswer, signer: { as?: string; key?: string }): Promise<JobAnswer> {
  const { run, stoppedAfter } = answer.json as { run: string; stoppedAfter?: string };
  if (stoppedAfter !== undefined) return answer;
  const { approvalsText, enterRun } = await import('@basketwise/audit');
  const release = await enterRun(settings, run, signer);
  return { ...answer, json: { ...(answer.json as object), release }, text: `${answer.text}${approvalsText(release)}` };
}

/** Registers `basketwise run`: runs the batch job. */
export function registerRun(program: Command, terminal: Terminal): void {
  const command = withSigner(program.command('run')).description(
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
