import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { chmod, chown, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Outcome, program, smallBank, startBasketwise, testBank } from '../e2e/pipeline/small-bank.ts';

let folder: string;
beforeEach(async () => {
  ({ folder } = await testBank(smallBank()));
});

const run = (options: Parameters<typeof startBasketwise>[2] = {}) => startBasketwise(folder, ['run'], options).ended;
const setConfig = (change: (config: string) => string) => writeFile(join(folder, 'basketwise.yaml'), change(smallBank().config));

/** How the only run in an output folder stands. */
function stateOf(out: string): { status?: string; exitCode?: number; stage?: string } {
  const [name] = existsSync(join(out, 'runs')) ? readdirSync(join(out, 'runs')) : [];
  return name ? JSON.parse(readFileSync(join(out, 'runs', name, 'run.json'), 'utf8')) : {};
}

/** Nothing is published, locked or half-written, and the message has a hint. */
function expectNothingLeft(out: string, { exitCode, stderr }: Outcome, code: number, message: RegExp): void {
  expect(stderr).toMatch(message);
  expect(stderr).toMatch(new RegExp(`\\n {2}\\S.*\\n {2}exit code ${code}\\n$`));
  expect(exitCode).toBe(code);
  const names = existsSync(out) ? (readdirSync(out, { recursive: true }) as string[]) : [];
  expect(names.filter((name) => /latest|^runs\/[^/]+\/manifest\.json|unfinished|\.lock|^tmp/.test(name))).toEqual([]);
}

/** Makes every kernel worker do something at the call of a kernel. */
async function spoilWorkers(statement: string): Promise<{ env: Record<string, string> }> {
  const preload = join(folder, 'spoil.mjs');
  await writeFile(
    preload,
    `import { isMainThread, parentPort } from 'node:worker_threads';
    const on = parentPort?.on.bind(parentPort);
    if (!isMainThread) parentPort.on = (event, listener) => on(event, (message) => {
      if (message?.type === 'run') { ${statement} }
      listener(message);
    });`,
  );
  return { env: { NODE_OPTIONS: `--import ${preload}` } };
}

test('a kernel worker that dies in a run: 70, at once, and the next run goes on', async () => {
  const dead = await run(await spoilWorkers('process.exit(3)'));
  const out = join(folder, 'out');
  expectNothingLeft(out, dead, 70, /kernel worker failed: worker thread ended with code 3/);
  expect(stateOf(out)).toMatchObject({ status: 'failed', exitCode: 70 });
  const again = await run();
  expect(again.exitCode).toBe(0);
  expect(again.stderr).toContain('extract: unchanged, skipped');
});

const isRoot = process.getuid?.() === 0;
const other = { uid: 65534, gid: 65534 };
/** Root may do anything: what modes forbid is tried as another user, who must be able to read this checkout. */
const canBeOther = isRoot && spawnSync(process.execPath, [program, '--version'], other).status === 0;

describe.skipIf(isRoot && !canBeOther)('modes that forbid something, as a user who is not root', () => {
  const user = isRoot ? other : {};
  beforeEach(async () => {
    if (!isRoot) return;
    for (const name of ['.', ...readdirSync(folder)]) await chown(join(folder, name), other.uid, other.gid);
  });

  test('an output folder that is read-only: 74', async () => {
    await mkdir(join(folder, 'out'), { mode: 0o555 });
    await chmod(join(folder, 'out'), 0o555);
    expectNothingLeft(join(folder, 'out'), await run(user), 74, /cannot write .*out.*EACCES/);
    expect(readdirSync(join(folder, 'out'))).toEqual([]);
  });

  test('a folder in which output.dir cannot be made: 74', async () => {
    await chmod(folder, 0o555);
    expectNothingLeft(join(folder, 'out'), await run(user), 74, /cannot write .*out.*EACCES/);
    await chmod(folder, 0o755);
    expect(existsSync(join(folder, 'out'))).toBe(false);
  });

  test('an input file that cannot be read: 77', async () => {
    await chmod(join(folder, 'holdings.csv'), 0);
    expectNothingLeft(join(folder, 'out'), await run(user), 77, /not (allowed|permitted) to read .*holdings\.csv/);
  });

  test('a config that cannot be read: 77', async () => {
    await chmod(join(folder, 'basketwise.yaml'), 0);
    expectNothingLeft(join(folder, 'out'), await run(user), 77, /basketwise\.yaml/);
  });

  test('init of a folder that cannot be read: 77, without a stack trace', async () => {
    await chmod(folder, 0o100);
    const { exitCode, stderr } = await startBasketwise(folder, ['init', folder, '--out', '/dev/null/x'], user).ended;
    await chmod(folder, 0o755);
    expect(exitCode).toBe(77);
    expect(stderr).not.toMatch(/^ +at /m);
  });
});

const mount = (size: string, at: string) => spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', at]).status === 0;

/** Whether this process may mount a small disk. */
function canMount(): boolean {
  const at = mkdtempSync(join(tmpdir(), 'basketwise-mount-'));
  const mounted = isRoot && mount('8k', at);
  if (mounted) spawnSync('umount', [at]);
  rmdirSync(at);
  return mounted;
}

describe.skipIf(!canMount())('a disk that is full (where mounting one is allowed)', () => {
  const disk = () => join(folder, 'disk');
  afterEach(() => {
    spawnSync('umount', [disk()]);
  });

  test.each(['8k', '96k'])('of %s: 74, and a run after more room finishes', async (size) => {
    await mkdir(disk());
    expect(mount(size, disk())).toBe(true);
    await setConfig((config) => config.replace('output: {', 'output: { dir: disk/out,'));
    const out = join(disk(), 'out');
    expectNothingLeft(out, await run(), 74, /cannot write/);
    expect(spawnSync('mount', ['-o', 'remount,size=64m', disk()]).status).toBe(0);
    expect((await run()).exitCode).toBe(0);
    expect(existsSync(join(out, 'latest', 'manifest.json'))).toBe(true);
  });
});
