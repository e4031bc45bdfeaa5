import type { Command } from 'commander';
import { type Answer, action, type SignerOptions, settingsOf, signerOf, withSigner } from '../command.ts';
import type { Terminal } from '../terminal.ts';

interface RejectOptions extends SignerOptions {
  because: string;
}

async function reject(terminal: Terminal, run: string, options: RejectOptions): Promise<Answer> {
  const settings = await settingsOf(options.config, terminal);
  const { approvalsText, rejectRun } = await import('@basketwise/audit/release');
  const found = await rejectRun(settings, run, options.because, signerOf(options, terminal));
  return { json: found, text: approvalsText(found) };
}

/** Registers `basketwise reject`: rejects a prepared run. This cannot be undone. */
export function registerReject(program: Command, terminal: Terminal): void {
  withSigner(program.command('reject'))
    .argument('<run>', 'name of the run folder')
    .description('reject a prepared run for good')
    .requiredOption('--because <text>', 'reason, for the journal')
    .action(action(terminal, (_: string, { json }: SignerOptions) => json === true, reject));
}
