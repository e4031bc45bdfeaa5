import type { Command } from 'commander';
import { type Answer, action, type CommonOptions, settingsOf, withCommonOptions } from '../command.ts';
import type { Terminal } from '../terminal.ts';

async function showProfile(terminal: Terminal, { config }: CommonOptions): Promise<Answer> {
  const settings = await settingsOf(config, terminal);
  const { bankProfileText, profileBank, writeBankProfile } = await import('@basketwise/insight');
  const profile = await profileBank(settings, terminal);
  const page = await writeBankProfile(settings, profile);
  return { json: { ...profile, page }, text: bankProfileText(profile, page) };
}

/** Registers `basketwise profile`: prints statistics of the bank's tables. */
export function registerProfile(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('profile'))
    .description('show customers, holdings, products, classes, dates and anomalies of the bank; write profile.html')
    .action(action(terminal, ({ json }: CommonOptions) => json === true, showProfile));
}
