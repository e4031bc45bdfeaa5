import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keepTalkOf } from '../privacy/talk.ts';

const run = promisify(execFile);
const builder = fileURLToPath(new URL('../../scripts/airgap.mjs', import.meta.url));
/** Runs what follows in a namespace of its own, where the only network is a loopback that is down. */
const isolated = ['unshare', '--map-root-user', '--net'] as const;
const mayUnshare = spawnSync(isolated[0], [...isolated.slice(1), 'true']).status === 0;

let tarball: string;
let machine: string;
beforeAll(async () => {
  tarball = (await run(process.execPath, [builder])).stdout.trim();
  machine = await mkdtemp(join(tmpdir(), 'basketwise-airgap-'));
  await mkdir(join(machine, 'home'));
});
afterAll(async () => {
  keepTalkOf(machine);
  await rm(machine, { recursive: true, force: true });
});

/** Runs a command on the machine without network: an empty home, no npm cache. */
const onMachine = (...command: readonly string[]) =>
  run(isolated[0], [...isolated.slice(1), ...command], {
    cwd: machine,
    env: { PATH: process.env.PATH, HOME: join(machine, 'home') },
    maxBuffer: 1 << 24,
  });

test.skipIf(!mayUnshare)(
  'without network (needs unshare): the tarball installs, the doctor finds nothing, the sample runs',
  async () => {
    await expect(onMachine(process.execPath, '-e', "await fetch('http://192.0.2.1')")).rejects.toThrow('fetch failed');
    await onMachine('npm', 'install', '--offline', '--no-audit', '--no-fund', '--prefix', machine, tarball);
    const program = join(machine, 'node_modules', '.bin', 'basketwise');
    const { stdout } = await onMachine(program, 'sample', '--customers', '500', '--json');
    const { run: name } = JSON.parse(stdout) as { run: string };
    const folder = join(machine, 'sample', 'out', 'runs', name);
    expect(JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))).toMatchObject({ status: 'finished', exitCode: 0 });
    expect(existsSync(join(folder, 'recommendations.parquet'))).toBe(true);
    const doctor = await onMachine(program, 'doctor', '--json', '--config', join(machine, 'sample', 'basketwise.yaml'));
    expect(JSON.parse(doctor.stdout)).toMatchObject({ exitCode: 0 });
  },
);
