import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { makeFolder, recordFile, writeFailure } from '@basketwise/data/base';
import { checkOutputFolder, takeOutput } from '@basketwise/pipeline';
import { beforeEach, describe, expect, test } from 'vitest';
import { takeLock } from '../../../packages/pipeline/src/run/lock.ts';
import { markText, type ProcessMark, thisProcess } from '../../../packages/pipeline/src/run/process-mark.ts';
import { openSpill } from '../../../packages/pipeline/src/run/spill.ts';
import { closeAll } from '../../../packages/pipeline/src/source/run-snapshot.ts';
import { temporaryFolder } from '../data/bank.ts';

let output: string;
beforeEach(async () => {
  output = await temporaryFolder();
});

const minutesAgo = (minutes: number) => new Date(Date.now() - 60_000 * minutes);
const put = (name: string, text: string) => writeFile(join(output, name), text);

/** A process of this machine that has ended. */
async function gone(): Promise<ProcessMark> {
  const child = spawn(process.execPath, ['-e', '0']);
  await once(child, 'exit');
  return { ...(await thisProcess()), pid: child.pid!, start: '1' };
}

describe('a lock', () => {
  test.each([
    ['another container', { namespace: '1' }],
    ['another machine of the same name, or this one before it was booted', { boot: '0123abcd' }],
  ])('of %s is held as long as its heart beats', async (_, of) => {
    // what it says of pid and start would be that of a process that is gone, were it one of here
    await put('.lock', JSON.stringify({ ...(await gone()), ...of }));
    await expect(takeLock(output)).rejects.toMatchObject({ code: 'locked' });
    await utimes(join(output, '.lock'), minutesAgo(4), minutesAgo(4));
    await expect(takeLock(output)).rejects.toMatchObject({ code: 'locked' });
    await utimes(join(output, '.lock'), minutesAgo(6), minutesAgo(6));
    await (await takeLock(output)).release();
    expect(await readdir(output)).toEqual([]);
  });

  test('of a live process of here is held, however long its heart was silent', async () => {
    const lock = await takeLock(output);
    await utimes(join(output, '.lock'), minutesAgo(600), minutesAgo(600));
    await expect(takeLock(output)).rejects.toMatchObject({ code: 'locked' });
    await lock.check();
    await lock.release();
  });

  test('of an older version, which has no heartbeat, is never taken over for its silence', async () => {
    await put('.lock', JSON.stringify({ pid: 1, host: 'elsewhere', start: '1' }));
    await utimes(join(output, '.lock'), minutesAgo(600), minutesAgo(600));
    await expect(takeLock(output)).rejects.toMatchObject({ code: 'locked' });
  });

  test('that another has taken over is found out, and left alone', async () => {
    const lock = await takeLock(output);
    await rm(join(output, '.lock'));
    await expect(lock.check()).rejects.toMatchObject({ code: 'locked' });
    const other = JSON.stringify({ ...(await thisProcess()), host: 'elsewhere' });
    await put('.lock', other);
    await expect(lock.check()).rejects.toThrow('on elsewhere');
    await lock.release();
    expect(await readFile(join(output, '.lock'), 'utf8')).toBe(other);
  });

  test('that a killed process was about to take leaves nothing, written or not', async () => {
    const mark = await gone();
    await put(`.lock.${markText(mark)}.00`, '');
    await put(`.lock.${markText(mark)}.01`, JSON.stringify(mark));
    await put(`.lock.stale-${markText(mark)}.02`, JSON.stringify(mark));
    await put(`.lock.${markText(await thisProcess())}.03`, '');
    await (await takeLock(output)).release();
    expect(await readdir(output)).toEqual([`.lock.${markText(await thisProcess())}.03`]);
  });
});

describe('a spill folder', () => {
  test('is of one command alone, and goes with it', async () => {
    await mkdir(join(output, 'tmp'));
    await put('tmp/of-somebody-else', '');
    const [one, other] = [await openSpill(output), await openSpill(output)];
    expect(one.path).not.toBe(other.path);
    await writeFile(join(one.path, 'spilled'), '');
    await one.close();
    expect((await stat(other.path)).mode & 0o777).toBe(0o700);
    await other.close();
    expect(await readdir(output, { recursive: true })).toEqual(['tmp', 'tmp/of-somebody-else']);
  });

  test('of a killed command goes with the next; of a live one, or of one that cannot be known, it stays', async () => {
    const here = await thisProcess();
    const names = {
      gone: `.spill-${markText(await gone())}.00`,
      alive: `.spill-${markText(here)}.01`,
      elsewhere: `.spill-${markText({ ...here, namespace: '1' })}.02`,
      alien: '.spill-of-somebody-else',
    };
    for (const name of Object.values(names)) await mkdir(join(output, name));
    // `verify` and `replay` of an archive have theirs beside it.
    const places = ['', 'archives', 'away'].map((place) => join(output, place, names.gone));
    for (const place of places) await mkdir(place, { recursive: true });
    await put(`${names.gone}/spilled`, '');
    await (await openSpill(output, [join(output, 'away'), join(output, 'none')])).close();
    expect((await readdir(output)).sort()).toEqual([names.alive, names.elsewhere, names.alien, 'archives', 'away'].sort());
    for (const place of ['archives', 'away']) expect(await readdir(join(output, place))).toEqual([]);
  });
});

describe('an output folder', () => {
  test.each([
    ['the root', () => '/'],
    ['the root by another way', () => join(output, '..', '..', '..', '..', '..', '..')],
    ['a home', () => homedir()],
    ['the home of another', () => '/home/somebody'],
  ])('that is %s is refused', async (_, path) => {
    await expect(checkOutputFolder(path())).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining('output.dir'),
    });
  });

  test('that is a link to a home is refused', async () => {
    await symlink(homedir(), join(output, 'link'));
    await expect(checkOutputFolder(join(output, 'link'))).rejects.toMatchObject({ code: 'config' });
  });

  test.each([
    ['a file in place of runs', () => put('runs', '')],
    ['something else in runs', () => mkdir(join(output, 'runs', 'marathon'), { recursive: true })],
    ['a file in place of latest', () => put('latest', '')],
    ['a link to something else in place of latest', () => symlink('/dev/null', join(output, 'latest'))],
    ['a folder in place of the next latest', () => mkdir(join(output, 'latest.unfinished'))],
    ['a file in place of the next latest', () => put('latest.unfinished', '')],
    ['a folder in place of the record of published runs', () => mkdir(join(output, 'published.json'))],
    ["somebody's file in place of the record of published runs", () => put('published.json', '{}')],
    ['a folder in place of the next record', () => mkdir(join(output, 'published.json.unfinished'))],
  ])('with %s is refused, and left as it is', async (_, make) => {
    await make();
    const before = await readdir(output, { recursive: true });
    await expect(takeOutput(output)).rejects.toMatchObject({ code: 'config' });
    expect(await readdir(output, { recursive: true })).toEqual(before);
  });

  test('with runs of ours, unfinished ones too, and what else there may be is taken', async () => {
    for (const name of ['2022-08-31-0123abcd', '2022-08-31-0123abcd-2', '2022-08-31-0123abcd-3.unfinished', '.snapshots'])
      await mkdir(join(output, 'runs', name), { recursive: true });
    await symlink('runs/2022-08-31-0123abcd-2', join(output, 'latest'));
    await put('evaluation.json', '');
    await checkOutputFolder(output);
    await (await takeOutput(output)).release();
    await checkOutputFolder(join(output, 'not', 'there', 'yet'));
  });

  test.each(['/proc/x', '/proc/x/y/z', '/dev/null/x'])('%s cannot be made, and the error comes at once', async (path) => {
    await expect(makeFolder(path)).rejects.toMatchObject({ code: 'cannot-write', message: expect.stringContaining(path) });
  });

  test.each(['EIO', 'ENOSPC', 'EROFS', 'EMLINK', 'EINTR', 'ESTALE', 'ENOTEMPTY', 'ENAMETOOLONG', 'ELOOP', 'ENOENT'])(
    'whose disk answers %s cannot be written; faults of the program are no faults of the disk',
    (code) => {
      const cause = Object.assign(new Error(code), { code });
      expect(writeFailure('/x/y', cause)).toMatchObject({ code: 'cannot-write', message: `cannot write /x/y: ${code}`, cause });
      for (const other of [new TypeError('x'), Object.assign(new Error('x'), { code: 'ERR_INVALID_ARG_TYPE' })])
        expect(writeFailure('/x/y', other)).toBe(other);
    },
  );

  test('a file that is gone before it is on the disk is reported as one that cannot be written', async () => {
    await expect(recordFile(join(output, 'gone'), 'gone')).rejects.toMatchObject({ code: 'cannot-write' });
  });

  test('is made with those above it, for its owner alone', async () => {
    await makeFolder(join(output, 'a', 'b', 'c'));
    await makeFolder(join(output, 'a', 'b', 'c'));
    for (const path of ['a', 'a/b', 'a/b/c']) expect((await stat(join(output, path))).mode & 0o777).toBe(0o700);
  });
});

test('all is closed that was opened, also where one cannot be; the first failure is reported', async () => {
  const closed: string[] = [];
  const tool = (name: string, fails = false) => ({
    close: async () => {
      closed.push(name);
      if (fails) throw new Error(name);
    },
  });
  const tools = [tool('a'), undefined, tool('b', true), tool('c'), tool('d', true), tool('e')];
  await expect(closeAll(tools)).rejects.toThrow('b');
  expect(closed).toEqual(['a', 'b', 'c', 'd', 'e']);
});

// A process each, some .3 s: ends itself at the first moment when so many names are in the folder.
describe('a process that ends while it begins', () => {
  const built = new URL('../../../packages/pipeline/dist/run/', import.meta.url);
  test.each([
    ['takes the lock: not yet its own', 'lock.js', 'takeLock', 1],
    ['takes the lock: by both names', 'lock.js', 'takeLock', 2],
    ['makes its folder for spilled files', 'spill.js', 'openSpill', 1],
  ])('%s: leaves nothing', async (_, file, begin, names) => {
    const script = `import { readdirSync } from 'node:fs';
      import { ${begin} } from '${new URL(file, built)}';
      const look = () => { if (readdirSync(${JSON.stringify(output)}).length >= ${names}) process.exit(7); setImmediate(look); };
      ${begin}(${JSON.stringify(output)}).then(() => process.exit(8));
      look();`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
    expect((await once(child, 'exit'))[0]).toBe(7);
    expect(await readdir(output)).toEqual([]);
  });
});
