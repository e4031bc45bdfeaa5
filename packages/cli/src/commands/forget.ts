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
  const given = new Map([...listed, ...customer.map((id, i) => [id, `--customer, id ${i + 1}`] as const)]);
  const { erasureText, forgetCustomers } = await import('@basketwise/audit');
  const { exitCodes } = await import('@basketwise/core/base');
  const archives = archive.map((path) => terminal.path(path));
  const isSigned = as !== undefined || key !== undefined;
  const release = isSigned ? await import('@basketwise/audit') : undefined;
  const signer = await release?.erasureSigner(await settings(), signerOf(options, terminal));
  const erasure = await forgetCustomers(output, [...given.keys()], archives, signer);
  const places = [...given.values()];
  const json = { ...erasure, absent: erasure.absent.map((i) => places[i]!) };
  const text = `${erasureText(erasure, needsApprovals)}${absentText(json.absent)}`;
  return { json, text, ...(json.absent.length > 0 && { exitCode: exitCodes['missing-input'] }) };
}

/** Largest number of ids that are named in the text. */
const mostNamed = 20;

/** Names the ids that were nowhere by their places in the command line or the list, never by themselves. */
function absentText(places: readonly string[]): string {
  if (places.length === 0) return '';
  const more = places.length > mostNamed ? `, and ${places.length - mostNamed} more` : '';
  return `NOT FOUND in any run or archive (ids count with leading zeros and blanks): ${places.slice(0, mostNamed).join('; ')}${more}\n`;
}

/**
 * Reads customer ids from a file, one per line.
 * @returns ids with the place of each
 * @throws AppError missing-input without the file
 */
async function idsIn(path: string): Promise<[id: string, place: string][]> {
  const { ifThere } = await import('@basketwise/pipeline/runs');
  const bytes = await ifThere(path, readFile(path));
  if (bytes !== undefined) {
    const lines = new TextDecoder().decode(bytes).split(/\r?\n/); // without a byte order mark
    return lines.flatMap((line, i) => (line === '' ? [] : [[line, `line ${i + 1}`]]));
  }
  const { AppError } = await import('@basketwise/core/base');
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
