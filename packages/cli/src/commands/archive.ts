import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { type Answer, action, type CommonOptions, withCommonOptions } from '../command.ts';
import { stoppable } from '../signals.ts';
import type { Terminal } from '../terminal.ts';

interface ArchiveCommandOptions extends CommonOptions {
  to?: string;
  data: boolean;
  overwrite?: true;
}

async function archive(terminal: Terminal, run: string | undefined, options: ArchiveCommandOptions): Promise<Answer> {
  const { openConfig, successfulRun } = await import('@basketwise/pipeline/runs');
  const { output } = await openConfig(options.config, terminal.cwd);
  const name = await successfulRun(output, run);
  const usual = join(output, 'archives', `${name}${options.data ? '' : '-without-data'}.tar`);
  const { archiveRun, archiveText } = await import('@basketwise/audit');
  const file = options.to === undefined ? usual : terminal.path(options.to);
  const made = await archiveRun(output, name, { file, data: options.data, overwrite: options.overwrite === true });
  return { json: made, text: archiveText(made) };
}

/** Registers `basketwise archive`: writes a run to one sealed file. */
export function registerArchive(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('archive'))
    .argument('[run]', 'name of the run; `latest` without it')
    .description('seal a run in one tar file: manifest, models, results, and a hash of each')
    .option('--to <file>', 'file to write (default: output.dir/archives/RUN.tar)')
    .option('--without-data', 'leave out the rows of customers: the archive has their hashes')
    .option('--overwrite', 'replace an existing file')
    .action(
      action(
        terminal,
        (_: string | undefined, { json }: CommonOptions) => json === true,
        (given, run, { withoutData, ...options }: Omit<ArchiveCommandOptions, 'data'> & { withoutData?: true }) =>
          archive(given, run, { ...options, data: withoutData !== true }),
      ),
    );
}

interface VerifyCommandOptions extends CommonOptions {
  hashes?: true;
}

/** Whether an argument is the path of an existing file. Otherwise it is the name of a run. */
function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

async function verify(terminal: Terminal, given: string | undefined, options: VerifyCommandOptions): Promise<Answer> {
  const file = given !== undefined && isFile(terminal.path(given)) ? terminal.path(given) : undefined;
  const { isAllProven, verificationText, verifyArchive, verifyRun } = await import('@basketwise/audit');
  const { openConfig } = await import('@basketwise/pipeline/runs');
  const { exitCodes } = await import('@basketwise/core/base');
  const verification = await stoppable(async (signal) => {
    const how = { signal, tell: terminal.tell, hashes: options.hashes === true };
    if (file !== undefined) return verifyArchive(file, how);
    return verifyRun((await openConfig(options.config, terminal.cwd)).output, given, how);
  });
  const isAll = isAllProven(verification);
  return { json: verification, text: verificationText(verification), ...(!isAll && { exitCode: exitCodes['not-proven'] }) };
}

/**
 * Registers `basketwise verify`: compares the files of a run or an archive with their hashes, and optionally with those of a
 * repeated run.
 */
export function registerVerify(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('verify'))
    .argument('[run|file]', 'name of a run, or file of an archive; the latest run without it')
    .description('compare a run or an archive with its hashes, and make its bytes again')
    .option('--hashes', 'only compare hashes: seconds per GB')
    .action(action(terminal, (_: string | undefined, { json }: VerifyCommandOptions) => json === true, verify));
}

interface ReplayOptions {
  customer: string;
  json?: true;
}

async function replay(terminal: Terminal, file: string, { customer }: ReplayOptions): Promise<Answer> {
  const { openReplay, replayText } = await import('@basketwise/audit');
  const opened = await openReplay(terminal.path(file));
  try {
    const answer = await opened.of(customer);
    return { json: answer, text: replayText(answer) };
  } finally {
    await opened.close();
  }
}

/** Registers `basketwise replay`: shows the recommendations of a customer in an archived run. */
export function registerReplay(program: Command, terminal: Terminal): void {
  program
    .command('replay')
    .argument('<file>', 'file of an archive with data')
    .description('show the recommendations of a customer in an archived run, with holdings, reasons and rules')
    .requiredOption('--customer <id>', 'id of the customer, as in the customers table')
    .option('--json', 'print one JSON document on stdout')
    .action(action(terminal, (_: string, { json }: ReplayOptions) => json === true, replay));
}
