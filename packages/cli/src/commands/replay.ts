import type { Command } from 'commander';
import { type Answer, action } from '../command.ts';
import type { Terminal } from '../terminal.ts';

interface ReplayOptions {
  customer: string;
  json?: true;
}

async function replay(terminal: Terminal, file: string, { customer }: ReplayOptions): Promise<Answer> {
  const { openReplay, replayText } = await import('@basketwise/audit');
  const opened = await openReplay(terminal.path(file));
  try {
    const found = await opened.of(customer);
    return { json: found, text: replayText(found) };
  } finally {
    await opened.close();
  }
}

/** Registers `basketwise replay`: shows the recommendations of a customer in an archived run. */
export function registerReplay(program: Command, terminal: Terminal): void {
  program
    .command('replay')
    .argument('<file>', 'file of an archive with data')
    .description('show the recommendations of a customer in an archived run, with holdings, reasons and rules')
    .requiredOption('--customer <id>', 'id of the customer, as in the customers table')
    .option('--json', 'print one JSON document on stdout')
    .action(action(terminal, (_: string, { json }: ReplayOptions) => json === true, replay));
}
