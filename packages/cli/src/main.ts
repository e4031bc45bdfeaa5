import { setFlagsFromString } from 'node:v8';
import { runCommand } from './run-command.ts';
import { watchStreams } from './streams.ts';
import { writeTo } from './terminal.ts';

/** How long the process may live on when its work is done. */
const lingerMilliseconds = 30_000;

// Nearly all that a command works on are numbers outside of V8's heap, which counts them, but grows by itself alone: it stays at some 30 MB and would
// be collected for every 24 MB of columns that are read. This lets 90 pass.
setFlagsFromString('--heap-growing-percent=300');
// A night runs many functions for a second each: Node 20 compiles them at a third of this, for more than it saves; later ones compile in steps, and take
// no notice.
setFlagsFromString('--interrupt-budget=400000');
watchStreams();
const exitCode = await runCommand(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  cwd: process.cwd(),
});
if (exitCode !== 0) process.exitCode = exitCode;
// A service manager waits for the process, not for its work: what is left open must not make a night out of a second.
setTimeout(() => {
  writeTo(process.stderr, 'basketwise: all is done, but something is left open: ending\n');
  process.exit();
}, lingerMilliseconds).unref();
