import { setFlagsFromString } from 'node:v8';
import { Command, CommanderError } from 'commander';
import { commands } from './commands/index.ts';
import { exitCodeHelp } from './exit-code-help.ts';
import { usageExitCode } from './failure.ts';
import { print, say, watchStreams } from './streams.ts';
import { version } from './version.ts';

/** How long the process may live on when its work is done. */
const lingerMilliseconds = 30_000;

/** Reads the command line and runs a command; sets the exit code of the process. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('basketwise')
    .description('Product recommendation for retail banks: one nightly batch on a commodity server')
    .version(version())
    .showHelpAfterError('(--help lists commands and options)')
    .addHelpText('after', exitCodeHelp)
    .configureOutput({ writeOut: print, writeErr: say })
    .exitOverride();
  for (const register of commands) register(program);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = usageExitCode(error);
  }
}

// Nearly all that a command works on are numbers outside of V8's heap, which counts them, but grows by itself alone: it stays at some 30 MB and would
// be collected for every 24 MB of columns that are read. This lets 90 pass.
setFlagsFromString('--heap-growing-percent=300');
// A night runs many functions for a second each: Node 20 compiles them at a third of this, for more than it saves; later ones compile in steps, and take
// no notice.
setFlagsFromString('--interrupt-budget=400000');
watchStreams();
await main(process.argv);
// A service manager waits for the process, not for its work: what is left open must not make a night out of a second.
setTimeout(() => {
  say('basketwise: all is done, but something is left open: ending\n');
  process.exit();
}, lingerMilliseconds).unref();
