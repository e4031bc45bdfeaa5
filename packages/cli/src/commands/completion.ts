import { Argument, type Command } from 'commander';
import { action } from '../command.ts';
import { completionScript, type Shell, shells } from '../completion.ts';
import type { Terminal } from '../terminal.ts';

/** Registers `basketwise completion`: prints a script with which a shell completes commands, options and file names. */
export function registerCompletion(program: Command, terminal: Terminal): void {
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'the shell').choices(shells))
    .description('print a completion script: source <(basketwise completion bash)')
    .action(
      action(
        terminal,
        (_: Shell) => false,
        async (_, shell) => {
          const text = completionScript(program, shell);
          return { json: { text }, text };
        },
      ),
    );
}
