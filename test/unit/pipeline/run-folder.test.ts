import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@basketwise/core';
import { readJson, writeJson } from '@basketwise/data/base';
import { latestRun, rollback, writeSealed } from '@basketwise/pipeline';
import { beforeEach, describe, expect, test } from 'vitest';
import type { RunIdentity } from '../../../packages/pipeline/src/run/identity.ts';
import { removeOldRuns, switchLatest } from '../../../packages/pipeline/src/run/latest.ts';
import { takeLock } from '../../../packages/pipeline/src/run/lock.ts';
import { RunFolder, type StageRange, StageReached } from '../../../packages/pipeline/src/run/run-folder.ts';
import { temporaryFolder } from '../data/bank.ts';

let output: string;
beforeEach(async () => {
  output = await temporaryFolder();
});

const identity = (hash: string): RunIdentity => ({
  ...{ referenceDate: '2022-08-31', hash, code: 'c', config: 'd', input: 'i' },
});

describe('lock', () => {
  test('is held once, and free again after release', async () => {
    const lock = await takeLock(output);
    const error = await takeLock(output).catch((reason) => reason as AppError);
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).code).toBe('locked');
    expect((error as AppError).message).toContain(`process ${process.pid}`);
    await lock.release();
    await (await takeLock(output)).release();
    expect(await readdir(output)).toEqual([]);
  });

  test('of a process that is gone is taken over', async () => {
    const child = spawn(process.execPath, ['-e', '0']);
    await once(child, 'exit');
    await writeFile(join(output, '.lock'), JSON.stringify({ pid: child.pid, host: hostname(), start: '1' }));
    await (await takeLock(output)).release();
  });

  test('of an earlier process that had the pid of a live one is taken over', async () => {
    await writeFile(join(output, '.lock'), JSON.stringify({ pid: process.pid, host: hostname(), start: '1' }));
    await (await takeLock(output)).release();
  });
});

describe('stages', () => {
  async function run(names: readonly string[], done: string[], failing?: string, key = '') {
    const folder = await RunFolder.open(output, identity('aaaaaaaabb'));
    for (const name of names) {
      await folder.stage({
        name,
        key: async () => key,
        work: async () => {
          if (name === failing) throw new AppError('bad-data', 'broken', 'mend it');
          done.push(name);
          await writeFile(folder.file(`${name}.txt`), name);
          return { files: [`${name}.txt`], summary: name.length };
        },
      });
    }
    return folder;
  }

  test('that are done are skipped, from the first undone on everything is done', async () => {
    const done: string[] = [];
    await expect(run(['one', 'two', 'three'], done, 'two')).rejects.toThrow('broken');
    await run(['one', 'two', 'three'], done);
    expect(done).toEqual(['one', 'two', 'three']);
    const folder = await run(['one', 'two', 'three'], done);
    expect(folder.stages.map((stage) => stage.status)).toEqual(['skipped', 'skipped', 'skipped']);
    expect(folder.files.map((file) => file.file)).toEqual(['one.txt', 'two.txt', 'three.txt']);
    await rm(folder.file('two.txt'));
    await run(['one', 'two', 'three'], done);
    expect(done).toEqual(['one', 'two', 'three', 'two', 'three']);
    await run(['one', 'two', 'three'], done, undefined, 'another model');
    expect(done.slice(5)).toEqual(['one', 'two', 'three']);
  });

  test('that a killed process left unfinished are cleared away', async () => {
    const folder = await run(['one'], []);
    await mkdir(folder.file('snapshot.unfinished'));
    for (const name of ['run.json.3735928559', 'snapshot.unfinished/part', 'stages/one.json.48879', 'two.parquet.unfinished'])
      await writeFile(folder.file(name), '');
    await run(['one'], []);
    const left = await readdir(folder.path, { recursive: true });
    expect(left.sort()).toEqual(['one.txt', 'run.json', 'stages', 'stages/one.json']);
  });

  test('leave run.json with status, stage and exit code', async () => {
    const folder = await RunFolder.open(output, identity('aaaaaaaabb'));
    const work = async () => {
      throw new AppError('bad-data', 'broken', 'mend it');
    };
    const error = await folder.stage({ name: 'one', work }).catch((reason) => reason);
    await folder.end(error);
    expect(await readJson(folder.file('run.json'))).toMatchObject({
      ...{ run: '2022-08-31-aaaaaaaa', status: 'failed', stage: 'one', exitCode: 65, message: 'broken', hint: 'mend it' },
    });
    expect((await stat(folder.file('run.json'))).mode & 0o777).toBe(0o600);
  });
});

describe('a run that is done again', () => {
  const names = ['one', 'two', 'three'];

  /** Does the stages; the output of each has its name and its inputs. */
  async function work(options: { made?: string; range?: StageRange; failing?: string } = {}) {
    const { made = 'first', range = {}, failing } = options;
    const done: string[] = [];
    const folder = await RunFolder.open(output, identity('aaaaaaaabb'), { range });
    const reason = await stagesOf(folder).then(
      () => undefined,
      (error) => error,
    );
    if (reason) await folder.end(reason);
    return { folder, done, reason };

    async function stagesOf(opened: RunFolder) {
      for (const name of names) {
        await opened.stage({
          name,
          key: async () => (name === 'two' ? made : ''),
          work: async () => {
            if (name === failing) throw new AppError('bad-data', 'broken', 'mend it');
            done.push(name);
            await writeJson(opened.file(`${name}.txt`), `${name} of ${made}`);
            return { files: [`${name}.txt`], summary: name };
          },
        });
      }
      if (!opened.isPublished) await writeSealed(opened.file('manifest.json'), { version: 1, made });
      await switchLatest(output, opened.name);
      await opened.end();
    }
  }

  const contentOf = (folder: RunFolder, name: string) => readFile(folder.file(`${name}.txt`), 'utf8');

  test('after a stage that was made of something else, the later ones are made anew, whenever it was', async () => {
    await work({ range: { until: 'three' } });
    const stopped = await work({ made: 'second', range: { until: 'two' } });
    expect(stopped.reason).toBeInstanceOf(StageReached);
    expect(stopped.done).toEqual(['two']);
    const rest = await work({ made: 'second' });
    expect(rest.done).toEqual(['three']);
    expect(await contentOf(rest.folder, 'three')).toBe('"three of second"\n');
  });

  test('from a stage on, and stopped within it, begins there again', async () => {
    await work({ range: { until: 'three' } });
    expect((await work({ range: { from: 'one' }, failing: 'one' })).reason).toMatchObject({ code: 'bad-data' });
    expect((await work()).done[0]).toBe('one');
  });

  test('leaves what has succeeded as it is until the other one has, too', async () => {
    const first = await work();
    const before = await Promise.all([...names.map((name) => `${name}.txt`), 'run.json', 'manifest.json'].map(fileOf));
    function fileOf(name: string) {
      return readFile(first.folder.file(name), 'utf8');
    }
    const failed = await work({ made: 'second', failing: 'three' });
    expect(failed.reason).toMatchObject({ code: 'bad-data' });
    expect(failed.folder.name).toBe(`${first.folder.name}-2`);
    expect(await latestRun(output)).toBe(first.folder.name);
    await rollback(output, first.folder.name);
    await expect(rollback(output, failed.folder.name)).rejects.toMatchObject({ code: 'missing-input' });
    expect(await Promise.all([...names.map((name) => `${name}.txt`), 'run.json', 'manifest.json'].map(fileOf))).toEqual(before);

    const again = await work({ made: 'second' });
    expect(again.folder.name).toBe(failed.folder.name);
    expect(again.done).toEqual(['three']);
    expect(await latestRun(output)).toBe(again.folder.name);
    expect(await Promise.all(names.map((name) => contentOf(again.folder, name)))).toEqual([
      ...['"one of first"\n', '"two of second"\n', '"three of second"\n'],
    ]);
    expect(await Promise.all([...names.map((name) => `${name}.txt`), 'run.json', 'manifest.json'].map(fileOf))).toEqual(before);
    expect((await work({ made: 'second' })).done).toEqual([]);
    expect((await readdir(join(output, 'runs'))).length).toBe(2);
  });

  test('keeps in its next folder what belongs to no stage, and nothing of the stages to come', async () => {
    const { folder } = await work();
    await writeFile(folder.file('counts.json'), '{}');
    const { folder: next } = await work({ range: { from: 'two', until: 'two' } });
    expect((await readdir(next.path)).sort()).toEqual(['counts.json', 'one.txt', 'run.json', 'stages', 'two.txt']);
    expect((await readdir(next.file('stages'))).sort()).toEqual(['one.json', 'two.json']);
  });

  test('what a process left that was killed while it began the next folder goes', async () => {
    const { folder } = await work();
    await mkdir(`${folder.path}-2.unfinished`);
    await work();
    expect(await readdir(join(output, 'runs'))).toEqual([folder.name]);
  });

  test('as far as a stage of a run that has ended: its run.json stays', async () => {
    const { folder } = await work();
    const before = await readFile(folder.file('run.json'), 'utf8');
    expect((await work({ range: { until: 'one' } })).reason).toBeInstanceOf(StageReached);
    await work();
    expect(await readFile(folder.file('run.json'), 'utf8')).toBe(before);
    expect(JSON.parse(before)).toMatchObject({ status: 'finished' });
  });

  test('after a bit of a file has flipped, makes the file anew', async () => {
    const { folder } = await work({ range: { until: 'three' } });
    const bytes = await readFile(folder.file('two.txt'));
    bytes[3]! ^= 1;
    await writeFile(folder.file('two.txt'), bytes);
    expect((await work()).done).toEqual(['two', 'three']);
  });
});

describe('latest', () => {
  async function succeed(hash: string) {
    const folder = await RunFolder.open(output, identity(hash));
    await folder.end();
    await writeSealed(folder.file('manifest.json'), { version: 1 });
    await switchLatest(output, folder.name);
    return folder.name;
  }

  test('points at the last run, and back again', async () => {
    const first = await succeed('11111111');
    const second = await succeed('22222222');
    expect(await latestRun(output)).toBe(second);
    await rollback(output, first);
    expect(await latestRun(output)).toBe(first);
    expect(await readJson(join(output, 'latest', 'manifest.json'))).toMatchObject({ version: 1 });
    await expect(rollback(output, 'none')).rejects.toThrow('no successful run `none`');
  });

  test('is what a manifest with its seal says', async () => {
    const first = await succeed('11111111');
    const second = await succeed('22222222');
    const manifest = join(output, 'runs', first, 'manifest.json');
    await writeFile(manifest, (await readFile(manifest, 'utf8')).replace('"version": 1', '"version": 2'));
    await expect(rollback(output, first)).rejects.toMatchObject({ code: 'bad-data' });
    expect(await latestRun(output)).toBe(second);
  });

  test('is not one that cannot be read: that is an error, and nothing is taken for absent', async () => {
    const manifest = join(output, 'manifest.json');
    await symlink(manifest, manifest);
    await expect(readJson(manifest)).rejects.toMatchObject({ code: 'bad-data', message: `${manifest} cannot be read: ELOOP` });
    expect(await readJson(join(output, 'none.json'))).toBeUndefined();
  });

  test('is not looked for in runs that cannot be read: nothing is begun beside them, and nothing goes', async () => {
    await symlink(join(output, 'runs'), join(output, 'runs'));
    const expected = { code: 'bad-data', message: `${join(output, 'runs')} cannot be read: ELOOP` };
    await expect(removeOldRuns(output, 1)).rejects.toMatchObject(expected);
  });

  test('is not rolled back to a run that cannot be read, and the error says so', async () => {
    const first = await succeed('11111111');
    await succeed('22222222');
    const manifest = join(output, 'runs', first, 'manifest.json');
    await rm(manifest);
    await symlink(manifest, manifest);
    await expect(rollback(output, first)).rejects.toMatchObject({
      code: 'bad-data',
      message: `${manifest} cannot be read: ELOOP`,
    });
  });

  test('and all that is no run stays when old runs go', async () => {
    await mkdir(join(output, 'runs', 'of-somebody-else'), { recursive: true });
    for (const hash of ['11111111', '22222222']) await succeed(hash);
    await removeOldRuns(output, 1);
    expect(await readdir(join(output, 'runs'))).toEqual(['2022-08-31-22222222', 'of-somebody-else']);
  });

  test('is kept when old runs go', async () => {
    const names: string[] = [];
    for (const hash of ['11111111', '22222222', '33333333', '44444444']) {
      names.push(await succeed(hash));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await rollback(output, names[0]!);
    expect(await removeOldRuns(output, 2)).toEqual([names[2], names[1]]);
    expect((await readdir(join(output, 'runs'))).sort()).toEqual([names[0], names[3]]);
  });

  test('nights that failed never push out a run that can be rolled back to', async () => {
    const first = await succeed('11111111');
    for (const hash of ['22222222', '33333333', '44444444']) {
      await (await RunFolder.open(output, identity(hash))).end(new AppError('bad-data', 'short', 'look'));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await succeed('55555555');
    expect(await removeOldRuns(output, 2)).toEqual(['2022-08-31-22222222']);
    await rollback(output, first);
    expect(await latestRun(output)).toBe(first);
  });
});
