import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashFile, readJson } from '@basketwise/data/base';
import { loadConfig } from '@basketwise/pipeline';
import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { selectCampaigns } from '../../../packages/cli/src/select-campaigns.ts';
import { readClusterModel } from '../../../packages/clusters/src/fitting/saved-model.ts';
import { takeLock } from '../../../packages/pipeline/src/run/lock.ts';
import { smallBank } from '../../e2e/pipeline/small-bank.ts';
import { temporaryFolder } from '../data/bank.ts';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});

/** Settings with campaigns of these names, as far as a selection looks at them. */
const settingsOf = (names: readonly string[]) =>
  ({ config: { campaigns: Object.fromEntries(names.map((name) => [name, {}])), output: {} } }) as unknown as Parameters<
    typeof selectCampaigns
  >[0];

const selected = (names: readonly string[], selector: string) => {
  try {
    return Object.keys(selectCampaigns(settingsOf(names), [selector]).config.campaigns);
  } catch (error) {
    expect(error).toMatchObject({ code: 'usage' });
    return [];
  }
};

test('a selector finds the names that a regular expression would', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', '-'), maxLength: 6 });
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '*'), maxLength: 7 });
  fc.assert(
    fc.property(fc.uniqueArray(word, { minLength: 1, maxLength: 8 }), pattern, (names, text) => {
      const oracle = new RegExp(`^${text.replaceAll('*', '.*')}$`);
      expect(selected(names, `campaign:${text}`).sort()).toEqual(names.filter((name) => oracle.test(name)).sort());
    }),
  );
});

test('a selector of many stars takes no longer than one of few', () => {
  expect(selected(['a'.repeat(200)], `campaign:${'*a'.repeat(60)}*b`)).toEqual([]);
});

test('a pipe in place of a file of ours is no file, and is not waited for', async () => {
  const pipe = (name: string) => {
    execFileSync('mkfifo', [join(folder, name)]);
    return join(folder, name);
  };
  pipe('.lock');
  await expect(takeLock(folder)).rejects.toMatchObject({ code: 'locked', hint: expect.stringContaining('remove it') });
  expect(await readJson(pipe('run.json'))).toBeUndefined();
  await expect(hashFile(pipe('recommendations.csv'))).rejects.toMatchObject({ code: 'EINVAL' });
  await expect(readClusterModel(pipe('model.arrow'), 'clusters.k.model')).rejects.toMatchObject({ code: 'not-permitted' });
});

test('a config of more than a megabyte is refused unread', async () => {
  const file = join(folder, 'basketwise.yaml');
  writeFileSync(file, `${smallBank().config}${'# too long\n'.repeat(2 ** 20 / 11)}`);
  await expect(loadConfig(file)).rejects.toMatchObject({ code: 'config', message: expect.stringContaining('1 MB') });
});
