import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeJson } from '@basketwise/data/base';
import { rollback, writeSealed } from '@basketwise/pipeline';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { removeOldRuns, switchLatest } from '../../../packages/pipeline/src/run/latest.ts';
import { publishedNights, recordedRuns } from '../../../packages/pipeline/src/run/published-runs.ts';
import { temporaryFolder } from '../data/bank.ts';

let output: string;
beforeEach(async () => {
  output = await temporaryFolder();
});

let clock = 0;

/** Makes the folder of a run that has succeeded, and not published it. */
async function succeeded(run: string, more: object = {}): Promise<string> {
  const folder = join(output, 'runs', run);
  await mkdir(folder, { recursive: true });
  const endedAt = new Date(Date.UTC(2022, 0, 1) + 1000 * clock++).toISOString();
  await writeJson(join(folder, 'run.json'), { status: 'finished', startedAt: endedAt, endedAt });
  await writeSealed(join(folder, 'manifest.json'), { version: 1, run, ...more });
  return run;
}

async function published(run: string): Promise<string> {
  await switchLatest(output, await succeeded(run));
  return run;
}

const nights = async (warn?: (problem: string) => void) => (await publishedNights(output, warn)).map(({ run }) => run);
const linkBack = async (run: string) => {
  await rm(join(output, 'latest'));
  await symlink(join('runs', run), join(output, 'latest'));
};

const [june, july, august] = ['2022-06-30-55555555', '2022-07-31-33333333', '2022-08-31-11111111'] as const;

describe('the published run of a date', () => {
  test('is the last one made latest, with any name', async () => {
    await published('2022-06-30-ffffffff');
    await published('2022-06-30-00000000');
    expect(await nights()).toEqual(['2022-06-30-00000000']);
    for (const attempt of ['', '-9', '-10']) await published(`${july}${attempt}`);
    expect(await nights()).toEqual(['2022-06-30-00000000', `${july}-10`]);
    await switchLatest(output, `${july}-9`);
    expect(await nights()).toEqual(['2022-06-30-00000000', `${july}-9`]);
  });

  test('is none that was rolled back from, until it is published again', async () => {
    for (const run of [june, july, `${june}-2`, august]) await published(run);
    await rollback(output, july);
    expect(await nights()).toEqual([june, july]);
    await published('2022-09-30-99999999');
    expect(await nights()).toEqual([june, july, '2022-09-30-99999999']);
    await switchLatest(output, august);
    expect(await nights()).toEqual([june, july, august, '2022-09-30-99999999']);
  });

  test('is none that has not been published, nor one of some campaigns alone', async () => {
    await published(june);
    await succeeded(july);
    await succeeded('2022-06-30-aaaaaaaa', { aside: true });
    expect(await nights()).toEqual([june]);
    await expect(rollback(output, '2022-06-30-aaaaaaaa')).rejects.toMatchObject({
      code: 'usage',
      hint: expect.stringContaining(`\`${june}\``),
    });
    expect(await nights()).toEqual([june]);
  });

  test('follows latest where that was pointed elsewhere by hand', async () => {
    for (const run of [june, july, august]) await published(run);
    await linkBack(june);
    expect(await nights()).toEqual([june]);
    await succeeded('2022-05-31-77777777');
    await linkBack('2022-05-31-77777777');
    expect(await nights()).toEqual(['2022-05-31-77777777', june, july]);
  });

  test('is the one that ended last, no later than latest, where there is no record', async () => {
    for (const run of [june, `${july}-9`, `${july}-10`, august]) await succeeded(run);
    await symlink(join('runs', `${july}-10`), join(output, 'latest'));
    expect(await nights()).toEqual([june, `${july}-10`]);
    await switchLatest(output, august);
    expect(await nights()).toEqual([june, `${july}-10`, august]);
    await rollback(output, june);
    expect(await nights()).toEqual([june]);
  });

  test('is found in the same way, with a warning, where the record is damaged', async () => {
    for (const run of [june, july]) await published(run);
    const record = join(output, 'published.json');
    const whole = await readFile(record, 'utf8');
    for (const damaged of [whole.replace(june, august), '{}', 'x']) {
      await writeFile(record, damaged);
      const warnings: string[] = [];
      expect(await nights((problem) => warnings.push(problem))).toEqual([june, july]);
      expect(warnings).toEqual([expect.stringMatching(/^published\.json is damaged.*: runs count in the order/)]);
    }
  });
});

test('a record that has lost its oldest runs says so, also after a rollback, and one that is damaged is refused', async () => {
  await published(june);
  expect(await recordedRuns(output)).toMatchObject({ runs: [{ run: june }], isCut: false });
  const runs = Array.from({ length: 1000 }, (_, i) => ({ run: `2019-01-01-${String(i).padStart(8, '0')}`, seal: '' }));
  await writeSealed(join(output, 'published.json'), { version: 1, runs: [...runs, { run: june, seal: '' }], before: [] });
  await published(july);
  await rollback(output, june);
  expect(await recordedRuns(output)).toMatchObject({ isCut: true });
  await rm(join(output, 'published.json'));
  await expect(recordedRuns(output)).rejects.toMatchObject({ code: 'bad-data', hint: expect.stringContaining('stop') });
});

/** A move of a model of publications: to publish or to roll back, or either but for the link, as when the process is killed. */
const moves = fc.array(
  fc.record({ run: fc.nat(5), how: fc.constantFrom('publish', 'publish', 'publish', 'rollback'), isKilled: fc.boolean() }),
  { minLength: 1, maxLength: 12 },
);

test('published runs are those of a model of all moves, kills between record and link too', async () => {
  const runs = ['2022-06-30-11111111', '2022-06-30-22222222', '2022-07-31-11111111', '2022-07-31-11111111-2', june, august];
  for (const run of runs) await succeeded(run);
  await fc.assert(
    fc.asyncProperty(moves, async (all) => {
      for (const name of ['latest', 'published.json']) await rm(join(output, name), { force: true });
      let stack: string[] = [];
      for (const { run: at, how, isKilled } of all) {
        const run = runs[at]!;
        const latest = stack.at(-1);
        await (how === 'publish' ? switchLatest(output, run) : rollback(output, run));
        if (isKilled && latest !== run) {
          // the record is on the disk, the link is not
          if (latest === undefined) await rm(join(output, 'latest'));
          else await linkBack(latest);
        } else {
          const back = how === 'rollback' ? stack.lastIndexOf(run) : -1;
          if (back >= 0) stack = stack.slice(0, back + 1);
          else if (latest !== run) stack = [...stack, run];
        }
        const wanted = new Map(stack.map((one) => [one.slice(0, 10), one]));
        expect(await nights()).toEqual([...wanted].sort().map(([, one]) => one));
      }
    }),
    { numRuns: 30, seed: 1 },
  );
});

describe('keep', () => {
  const left = async () => (await readdir(join(output, 'runs'))).sort();

  test('holds for runs of some campaigns alone as for others, and neither pushes the other out', async () => {
    await published(june);
    await published(july);
    const aside = ['a', 'b', 'c'].map((digit) => `2022-08-31-${digit.repeat(8)}`);
    for (const run of aside) await succeeded(run, { aside: true });
    expect(await removeOldRuns(output, 2)).toEqual([aside[0]]);
    await published(august);
    expect(await removeOldRuns(output, 2)).toEqual([june]);
    expect(await left()).toEqual([july, august, aside[1], aside[2]].sort());
  });

  test('holds for what was published last: a run that was rolled back from goes first', async () => {
    for (const run of [june, july]) await published(run);
    await rollback(output, june);
    await published(august);
    expect(await removeOldRuns(output, 2)).toEqual([july]);
    expect(await nights()).toEqual([june, august]);
  });

  test('removes folders: what was published stays known', async () => {
    for (const run of [june, july]) await published(run);
    const before = await publishedNights(output);
    expect(await removeOldRuns(output, 1)).toEqual([june]);
    expect(await publishedNights(output)).toEqual(before);
  });
});
