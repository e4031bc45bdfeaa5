// Packs every published package for npm, into the given folder: node scripts/pack.mjs FOLDER [ADDRESS]. Prints the tarballs. ADDRESS is that of the
// repository on the web, if it is not yet in packages/core/src/error.ts.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { repositoryAddress } from '@basketwise/core/base';
import { copyPackage, linkOutside, readPackage, root } from './copy-package.mjs';

const folder = resolve(process.argv[2] ?? join(root, 'build/packages'));
const address = process.argv[3] ?? repositoryAddress;
if (address === '') {
  console.error('repositoryAddress in packages/core/src/error.ts is empty: set it before packages are published (RELEASING.md)');
  process.exit(78);
}
const stage = join(folder, 'stage');
rmSync(stage, { recursive: true, force: true });
mkdirSync(stage, { recursive: true });
const folders = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name));
const copies = folders
  .filter((from) => !readPackage(from).private)
  .map((from) => {
    const directory = relative(root, from);
    const to = join(stage, directory);
    copyPackage(from, to);
    const manifest = readPackage(from);
    linkOutside(from, to, `${address}/blob/v${manifest.version}`);
    const links = {
      repository: { type: 'git', url: `git+${address}.git`, directory },
      bugs: `${address}/issues`,
      homepage: `${address}#readme`,
    };
    const files = manifest.bin ? [...manifest.files, 'docs'] : manifest.files;
    writeFileSync(join(to, 'package.json'), `${JSON.stringify({ ...manifest, ...links, files }, null, 2)}\n`);
    return to;
  });
const options = ['--json', '--ignore-scripts', '--pack-destination', folder];
const packed = JSON.parse(execFileSync('npm', ['pack', ...options, ...copies], { encoding: 'utf8', maxBuffer: 1 << 26 }));
rmSync(stage, { recursive: true });
for (const { filename } of packed) process.stdout.write(`${join(folder, filename)}\n`);
