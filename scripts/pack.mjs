// Packs every published package as npm would, into the given folder: node scripts/pack.mjs FOLDER. Prints the tarballs.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const packages = fileURLToPath(new URL('../packages', import.meta.url));
const folder = resolve(process.argv[2] ?? fileURLToPath(new URL('../build/packages', import.meta.url)));

mkdirSync(folder, { recursive: true });
for (const name of readdirSync(packages).sort()) {
  const cwd = join(packages, name);
  const { private: isPrivate } = JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8'));
  if (isPrivate) continue;
  const [{ filename }] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { cwd, encoding: 'utf8' }),
  );
  process.stdout.write(`${join(folder, filename)}\n`);
}
