// Prepares a bare clone: installs missing packages of package-lock.json, then builds missing outputs. With `--run` without packages and
// steps only for tests, checks and benches: devDependencies, and the check of types, which takes longer than writing the modules.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Basketwise needs Node 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}
const onlyRun = process.argv.includes('--run');

/** Runs npm in the root, with its messages on stderr so that stdout stays data. */
function npm(...args) {
  execFileSync('npm', args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
}

/** Whether the installed tree matches package-lock.json. */
function installed() {
  const marker = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(marker)) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const found = JSON.parse(readFileSync(marker, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, entry]) =>
      path === '' ||
      path.startsWith('packages/') ||
      entry.optional ||
      entry.devOptional ||
      (onlyRun && entry.dev) ||
      (found[path] !== undefined && found[path].version === entry.version),
  );
}

if (!installed()) npm('ci', '--no-audit', '--no-fund', ...(onlyRun ? ['--omit=dev'] : []));
npm('run', '--silent', 'build:wasm');
npm('run', '--silent', onlyRun ? 'build:js' : 'build:ts');
