// Runs the sample bank's whole job on each supported version of Node and compares the published files: the same bytes on all. Then tests
// the packages as npm packs them, core's README on each of these versions, too. Binaries come as npm packages, pinned. `--unit` also runs
// the tests of test/unit on the middle version.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const versions = ['22.23.3', '24.9.0', '26.9.0'];
const tested = '24.9.0';
const binary = `node-${process.platform}-${process.arch}`;
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'basketwise-nodes-'));
chmodSync(folder, 0o755); // tests run it as other users, too

/** Installs a version of Node in a separate folder; returns its path. */
function install(version) {
  const prefix = join(folder, version);
  const flags = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--silent'];
  execFileSync('npm', ['install', ...flags, '--prefix', prefix, `${binary}@${version}`], { stdio: ['ignore', 2, 2] });
  const node = join(prefix, 'node_modules', binary, 'bin/node');
  const found = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  if (found !== `v${version}`) throw new Error(`${binary}@${version} is ${found}`);
  return node;
}

/** Runs tests on a version of Node. */
function runTests(node, more, environment = {}) {
  const vitest = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...more];
  const { status } = spawnSync(node, vitest, { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment } });
  if (status !== 0) throw new Error(`tests fail: ${more.join(' ')} on ${node}`);
}

/** Runs the job of the sample bank; its manifest, which has the sha256 of every file that it published. */
function manifestOf(node, name) {
  const bank = join(folder, `bank-${name}`);
  execFileSync(node, [join(root, 'packages/cli/bin/basketwise.js'), 'sample', '--customers', '3000', '--out', bank], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return readFileSync(join(bank, 'out', readlinkSync(join(bank, 'out/latest')), 'manifest.json'), 'utf8');
}

try {
  const wanted = manifestOf(process.execPath, 'own');
  const nodes = [];
  for (const version of versions) {
    const node = install(version);
    nodes.push(node);
    if (manifestOf(node, version) !== wanted) throw new Error(`Node ${version} publishes other bytes than ${process.version}`);
    console.log(`Node ${version}: the bytes of ${process.version}`);
    if (version === tested && process.argv.includes('--unit')) runTests(node, ['--project', 'unit', 'test/unit']);
  }
  runTests(process.execPath, ['--project', 'packages'], { OTHER_NODES: nodes.join(delimiter) });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
