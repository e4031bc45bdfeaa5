import { setFlagsFromString } from 'node:v8';
import { runCommand } from './run-command.ts';
import { watchStreams, writeTo } from './terminal.ts';

/** Milliseconds that the process may live after its work. */
const lingerMilliseconds = 30_000;

// Nearly all data of a command is in typed arrays outside of V8's heap. V8 counts their memory but sizes its heap by objects alone: it
// stays at some 30 MB and would collect garbage for every 24 MB of columns. This setting lets 90 pass.
setFlagsFromString('--heap-growing-percent=300');
// A run executes many functions for a second each: Node 20 compiles them at a third of this budget, which costs more than it saves; later
// versions compile in steps and ignore it.
setFlagsFromString('--interrupt-budget=400000');
watchStreams();
const exitCode = await runCommand(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  cwd: process.cwd(),
});
if (exitCode !== 0) process.exitCode = exitCode;
// A service manager waits for the process, not for its work: open handles must not delay its end.
setTimeout(() => {
  writeTo(process.stderr, 'basketwise: the work is done, but a handle is still open: ending\n');
  process.exit();
}, lingerMilliseconds).unref();
