import { existsSync, statSync } from 'node:fs';
import type { Command } from 'commander';
import { type Answer, action, type CommonOptions, withCommonOptions } from '../command.ts';
import { stoppable } from '../signals.ts';
import type { Terminal } from '../terminal.ts';

interface VerifyCommandOptions extends CommonOptions {
  hashes?: true;
}

/** Whether an argument is the path of an existing file. Otherwise it is the name of a run. */
function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

async function verify(terminal: Terminal, given: string | undefined, options: VerifyCommandOptions): Promise<Answer> {
  const file = given !== undefined && isFile(terminal.path(given)) ? terminal.path(given) : undefined;
  const { verificationText, verifyArchive, verifyRun } = await import('@basketwise/audit');
  const { openConfig } = await import('@basketwise/pipeline/runs');
  const found = await stoppable(async (signal) => {
    const how = { signal, tell: terminal.tell, hashes: options.hashes === true };
    if (file !== undefined) return verifyArchive(file, how);
    return verifyRun((await openConfig(options.config, terminal.cwd)).output, given, how);
  });
  return { json: found, text: verificationText(found) };
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
