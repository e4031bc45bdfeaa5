// `npm run bench:peers -- NAME [...]`: runs bench/peers/NAME.ts, the same work by Basketwise and by its peers, and ends with its exit code.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const comparisons = [
  'als',
  'topn',
  'long-rows',
  'job',
  'clustering',
  'frequent-sets',
  'tuning',
  'lambdarank',
  'two-stage',
  'columns',
];
const [name, ...rest] = process.argv.slice(2);
if (!comparisons.includes(name)) {
  const asked = name === undefined ? 'no name given' : `no comparison is named ${name}`;
  console.error(`bench:peers: ${asked}; there are: ${comparisons.join(', ')}`);
  process.exit(64);
}
const file = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
const { status } = spawnSync(process.execPath, ['--import', 'tsx', file, ...rest], { stdio: 'inherit' });
process.exit(status ?? 70);
