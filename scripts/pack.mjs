// Packs every published package as npm would, into the given folder: node scripts/pack.mjs FOLDER. Prints the tarballs.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = resolve(process.argv[2] ?? join(root, 'build/packages'));

mkdirSync(folder, { recursive: true });
const readPackage = (name) => JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));
const published = readdirSync(join(root, 'packages')).filter((name) => !readPackage(name).private);
const chosen = published.flatMap((name) => ['--workspace', `packages/${name}`]);
const options = ['--json', '--ignore-scripts', '--pack-destination', folder];
const packed = JSON.parse(
  execFileSync('npm', ['pack', ...options, ...chosen], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 }),
);
for (const { filename } of packed) process.stdout.write(`${join(folder, filename)}\n`);
