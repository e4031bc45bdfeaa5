// Makes the tarball for machines without network: build/basketwise-VERSION-OS-ARCH.tgz, the program with its engines and all dependencies as installed
// here, its bill of materials, and checksums that its installation verifies. `npm install --offline FILE` installs it; its own sha256 is in
// FILE.sha256. Engines are native code: make it on the same kind of machine as the target.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { copyPackage, readPackage, root } from './copy-package.mjs';

const build = join(root, 'build');
const stage = join(build, 'airgap');
const target = join(stage, 'package');

rmSync(stage, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
const cli = join(root, 'packages/cli');
copyPackage(cli, target);
const listed = execFileSync('npm', ['ls', '--omit=dev', '--all', '--parseable', '-w', 'packages/cli'], {
  cwd: root,
  encoding: 'utf8',
});
const installed = [...new Set(listed.trim().split('\n'))].map((path) => relative(root, path)).filter((path) => path !== '');
for (const path of installed) {
  const { name } = readPackage(join(root, path));
  const isOwn = lstatSync(join(root, path)).isSymbolicLink() || path.startsWith(`packages${sep}`);
  if (name === readPackage(cli).name) continue;
  if (isOwn) copyPackage(join(root, path), join(target, 'node_modules', name));
  else if (path.startsWith(`node_modules${sep}`)) copyInstalled(path);
  else throw new Error(`${path}: not in the root's node_modules; run npm dedupe`);
}

/** Copies an installed package without nested packages, which are listed themselves, and without files that npm renames. */
function copyInstalled(path) {
  const inside = join(root, path, 'node_modules');
  const isWanted = (file) => file !== inside && basename(file) !== '.gitignore';
  cpSync(join(root, path), join(target, path), { recursive: true, dereference: true, filter: isWanted });
}

const hashOf = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

/** A line of checksum for each file below a folder, in the format of sha256sum. */
function checksumsOf(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map(({ parentPath, name }) => relative(folder, join(parentPath, name))).sort();
  return paths.map((path) => `${hashOf(join(folder, path))}  ${path}\n`).join('');
}

const manifest = readPackage(target);
const { peerDependencies: engines } = readPackage(join(root, 'packages/pipeline'));
const dependencies = { ...manifest.dependencies, ...engines };
const packed = {
  ...{ ...manifest, dependencies, bundleDependencies: Object.keys(dependencies) },
  scripts: { preinstall: 'node verify-package.mjs' },
};
writeFileSync(join(target, 'package.json'), `${JSON.stringify(packed, null, 2)}\n`);
cpSync(join(root, 'scripts/verify-package.mjs'), join(target, 'verify-package.mjs'));
const bill = execFileSync(process.execPath, [join(root, 'scripts/sbom.mjs')], { encoding: 'utf8' }).trim();
cpSync(bill, join(target, 'sbom.cdx.json'));
writeFileSync(join(target, 'SHA256SUMS'), checksumsOf(target));
const name = `basketwise-${manifest.version}-${process.platform}-${process.arch}.tgz`;
const file = join(build, name);
const order = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mtime=@0'];
execFileSync('tar', [...order, '-czf', file, '-C', stage, 'package']);
writeFileSync(`${file}.sha256`, `${hashOf(file)}  ${name}\n`);
rmSync(stage, { recursive: true, force: true });
process.stdout.write(`${file}\n`);
