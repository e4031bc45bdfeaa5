import { execFile, spawnSync } from 'node:child_process';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { keepTalkOf } from '../privacy/talk.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

/** Instructions of the Dockerfile, in order. */
const instructions = readFileSync(join(root, 'Dockerfile'), 'utf8')
  .split('\n')
  .filter((line) => /^[A-Z]/.test(line))
  .map((line) => ({ word: line.split(' ')[0]!, rest: line.slice(line.indexOf(' ') + 1) }));
const only = (word: string) => instructions.filter((one) => one.word === word).at(-1)!.rest;
const list = (word: string) => JSON.parse(only(word)) as string[];

const engine = ['docker', 'podman'].find((one) => spawnSync(one, ['info']).status === 0);
const mayChroot = process.getuid?.() === 0 && spawnSync('unshare', ['--mount', '--net', 'true']).status === 0;
const why = mayChroot ? '' : ' (skipped: needs root, unshare and mount)';

/** The folder of a bank, whose owner is the user of the container. */
let bank: string;
const tarball = inject('tarball');
beforeAll(async () => {
  bank = mkdtempSync(join(tmpdir(), 'basketwise-container-'));
  const sample = join(root, 'packages/cli/bin/basketwise.js');
  await run(process.execPath, [sample, 'sample', '--customers', '300', '--out', bank]);
  rmSync(join(bank, 'out'), { recursive: true });
  const [uid, gid] = only('USER').split(':').map(Number);
  if (mayChroot) await run('chown', ['-R', `${uid}:${gid}`, bank]);
});
afterAll(() => {
  keepTalkOf(bank);
  rmSync(bank, { recursive: true, force: true });
});

const finished = () => JSON.parse(readFileSync(join(bank, 'out/latest/run.json'), 'utf8'));

describe('the image', () => {
  test('is slim, of a stage of its own, and not for root', () => {
    const bases = instructions.filter(({ word }) => word === 'FROM').map(({ rest }) => rest.split(' ')[0]);
    expect(bases.every((base) => base!.endsWith('-slim'))).toBe(true);
    expect(only('USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  });

  test.skipIf(engine === undefined)(`builds and runs${engine ? '' : ' (skipped: no docker or podman is at work)'}`, async () => {
    await run(engine!, ['build', '-t', 'basketwise-test', root], { maxBuffer: 1 << 26 });
    const hardened = ['--rm', '--network', 'none', '--read-only', '--tmpfs', '/tmp', '-v', `${bank}:${only('WORKDIR')}`];
    await run(engine!, ['run', ...hardened, 'basketwise-test'], { maxBuffer: 1 << 26 });
    expect(finished()).toMatchObject({ status: 'finished', exitCode: 0 });
  });
});

/** Copies a program into a root folder, with the libraries that it is linked to and the links that lead to it. */
function copyProgram(path: string, to: string): void {
  const linked = spawnSync('ldd', [path], { encoding: 'utf8' }).stdout.match(/\/\S+(?= \()/g) ?? [];
  for (const file of [path, ...linked]) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    cpSync(realpathSync(file), join(to, file));
  }
}

/** A root folder with what the base image has of all that the Dockerfile needs: Node, npm, a shell, env. */
function baseImage(): string {
  const to = mkdtempSync(join(tmpdir(), 'basketwise-root-'));
  for (const folder of ['tmp', 'usr/local/bin', 'usr/local/lib/node_modules', 'proc', 'dev'])
    mkdirSync(join(to, folder), { recursive: true });
  spawnSync('chmod', ['755', to]);
  spawnSync('chmod', ['1777', join(to, 'tmp')]);
  const node = realpathSync(process.execPath);
  copyProgram(node, to);
  if (node !== '/usr/local/bin/node') cpSync(node, join(to, 'usr/local/bin/node'));
  for (const program of ['/bin/sh', '/usr/bin/env', '/bin/ls']) copyProgram(program, to);
  // engines are linked to these, beside what Node is
  for (const library of ['libstdc++.so.6', 'libgcc_s.so.1', 'libm.so.6', 'libdl.so.2', 'libpthread.so.0', 'librt.so.1']) {
    const found = spawnSync(
      'sh',
      ['-c', `ldconfig -p | sed -n 's/.*> //p' | grep '/${library.replaceAll('+', '\\+')}$' | head -n 1`],
      { encoding: 'utf8' },
    ).stdout.trim();
    if (found !== '' && !existsSync(join(to, found))) copyProgram(found, to);
  }
  const npm = realpathSync(join(dirname(node), '../lib/node_modules/npm'));
  cpSync(npm, join(to, 'usr/local/lib/node_modules/npm'), { recursive: true });
  writeFileSync(join(to, 'usr/local/bin/npm'), '#!/bin/sh\nexec node /usr/local/lib/node_modules/npm/bin/npm-cli.js "$@"\n', {
    mode: 0o755,
  });
  return to;
}

/** Runs a command in a root folder, in namespaces of its own without network, as a user. */
async function inside(folder: string, user: string, directory: string, command: readonly string[]) {
  const setup = [
    `mount --bind ${folder} ${folder}`,
    `mount -t proc proc ${folder}/proc`,
    `mount --rbind /dev ${folder}/dev`,
    ...(user === '0:0'
      ? []
      : [
          `mount --bind ${bank} ${folder}${directory}`,
          `mount -t tmpfs tmpfs ${folder}/tmp`,
          `chmod 1777 ${folder}/tmp`,
          `mount -o remount,bind,ro ${folder}`,
        ]),
    `cd ${folder}`,
    `exec chroot --userspec=${user} ${folder} /bin/sh -c 'cd ${directory} && exec "$@"' sh "$@"`,
  ].join(' && ');
  const isolated = ['--mount', '--net', '--pid', '--fork', '--propagation', 'private', 'sh', '-c', setup, 'sh', ...command];
  return run('unshare', isolated, {
    maxBuffer: 1 << 26,
    env: { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', HOME: '/tmp' },
  });
}

describe.skipIf(!mayChroot)(`its root folder, made by the lines of the Dockerfile${why}`, () => {
  let image: string;
  beforeAll(async () => {
    image = baseImage();
    cpSync(tarball, join(image, 'tmp', basename(tarball)));
    for (const { rest } of instructions.filter(({ word }) => word === 'RUN'))
      await inside(image, '0:0', '/', ['/bin/sh', '-c', rest]);
    rmSync(join(image, 'tmp', basename(tarball)));
    mkdirSync(join(image, only('WORKDIR')));
  });
  afterAll(() => rmSync(image, { recursive: true, force: true }));

  test('runs a night as its user, without network, on a root that is read-only', async () => {
    const [uid] = only('USER').split(':').map(Number);
    chownSync(bank, uid!, uid!);
    await inside(image, only('USER'), only('WORKDIR'), [...list('ENTRYPOINT'), ...list('CMD')]);
    expect(finished()).toMatchObject({ status: 'finished', exitCode: 0 });
    const owner = spawnSync('stat', ['-c', '%u', join(bank, 'out/latest/recommendations.parquet')], {
      encoding: 'utf8',
    }).stdout.trim();
    expect(Number(owner)).toBe(uid);
    await expect(inside(image, only('USER'), only('WORKDIR'), ['/bin/sh', '-c', 'echo > /opt/basketwise/x'])).rejects.toThrow(
      'Read-only',
    );
    await expect(inside(image, only('USER'), only('WORKDIR'), ['node', '-e', "await fetch('http://192.0.2.1')"])).rejects.toThrow(
      'fetch failed',
    );
  });
});
