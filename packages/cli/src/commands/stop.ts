import type { Command } from 'commander';
import { type Answer, action, type SignerOptions, settingsOf, signerOf, withSigner } from '../command.ts';
import { stoppable } from '../signals.ts';
import type { Terminal } from '../terminal.ts';

interface StopCommandOptions extends SignerOptions {
  because: string;
  to?: string;
}

async function stopLists(terminal: Terminal, options: StopCommandOptions): Promise<Answer> {
  const settings = await settingsOf(options.config, terminal);
  const { because, to } = options;
  const { publicationText, stopPublication } = await import('@basketwise/audit/release');
  const found = await stoppable((signal) => stopPublication(settings, { because, to, ...signerOf(options, terminal) }, signal));
  return { json: found, text: publicationText(found) };
}

/** Registers `basketwise stop`: withdraws published lists, and blocks further publication. */
export function registerStop(program: Command, terminal: Terminal): void {
  withSigner(program.command('stop'))
    .description('take `latest` and the rows of servers back, and publish nothing until `resume`; needs no key')
    .requiredOption('--because <text>', 'reason, for the journal')
    .option('--to <run>', 'earlier published run to fall back to; no run stays published without it')
    .action(action(terminal, ({ json }: StopCommandOptions) => json === true, stopLists));
}
