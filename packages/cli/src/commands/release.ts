import type { Command } from 'commander';
import {
  type Answer,
  action,
  type CommonOptions,
  type SignerOptions,
  settingsOf,
  signerOf,
  withCommonOptions,
  withSigner,
} from '../command.ts';
import { stoppable } from '../signals.ts';
import type { Terminal } from '../terminal.ts';

async function release(terminal: Terminal, run: string, options: SignerOptions): Promise<Answer> {
  const settings = await settingsOf(options.config, terminal);
  const { publicationText, releaseRun } = await import('@basketwise/audit');
  const publication = await stoppable((signal) => releaseRun(settings, run, signerOf(options, terminal), signal));
  return { json: publication, text: publicationText(publication) };
}

/** Registers `basketwise release`: publishes a run that has its approvals. */
export function registerRelease(program: Command, terminal: Terminal): void {
  withSigner(program.command('release'))
    .argument('<run>', 'name of the run folder')
    .description('publish a run that has its approvals: to servers, then as `latest`')
    .action(action(terminal, (_: string, { json }: SignerOptions) => json === true, release));
}

async function approve(terminal: Terminal, run: string, options: SignerOptions): Promise<Answer> {
  const settings = await settingsOf(options.config, terminal);
  const { approvalsText, approveRun } = await import('@basketwise/audit');
  const approvals = await approveRun(settings, run, signerOf(options, terminal));
  return { json: approvals, text: approvalsText(approvals) };
}

/** Registers `basketwise approve`: compares all files of a prepared run with their hashes, and signs the run. */
export function registerApprove(program: Command, terminal: Terminal): void {
  withSigner(program.command('approve'))
    .argument('<run>', 'name of the run folder')
    .description('sign a prepared run after comparing all its files with their hashes')
    .action(action(terminal, (_: string, { json }: SignerOptions) => json === true, approve));
}

interface RejectOptions extends SignerOptions {
  because: string;
}

async function reject(terminal: Terminal, run: string, options: RejectOptions): Promise<Answer> {
  const settings = await settingsOf(options.config, terminal);
  const { approvalsText, rejectRun } = await import('@basketwise/audit');
  const approvals = await rejectRun(settings, run, options.because, signerOf(options, terminal));
  return { json: approvals, text: approvalsText(approvals) };
}

/** Registers `basketwise reject`: rejects a prepared run. This cannot be undone. */
export function registerReject(program: Command, terminal: Terminal): void {
  withSigner(program.command('reject'))
    .argument('<run>', 'name of the run folder')
    .description('reject a prepared run for good')
    .requiredOption('--because <text>', 'reason, for the journal')
    .action(action(terminal, (_: string, { json }: SignerOptions) => json === true, reject));
}

interface StopCommandOptions extends SignerOptions {
  because: string;
  to?: string;
}

async function stopLists(terminal: Terminal, options: StopCommandOptions): Promise<Answer> {
  const settings = await settingsOf(options.config, terminal);
  const { because, to } = options;
  const { publicationText, stopPublication } = await import('@basketwise/audit');
  const publication = await stoppable((signal) =>
    stopPublication(settings, { because, to, ...signerOf(options, terminal) }, signal),
  );
  return { json: publication, text: publicationText(publication) };
}

/** Registers `basketwise stop`: withdraws published lists, and blocks further publication. */
export function registerStop(program: Command, terminal: Terminal): void {
  withSigner(program.command('stop'))
    .description('take `latest` and the rows of servers back, and publish nothing until `resume`; needs no key')
    .requiredOption('--because <text>', 'reason, for the journal')
    .option('--to <run>', 'earlier published run to fall back to; no run stays published without it')
    .action(action(terminal, ({ json }: StopCommandOptions) => json === true, stopLists));
}

interface ResumeOptions extends SignerOptions {
  because?: string;
}

async function resume(terminal: Terminal, options: ResumeOptions): Promise<Answer> {
  const settings = await settingsOf(options.config, terminal);
  const { publicationText, resumePublication } = await import('@basketwise/audit');
  const signer = signerOf(options, terminal);
  const publication = await stoppable((signal) => resumePublication(settings, options.because, signer, signal));
  return { json: publication, text: publicationText(publication) };
}

/** Registers `basketwise resume`: ends a stop, so that runs can be published again. */
export function registerResume(program: Command, terminal: Terminal): void {
  withSigner(program.command('resume'))
    .description('end a stop, by a key that may resume; runs need their approvals again')
    .option('--because <text>', 'reason, for the journal')
    .action(action(terminal, ({ json }: ResumeOptions) => json === true, resume));
}

interface JournalOptions extends CommonOptions {
  noted?: string;
}

async function verifyJournalOf(terminal: Terminal, { config, noted }: JournalOptions): Promise<Answer> {
  const settings = await settingsOf(config, terminal);
  const { journalText, verifyJournal } = await import('@basketwise/audit');
  const verified = await verifyJournal(settings, noted);
  return { json: verified, text: journalText(verified) };
}

/** Registers `basketwise journal verify`: checks the hash chain and the signatures of the journal. */
export function registerJournal(program: Command, terminal: Terminal): void {
  const journal = program.command('journal').description('check the journal of releases, stops and erasures');
  withCommonOptions(journal.command('verify'))
    .description('check that no line of journal.jsonl was changed, cut, moved or forged; prints the hash of the last line')
    .option('--noted <hash>', 'hash of a line that was written down earlier: it must be there')
    .action(action(terminal, ({ json }: JournalOptions) => json === true, verifyJournalOf));
}
