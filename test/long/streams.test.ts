import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { exitCodeOf, program, smallBank, startBasketwise, testBank } from '../e2e/pipeline/small-bank.ts';

let folder: string;
beforeEach(async () => {
  ({ folder } = await testBank(smallBank()));
});

const withStreams = (redirection: string, ...args: readonly string[]) => exitCodeOf(folder, redirection, args);

/** Exit code of the program if one of its standard streams has no reader. */
async function unread(stream: 'stdout' | 'stderr', ...args: readonly string[]): Promise<number> {
  const { child, ended } = startBasketwise(folder, args);
  child[stream]!.destroy();
  return (await ended).exitCode;
}

const isPublished = () => existsSync(join(folder, 'out', 'latest', 'recommendations.csv'));
const isLocked = () => existsSync(join(folder, 'out', '.lock'));

describe('stdout', () => {
  test('whose reader has gone leaves a command its own exit code', async () => {
    expect(await unread('stdout', 'run', '--json')).toBe(0);
    expect(isPublished()).toBe(true);
    await writeFile(join(folder, 'holdings.csv'), 'customer,product\n0001,적금\n');
    expect(await unread('stdout', 'run', '--json')).toBe(65);
    expect(isLocked()).toBe(false);
    expect(await unread('stdout', 'no-such-command')).toBe(64);
  });
});

describe('stderr', () => {
  test.each([
    ['closed', '2>&-'],
    ['full as stdout is', '>/dev/full 2>&1'],
  ])('that is %s ends no run, and nothing stays locked', async (_, redirection) => {
    const full = redirection.includes('>/dev/full 2>&1') ? 74 : 0;
    expect(await withStreams(redirection, 'run')).toBe(full);
    expect(isPublished()).toBe(true);
    expect(isLocked()).toBe(false);
    await rm(join(folder, 'out'), { recursive: true });
    await writeFile(join(folder, 'holdings.csv'), 'customer,product\n0001,적금\n');
    expect(await withStreams(redirection, 'run')).toBe(65);
    expect(isLocked()).toBe(false);
  });

  test('whose reader has gone ends no run, nor its exit code', async () => {
    expect(await unread('stderr', 'run')).toBe(0);
    expect(isPublished()).toBe(true);
    expect(isLocked()).toBe(false);
    expect(await unread('stderr', 'no-such-command')).toBe(64);
  });

  test('that is full and has no reader holds no run up', async () => {
    const command = 'head -c 65536 /dev/zero >&2; exec "$0" "$@" >/dev/null';
    const child = spawn('/bin/sh', ['-c', command, process.execPath, program, 'run'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = new Promise((resolve) => child.on('exit', resolve));
    child.stderr!.pause();
    await expect.poll(isPublished).toBe(true);
    await expect.poll(isLocked).toBe(false);
    child.stderr!.resume();
    expect(await ended).toBe(0);
  });
});
