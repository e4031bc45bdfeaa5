// Sets one version for all packages of this workspace, and for their dependencies on each other: node scripts/set-version.mjs 0.2.0
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const version = process.argv[2] ?? '';
if (!/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version)) {
  console.error('usage: node scripts/set-version.mjs VERSION, such as 0.2.0');
  process.exit(64);
}

const files = ['package.json', ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}/package.json`)];
const packages = files.map((file) => JSON.parse(readFileSync(join(root, file), 'utf8')));
const keys = new Set(['version', ...packages.map(({ name }) => name)]);
const old = packages[0].version;
for (const file of files) {
  // Edited as texts, not objects: the format of the lines stays.
  const text = readFileSync(join(root, file), 'utf8').replace(/"([^"]+)": "([^"]*)"/g, (line, key, value) =>
    keys.has(key) && value === old ? `"${key}": "${version}"` : line,
  );
  writeFileSync(join(root, file), text);
}
execFileSync('npm', ['install', '--package-lock-only', '--no-audit', '--no-fund'], { cwd: root, stdio: 'inherit' });
