// First tier, 3 s: the keys of the reference, and one change. Second tier: each 32nd of some 240 changes, three runs of 120 customers each. All
// changes with `--mode every`, before a release.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { configJsonSchema, loadConfig, type RunReport, runJob } from '@basketwise/pipeline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describedKeys } from '../../../scripts/reference/config-page.ts';
import { every, some } from '../../cases.ts';
import { keyBank, otherFiles } from './key-bank.ts';
import { configText, isOfNoFiles, type KeyChange, keyChanges } from './key-changes.ts';
import { made } from './made.ts';
import { writeBank } from './small-bank.ts';

let folder: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ folder, remove } = await writeBank(keyBank));
  for (const [file, content] of Object.entries(otherFiles)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), content);
  }
});
afterAll(() => remove());

const keys = describedKeys(configJsonSchema());

/** Keys whose parts are changed one by one. */
const isGroup = (key: string, all: readonly string[]) =>
  all.some((path) => path.startsWith(`${key}.`) || path.startsWith(`${key}[`));

test('each key of the reference has a change, or a reason to have none', () => {
  const changed = new Set(keyChanges.map(({ key }) => key));
  expect(keys.length).toBeGreaterThan(300);
  expect(keys.filter((key) => !changed.has(key) && !isOfNoFiles(key) && !isGroup(key, keys))).toEqual([]);
  expect([...changed].filter((key) => !keys.includes(key))).toEqual([]);
});

async function run(change: KeyChange, isAfter: boolean, dir: string): Promise<RunReport> {
  const file = join(folder, 'basketwise.yaml');
  await writeFile(file, configText(change, isAfter, dir));
  return runJob(await loadConfig(file));
}

/** Results without the config: keys that change no result are those of the run that made it. */
async function results(report: RunReport) {
  const { manifest, products } = await made(report);
  const { config: _, seal: __, ...found } = manifest;
  return { ...found, products };
}

const few = keyChanges.filter((_, i) => i % 32 === 0);

let fresh = 0;
test.each(every(keyChanges, some(few, 1)))(
  '$key: a run after another config is, to the byte, a run in an empty folder',
  async (change) => {
    await run(change, false, 'out');
    const after = await results(await run(change, true, 'out'));
    expect(after).toEqual(await results(await run(change, true, `fresh-${fresh++}`)));
  },
);
