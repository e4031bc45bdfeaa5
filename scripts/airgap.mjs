// Makes the tarball for machines without network: build/basketwise-VERSION-OS-ARCH.tgz, the program with all that it depends on, as they are
// installed here. `npm install --offline FILE` takes it. Engines are native code: make it on the kind of machine where it will run.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const build = join(root, 'build');
const stage = join(build, 'airgap');
const target = join(stage, 'package');

const readPackage = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

/** Copies what a package of this workspace publishes. */
function copyOwn(folder, to) {
  for (const file of ['package.json', ...readPackage(folder).files])
    cpSync(join(folder, file), join(to, file), { recursive: true });
}

rmSync(stage, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
const cli = join(root, 'packages/cli');
copyOwn(cli, target);
const listed = execFileSync('npm', ['ls', '--omit=dev', '--all', '--parseable', '-w', 'packages/cli'], {
  cwd: root,
  encoding: 'utf8',
});
const installed = [...new Set(listed.trim().split('\n'))].map((path) => relative(root, path)).filter((path) => path !== '');
for (const path of installed) {
  const parts = path.split(sep);
  if (path === join('packages', 'cli')) continue;
  const { name } = readPackage(join(root, path));
  if (parts[0] === 'packages' && parts.length === 2) copyOwn(join(root, path), join(target, 'node_modules', name));
  else if (parts[0] === 'node_modules') copyInstalled(path);
  else throw new Error(`${path}: not in the root's node_modules; run npm dedupe`);
}

/** Copies an installed package without those inside it, which are listed themselves. */
function copyInstalled(path) {
  const inside = join(root, path, 'node_modules');
  cpSync(join(root, path), join(target, path), { recursive: true, dereference: true, filter: (file) => file !== inside });
}

const manifest = readPackage(target);
writeFileSync(
  join(target, 'package.json'),
  `${JSON.stringify({ ...manifest, bundleDependencies: Object.keys(manifest.dependencies) }, null, 2)}\n`,
);
const file = join(build, `basketwise-${manifest.version}-${process.platform}-${process.arch}.tgz`);
const order = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mtime=@0'];
execFileSync('tar', [...order, '-czf', file, '-C', stage, 'package']);
rmSync(stage, { recursive: true, force: true });
process.stdout.write(`${file}\n`);
