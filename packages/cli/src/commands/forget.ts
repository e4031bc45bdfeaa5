import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { type Answer, action, type SignerOptions, signerOf, withSigner } from '../command.ts';
import type { Terminal } from '../terminal.ts';

interface ForgetOptions extends SignerOptions {
  customer?: string[];
  list?: string;
  archive?: string[];
}

async function forget(terminal: Terminal, options: ForgetOptions): Promise<Answer> {
  const { config, customer = [], list, archive = [], as, key } = options;
  const { openConfig } = await import('@basketwise/pipeline/runs');
  const { output, needsApprovals, settings } = await openConfig(config, terminal.cwd);
  const listed = list === undefined ? [] : await idsIn(terminal.path(list));
  const { erasureText, forgetCustomers } = await import('@basketwise/audit');
  const archives = archive.map((path) => terminal.path(path));
  const isSigned = as !== undefined || key !== undefined;
  const release = isSigned ? await import('@basketwise/audit/release') : undefined;
  const signer = await release?.erasureSigner(await settings(), signerOf(options, terminal));
  const found = await forgetCustomers(output, [...new Set([...customer, ...listed])], archives, signer);
  return { json: found, text: erasureText(found, needsApprovals) };
}

/**
 * Reads customer ids from a file, one per line.
 * @throws AppError missing-input without the file
 */
async function idsIn(path: string): Promise<string[]> {
  const { ifThere } = await import('@basketwise/pipeline/runs');
  const text = await ifThere(path, readFile(path, 'utf8'));
  if (text !== undefined) return text.split(/\r?\n/).filter((line) => line !== '');
  const { AppError } = await import('@basketwise/core/error');
  throw new AppError('missing-input', `there is no ${path}`, 'Name a file with an id a line.');
}

/** Registers `basketwise forget`: erases customers from run folders and archives. */
export function registerForget(program: Command, terminal: Terminal): void {
  withSigner(program.command('forget'))
    .description('erase customers from all run folders and archives; the tables of the bank do not change')
    .option('--customer <id...>', 'ids of the customers, as in the customers table')
    .option('--list <file>', 'file with an id a line')
    .option('--archive <file...>', 'archives outside output.dir/archives')
    .action(action(terminal, ({ json }: ForgetOptions) => json === true, forget));
}
