import type { Command } from 'commander';
import { action } from '../command.ts';
import { manPage } from '../man-page.ts';
import { exitCodeHelp, version } from '../program.ts';
import type { Terminal } from '../terminal.ts';

/** Registers `basketwise man`: prints the manual page in the format of `man`. */
export function registerMan(program: Command, terminal: Terminal): void {
  program
    .command('man')
    .description('print the manual page for `man`: basketwise man > /usr/local/share/man/man1/basketwise.1')
    .action(
      action(
        terminal,
        () => false,
        async () => {
          const text = manPage(program, { version: version(), notes: exitCodeHelp });
          return { json: { text }, text };
        },
      ),
    );
}
