import type { Command } from 'commander';
import { type Answer, action, type SignerOptions, settingsOf, signerOf, withSigner } from '../command.ts';
import { stoppable } from '../signals.ts';
import type { Terminal } from '../terminal.ts';

async function release(terminal: Terminal, run: string, options: SignerOptions): Promise<Answer> {
  const settings = await settingsOf(options.config, terminal);
  const { publicationText, releaseRun } = await import('@basketwise/audit/release');
  const found = await stoppable((signal) => releaseRun(settings, run, signerOf(options, terminal), signal));
  return { json: found, text: publicationText(found) };
}

/** Registers `basketwise release`: publishes a run that has its approvals. */
export function registerRelease(program: Command, terminal: Terminal): void {
  withSigner(program.command('release'))
    .argument('<run>', 'name of the run folder')
    .description('publish a run that has its approvals: to servers, then as `latest`')
    .action(action(terminal, (_: string, { json }: SignerOptions) => json === true, release));
}
