import type { Command } from 'commander';
import { type Answer, action, type SignerOptions, settingsOf, signerOf, withSigner } from '../command.ts';
import { stoppable } from '../signals.ts';
import type { Terminal } from '../terminal.ts';

interface ResumeOptions extends SignerOptions {
  because?: string;
}

async function resume(terminal: Terminal, options: ResumeOptions): Promise<Answer> {
  const settings = await settingsOf(options.config, terminal);
  const { publicationText, resumePublication } = await import('@basketwise/audit/release');
  const signer = signerOf(options, terminal);
  const found = await stoppable((signal) => resumePublication(settings, options.because, signer, signal));
  return { json: found, text: publicationText(found) };
}

/** Registers `basketwise resume`: ends a stop, so that runs can be published again. */
export function registerResume(program: Command, terminal: Terminal): void {
  withSigner(program.command('resume'))
    .description('end a stop, by a key that may resume; runs need their approvals again')
    .option('--because <text>', 'reason, for the journal')
    .action(action(terminal, ({ json }: ResumeOptions) => json === true, resume));
}
