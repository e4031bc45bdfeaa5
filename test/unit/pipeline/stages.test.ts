// First tier, under a second: reads the sources of the packages that know the job.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stages } from '../../../packages/pipeline/src/stages/stages.ts';

const packages = join(import.meta.dirname, '../../../packages');
/** Names that are keys of the config, and parts of reports, too. */
const words = new Set(['features', 'segment', 'cluster', 'baskets', 'calibrate', 'outcomes', 'report']);

/** Sources of the job and of the packages above it. */
const sources = /^(pipeline|hive|postgres|insight|audit|cli)[/]src[/].*[.]ts$/;

test('a stage is named in its own file alone', async () => {
  const files = (await readdir(packages, { recursive: true })).filter((file) => sources.test(file));
  const texts = await Promise.all(files.map(async (file) => ({ file, text: await readFile(join(packages, file), 'utf8') })));
  expect(stages.length).toBeGreaterThan(10);
  for (const stage of stages) {
    const { name } = stage;
    const whole = 'each' in stage ? `${name}(-[^'"\`]*)?` : name;
    const named = new RegExp(words.has(name) ? `(name|from|until): '${name}'` : `(?<![[])['"\`]${whole}['"\`]`);
    const naming = texts.filter(({ file, text }) => !file.includes('/init/') && named.test(text)).map(({ file }) => file);
    // targets are one file, which puts their names together
    expect(naming, name).toEqual(name.startsWith('publish-') ? [] : [`pipeline/src/stages/${name}.ts`]);
  }
});
