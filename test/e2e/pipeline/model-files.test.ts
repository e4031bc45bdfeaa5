import { readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { explainCustomer } from '@basketwise/insight';
import { loadConfig, runJob } from '@basketwise/pipeline';
import { expect, test } from 'vitest';
import { smallBank, testBank } from './small-bank.ts';

test('campaigns and schemes whose names run into each other have files of their own', async () => {
  const bank = smallBank(120);
  const config = bank.config.replace(/campaigns:\n(.*\n){2}/, '').concat(`clusters:
  seg: { k: 2, numeric: [age] }
campaigns:
  dep-up: { kind: upsell, class: deposit, by_cluster: seg }
  dep-up-1: { kind: upsell, class: deposit, model: { kind: ease } }
  clusters-seg: { kind: cross, class: insurance, columns: [deposit, insurance] }
  clusters: { kind: cross, class: insurance, columns: [deposit, insurance], model: { kind: ease } }
  all: { kind: cross, class: insurance, columns: [deposit, insurance], by_cluster: seg }
`);
  const { folder } = await testBank({ ...bank, config });
  const settings = await loadConfig(join(folder, 'basketwise.yaml'));
  const report = await runJob(settings);
  const files = [
    ...report.trainings.flatMap(({ fits }) => fits.map(({ file }) => file)),
    ...report.clusters.map(({ file }) => file),
  ];
  expect(new Set(files).size).toBe(files.length);
  expect(files.length).toBeGreaterThan(7);
  const { files: listed } = JSON.parse(await readFile(join(report.folder, 'manifest.json'), 'utf8'));
  expect(listed.map(({ file }: { file: string }) => file)).toEqual(expect.arrayContaining(files));
  const { campaigns } = await explainCustomer(settings, '0001');
  const kinds = campaigns.flatMap(({ campaign, recommendations }) =>
    recommendations.flatMap(({ reasons }) => (reasons ? [`${campaign} ${reasons.model}`] : [])),
  );
  for (const kind of kinds) expect(kind).toMatch(/^(dep-up-1|clusters) ease$|^(dep-up|clusters-seg|all) als$/);
  expect(kinds).not.toEqual([]);
});

test('a saved cluster model that cannot be read is an error; it does not count as missing', async () => {
  const bank = smallBank(120);
  const config = `${bank.config}clusters:\n  seg: { k: 2, numeric: [age], model: seg.arrow }\n`;
  const { folder } = await testBank({ ...bank, config });
  const settings = await loadConfig(join(folder, 'basketwise.yaml'));
  await runJob(settings);
  const model = join(folder, 'seg.arrow');
  const fitted = await readFile(model);
  await rm(model);
  await symlink('seg.arrow', model); // a link to itself: ELOOP
  await expect(runJob(settings)).rejects.toThrow('seg.arrow cannot be read: ELOOP');
  await rm(model);
  await runJob(settings);
  expect((await readFile(model)).equals(fitted)).toBe(true);
});
