import type { Command } from 'commander';
import { type Answer, action, type CommonOptions, withCommonOptions } from '../command.ts';
import { tell } from '../streams.ts';

async function profile({ config }: CommonOptions): Promise<Answer> {
  const { bankProfileText, loadConfig, profileBank, writeBankProfile } = await import('@basketwise/pipeline');
  const settings = await loadConfig(config);
  const found = await profileBank(settings, { tell });
  const page = await writeBankProfile(settings, found);
  return { json: { ...found, page }, text: bankProfileText(found, page) };
}

/** `basketwise profile`: the bank as its tables show it, before anything is recommended. */
export function registerProfile(program: Command): void {
  withCommonOptions(program.command('profile'))
    .description('customers, holdings, products, classes and dates of the bank, and what is odd; writes profile.html')
    .action(action(({ json }: CommonOptions) => json === true, profile));
}
