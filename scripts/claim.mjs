// `npm run claim -- NAME`: runs bench/claims/NAME.ts, the command that verifies a claim of the documents, and ends with its exit code.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../bench/claims/', import.meta.url));
const names = readdirSync(folder).flatMap((file) => (file.endsWith('.ts') ? [file.slice(0, -3)] : []));
const [name, ...rest] = process.argv.slice(2);
if (!names.includes(name)) {
  console.error(`claim: ${name === undefined ? 'no name given' : `no claim is named ${name}`}; there are: ${names.join(', ')}`);
  process.exit(64);
}
const { status } = spawnSync(process.execPath, ['--import', 'tsx', `${folder}${name}.ts`, ...rest], { stdio: 'inherit' });
process.exit(status ?? 70);
