// Prepares a bare clone: installs missing packages of package-lock.json, then builds missing outputs. With `--run` without packages and
// steps only for tests, checks and benches: devDependencies, and the check of types, which takes longer than writing the modules.
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
npm(root, 'run', '--silent', 'build:wasm');
npm(root, 'run', '--silent', onlyRun ? 'build:js' : 'build:ts');
