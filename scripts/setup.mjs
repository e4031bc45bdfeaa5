// Prepares a bare clone: installs missing packages of package-lock.json, then builds missing outputs. With `--run` without packages and
// steps only for tests, checks and benches: devDependencies, and the check of types, which takes longer than writing the modules.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isInstalled, npm } from './npm-tree.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Basketwise needs Node 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}
const onlyRun = process.argv.includes('--run');

if (!isInstalled(root, ({ dev }) => onlyRun && dev))
  npm(root, 'ci', '--no-audit', '--no-fund', ...(onlyRun ? ['--omit=dev'] : []));
const kernels = once(
  spawn(process.execPath, [join(root, 'scripts/build-wasm.mjs')], { cwd: root, stdio: ['ignore', 2, 2] }),
  'exit',
);
if (onlyRun) {
  const { writeModules } = await import('./write-modules.mjs');
  writeModules(root);
  await built();
  // those that came with the kernels
  writeModules(root);
} else {
  await built();
  npm(root, 'run', '--silent', 'build:ts');
}

/** Waits for the kernels. */
async function built() {
  const [code] = await kernels;
  if (code !== 0) process.exit(code ?? 1);
}
