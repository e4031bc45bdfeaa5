// Runs unit tests again whenever a source or a test changes: tsc builds what changes, vitest runs what it concerns. Arguments go to vitest, such
// as a folder or file of tests: npm run test:watch -- test/unit/core
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const cwd = fileURLToPath(new URL('..', import.meta.url));
const start = (program, args, stdin) =>
  spawn(process.execPath, [`node_modules/${program}`, ...args], { cwd, stdio: [stdin, 'inherit', 'inherit'] });

const builder = start('typescript/bin/tsc', ['-b', '--watch', '--preserveWatchOutput'], 'ignore');
const tests = start('vitest/vitest.mjs', ['watch', '--project', 'unit', ...process.argv.slice(2)], 'inherit');
tests.on('exit', (code) => {
  builder.kill();
  process.exitCode = code ?? 0;
});
