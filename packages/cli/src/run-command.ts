import { Command, CommanderError } from 'commander';
import { commandGroups } from './commands/index.ts';
import { usageExitCode } from './failure.ts';
import { exitCodeHelp, pagesHelp, version } from './program.ts';
import { type Surroundings, Terminal } from './terminal.ts';

/** Removes the values of options from a message about the command line, because a mistyped option may have a secret. */
function withoutOptionValues(text: string): string {
  return text.replace(/'(--?[\w-]+)=[\s\S]*'/, "'$1'").replace(/ argument '[\s\S]*' is invalid/, ': its value is invalid');
}

/** Makes the parser of the command line, with all commands and options. */
export function commandLine(
  terminal = new Terminal({ stdout: process.stdout, stderr: process.stderr, cwd: process.cwd() }),
): Command {
  const program = new Command('basketwise')
    .description('Product recommendation for retail banks: one nightly batch on a commodity server')
    .version(version())
    .showHelpAfterError('(--help lists commands and options)')
    .addHelpText('after', exitCodeHelp + pagesHelp())
    .configureOutput({
      writeOut: terminal.print,
      writeErr: terminal.say,
      outputError: (text, write) => write(withoutOptionValues(text)),
    })
    .exitOverride();
  for (const { heading, example, commands } of commandGroups) {
    program.commandsGroup(`${heading}, such as basketwise ${example}:`);
    for (const register of commands) register(program, terminal);
  }
  return program;
}

/**
 * Runs one command with the given streams and folder. The state of the process does not change.
 * @param args arguments after the name of the program
 * @returns the exit code
 */
export async function runCommand(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const terminal = new Terminal(surroundings);
  try {
    await commandLine(terminal).parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return usageExitCode(error);
  }
  return terminal.exitCode;
}
