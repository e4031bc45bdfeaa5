// Runs the command line program once for each line on stdin, in one process, and says on descriptor 3 how it ended. Bundled into the cage.
import { openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** A line on stdin. */
interface Request {
  folder: string;
  args: string[];
  variables: Record<string, string>;
}

let stderr = '';
process.stderr.write = ((text: string) => {
  stderr += text;
  return true;
}) as typeof process.stderr.write;
process.setMaxListeners(0);
for (const stream of [process.stdout, process.stderr]) stream.setMaxListeners(0);
// The program ends a process that lives on long after its work is done. This one is meant to.
process.exit = (() => {}) as unknown as typeof process.exit;

let runs = 0;
for await (const line of createInterface({ input: process.stdin })) {
  const { folder, args, variables } = JSON.parse(line) as Request;
  for (const name of Object.keys(process.env)) if (name.startsWith('FAULT_')) delete process.env[name];
  Object.assign(process.env, variables);
  process.chdir(folder);
  process.argv = [process.execPath, 'basketwise', ...args];
  process.exitCode = undefined;
  stderr = '';
  try {
    openSync('/fault/begin', 'r');
  } catch {} // it never is there: preload.c hears of it
  const program = `./main.mjs?${runs++}`;
  await import(program);
  writeSync(3, `${JSON.stringify({ code: process.exitCode ?? 0, stderr })}\n`);
}
