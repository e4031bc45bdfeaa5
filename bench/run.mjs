// `npm run bench [-- NAME ...]`: runs bench/kernels/NAME.bench.ts (all without a name), one after the other, and ends with the first
// exit code that is not 0.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('kernels/', import.meta.url));
const names = readdirSync(folder).flatMap((file) => (file.endsWith('.bench.ts') ? [file.slice(0, -'.bench.ts'.length)] : []));
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`bench: nothing is named ${unknown.join(', ')}; there are: ${names.join(', ')}`);
  process.exit(64);
}
for (const name of asked.length > 0 ? asked : names) {
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', `${folder}${name}.bench.ts`], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 70);
}
