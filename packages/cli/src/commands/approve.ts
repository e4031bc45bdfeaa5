import type { Command } from 'commander';
import { type Answer, action, type SignerOptions, settingsOf, signerOf, withSigner } from '../command.ts';
import type { Terminal } from '../terminal.ts';

async function approve(terminal: Terminal, run: string, options: SignerOptions): Promise<Answer> {
  const settings = await settingsOf(options.config, terminal);
  const { approvalsText, approveRun } = await import('@basketwise/audit/release');
  const found = await approveRun(settings, run, signerOf(options, terminal));
  return { json: found, text: approvalsText(found) };
}

/** Registers `basketwise approve`: compares all files of a prepared run with their hashes, and signs the run. */
export function registerApprove(program: Command, terminal: Terminal): void {
  withSigner(program.command('approve'))
    .argument('<run>', 'name of the run folder')
    .description('sign a prepared run after comparing all its files with their hashes')
    .action(action(terminal, (_: string, { json }: SignerOptions) => json === true, approve));
}
