import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@basketwise/core';
import { openSnapshot } from '@basketwise/data';
import { evaluate, explainCustomer, tune } from '@basketwise/insight';
import { latestRun, loadConfig, parseConfig, runJob, type Settings, writeSealed } from '@basketwise/pipeline';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { TrialsFile } from '../../../packages/insight/src/tuning/trials-file.ts';
import { readQuality } from '../../../packages/pipeline/src/report/quality-figures.ts';
import { evaluationSection, tuningSection } from '../../../packages/pipeline/src/report/sections-quality.ts';
import { removeOldRuns, switchLatest } from '../../../packages/pipeline/src/run/latest.ts';
import { takeLock } from '../../../packages/pipeline/src/run/lock.ts';
import { RunFolder } from '../../../packages/pipeline/src/run/run-folder.ts';
import { cases } from '../../cases.ts';
import { smallBank, writeBank } from '../../e2e/pipeline/small-bank.ts';
import { temporaryFolder } from '../../unit/data/bank.ts';
import { anyText, damagedJson, damagedValue } from './damage.ts';

const more = `clusters:
  age: { k: 2, numeric: [age] }
segments:
  ages: { column: age, bands: [{ label: young, to: 40 }, { label: old, from: 40 }] }
evaluate: { window: 2 years, bootstrap: 100 }
tune: { parameters: { factors: [2, 4] } }
calibrate: true
`;
const bank = smallBank(400);

let folder: string;
let remove: () => Promise<void>;
let settings: Settings;
let [first, second] = ['', ''];
const output = (...path: string[]) => join(folder, 'out', ...path);
const engine = () => ({ memory: '256MB', threads: 1, tempDirectory: output('tmp') });
const run = (referenceDate: string, from?: string) => runJob(settings, { referenceDate, stages: { from } });

beforeAll(async () => {
  ({ folder, remove } = await writeBank({ ...bank, config: `${bank.config}${more}` }));
  settings = await loadConfig(join(folder, 'basketwise.yaml'));
  await evaluate(settings);
  await tune(settings);
  first = (await run('2022-08-30')).run;
  second = (await run('2022-08-31')).run;
});
afterAll(() => remove());

/** Damages a file of the output again and again; it is whole again afterwards. */
async function damage(file: string, numRuns: number, check: (text: string) => Promise<void>): Promise<void> {
  const path = output(file);
  const whole = await readFile(path);
  try {
    await fc.assert(
      fc.asyncProperty(damagedJson(JSON.parse(whole.toString('utf8'))), async (bytes) => {
        await writeFile(path, bytes);
        await check(Buffer.from(bytes).toString('utf8'));
      }),
      { numRuns: cases(numRuns) },
    );
  } finally {
    await writeFile(path, whole);
  }
}

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error) => error,
  );

describe('a config', () => {
  const text = `${bank.config}${more}`;
  const check = (config: string) => {
    try {
      parseConfig(config, 'basketwise.yaml');
    } catch (error) {
      expect(error).toBeInstanceOf(AppError);
      expect((error as AppError).code).toBe('config');
      expect((error as AppError).message).not.toBe('');
    }
  };

  test('of any text, or edited anywhere, is taken or refused', () => {
    fc.assert(fc.property(anyText, check), { numRuns: cases(150) });
    const edit = fc.tuple(fc.nat(text.length), fc.nat(20), anyText);
    fc.assert(
      fc.property(edit, ([at, length, put]) => check(text.slice(0, at) + put + text.slice(at + length))),
      { numRuns: cases(250) },
    );
  });

  test('of another shape is taken or refused', () => {
    fc.assert(
      fc.property(damagedValue(parse(text)), (value) => check(stringify(value))),
      { numRuns: cases(250) },
    );
  });

  test('whose aliases point nowhere, at themselves, or multiply is refused', () => {
    const bomb = ['x0: &x0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]'];
    for (let i = 1; i < 9; i++)
      bomb.push(
        `x${i}: &x${i} [${Array(10)
          .fill(`*x${i - 1}`)
          .join(', ')}]`,
      );
    for (const config of ['a: *nowhere', 'tables: &t { customers: *t }', bomb.join('\n'), '['.repeat(50_000)]) {
      expect(() => parseConfig(config, 'basketwise.yaml')).toThrow(expect.objectContaining({ code: 'config' }));
    }
  });
});

test('the record of a stage that is damaged is as none: the stage is done again', async () => {
  const place = await temporaryFolder();
  const identity = { referenceDate: '2022-08-31', hash: 'abcdef0123', code: 'c', config: 'd', input: 'i' };
  const summary = { campaign: 'deposit-upsell', sizes: [3, 4], of: { text: '적금', none: null } };
  let done = 0;
  const work = async () => {
    done++;
    return { files: [], summary };
  };
  const again = async () => (await RunFolder.open(place, identity)).stage({ name: 'one', work });
  const opened = await RunFolder.open(place, identity);
  await opened.stage({ name: 'one', work });
  await again();
  expect(done).toBe(1);
  const path = opened.file('stages/one.json');
  const whole = JSON.parse(await readFile(path, 'utf8'));
  await fc.assert(
    fc.asyncProperty(damagedJson(whole), async (bytes) => {
      await writeFile(path, bytes);
      done = 0;
      expect(await again()).toEqual(summary);
      expect(done).toBe(1);
    }),
    { numRuns: cases(150) },
  );
});

test("a snapshot's manifest that is damaged is refused, or says as much as readers need", async () => {
  for (const text of ['{"version":1}', 'null', '[]']) {
    await writeFile(output('manifest.json'), text);
    await expect(openSnapshot(output(), engine())).rejects.toMatchObject({ code: 'bad-data' });
  }
  await rm(output('manifest.json'));
  await damage(join('runs', second, 'snapshot', 'manifest.json'), 60, async () => {
    const found = await openSnapshot(output('runs', second, 'snapshot'), { ...engine(), productsOnly: true }).catch(
      (error) => error,
    );
    if (found instanceof AppError) expect(found.code).toBe('bad-data');
    else {
      expect(await found.products()).toHaveLength(8);
      expect(found.manifest).toMatchObject({ version: 1, dataHash: expect.any(String) });
      await found.close();
    }
  });
});

test('the manifest of a finished run that is damaged is refused by who looks back at it', async () => {
  await damage(join('runs', second, 'manifest.json'), 60, async () => {
    const error = await failure(explainCustomer(settings, '0001', second));
    expect(error).toMatchObject({ code: 'bad-data', message: expect.stringContaining('manifest.json') });
  });
  await expect(explainCustomer(settings, '0001', second)).resolves.toMatchObject({ run: second });
});

test('what is left of the run before is compared with or reported as damaged; the run ends as before', async () => {
  const manifest = await readFile(output('runs', second, 'manifest.json'));
  await damage(join('runs', first, 'manifest.json'), 10, async () => {
    await switchLatest(output(), first);
    const ended = await run('2022-08-31').catch((error) => error);
    if (ended instanceof AppError) expect(ended.message).toContain('guards.');
    else {
      for (const warning of ended.warnings.filter((one: string) => one.includes('guards'))) {
        expect(warning).toMatch(
          new RegExp(`^manifest.json of the last successful run, ${first}, is missing, damaged or of another version:`),
        );
      }
      expect(await readFile(output('runs', second, 'manifest.json'))).toEqual(manifest);
    }
  });
  for (const file of ['segments.json', 'clusters.json', 'report.json']) {
    await damage(join('runs', first, file), 4, async () => {
      await switchLatest(output(), first);
      await run('2022-08-31', file === 'report.json' ? 'report' : 'segment');
    });
  }
});

test('evaluation.json and tune.json that are damaged count as absent, with a warning', async () => {
  const quality = async () => {
    const warnings: string[] = [];
    const figures = await readQuality(output(), (warning) => warnings.push(warning));
    evaluationSection(figures);
    tuningSection(figures);
    return { figures, warnings };
  };
  for (const [file, key] of [
    ['evaluation.json', 'evaluation'],
    ['tune.json', 'tuning'],
  ] as const) {
    expect((await quality()).figures[key]).not.toBeNull();
    await damage(file, 200, async () => {
      const { figures, warnings } = await quality();
      expect(warnings.length).toBe(figures[key] === null ? 1 : 0);
      for (const warning of warnings) expect(warning).toMatch(/\.json is damaged, or of another version: it counts as absent$/);
    });
    await rm(output(file));
    expect(await quality()).toMatchObject({ figures: { [key]: null }, warnings: [] });
  }
});

test('trials that are damaged are forgotten', async () => {
  const about = { dataHash: 'a' };
  const trial = { campaign: 'deposit-upsell', parameters: { factors: 4 }, share: 1, score: 0.5 };
  await (await TrialsFile.open(output('trials.json'), about)).add(trial);
  await damage('trials.json', 150, async () => {
    const trials = await TrialsFile.open(output('trials.json'), about);
    expect(trials.scoreOf(trial.campaign, trial.parameters, 1)).toBeUndefined();
    await trials.add(trial);
    expect((await TrialsFile.open(output('trials.json'), about)).scoreOf(trial.campaign, trial.parameters, 1)).toBe(0.5);
  });
});

test('run.json that is damaged makes a run the oldest', async () => {
  const place = await temporaryFolder();
  const [a, b, c] = ['a', 'b', 'c'].map((digit) => `2022-08-31-${digit.repeat(8)}`) as [string, string, string];
  for (const name of [a, b, c]) {
    await mkdir(join(place, 'runs', name), { recursive: true });
    await writeSealed(join(place, 'runs', name, 'manifest.json'), { version: 1 });
  }
  await switchLatest(place, c);
  const state = JSON.parse(await readFile(output('runs', second, 'run.json'), 'utf8'));
  await fc.assert(
    fc.asyncProperty(damagedJson(state), async (bytes) => {
      await writeFile(join(place, 'runs', a, 'run.json'), bytes);
      await copyFile(output('runs', second, 'run.json'), join(place, 'runs', b, 'run.json'));
      expect(await removeOldRuns(place, 3)).toEqual([]);
      expect(await latestRun(place)).toBe(c);
    }),
    { numRuns: cases(150) },
  );
  await writeFile(join(place, 'runs', a, 'run.json'), '{"endedAt": 7}');
  expect(await removeOldRuns(place, 2)).toEqual([a]);
});

test('a lock that is damaged is held by a process, or stale', async () => {
  const place = await temporaryFolder();
  await fc.assert(
    fc.asyncProperty(damagedJson({ pid: 4_194_303, host: 'elsewhere', start: '1' }), async (bytes) => {
      await writeFile(join(place, '.lock'), bytes);
      const found = await takeLock(place).catch((error) => error);
      if (found instanceof AppError) expect(found).toMatchObject({ code: 'locked', hint: expect.stringMatching(/lock|Wait/) });
      else await found.release();
      await rm(join(place, '.lock'), { force: true });
    }),
    { numRuns: cases(150) },
  );
});
