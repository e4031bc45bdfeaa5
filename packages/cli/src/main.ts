import { setFlagsFromString } from 'node:v8';
import { runCommand } from './run-command.ts';
import { watchStreams, writeTo } from './terminal.ts';

/** Milliseconds after which the process exits once its work is done, even if something still holds it open. */
const lingerMilliseconds = 30_000;

// Nearly all data of a command are in typed arrays outside of V8's heap. V8 counts their memory, but sizes its heap only by
// objects: some 30 MB.
// It would collect garbage for every 24 MB of columns. This setting raises that to 90 MB.
setFlagsFromString('--heap-growing-percent=300');
// A run executes many functions for only a second each. Node 20 compiles them at a third of this budget, which costs more than it
// saves. Later versions compile in steps; Node 22 prints an error for the flag.
if (Number(process.versions.v8.split('.')[0]) < 12) setFlagsFromString('--interrupt-budget=400000');
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
