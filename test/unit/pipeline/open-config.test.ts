import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openConfig } from '@basketwise/pipeline/runs';
import { beforeEach, expect, test } from 'vitest';
import { smallBank } from '../../e2e/pipeline/small-bank.ts';
import { temporaryFolder } from '../data/bank.ts';

const config = smallBank().config.replace(/^output:.*\n/m, '');

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});

async function opened(text: string) {
  await writeFile(join(folder, 'basketwise.yaml'), text);
  return openConfig('basketwise.yaml', folder);
}

test.each([
  ['', './out'],
  ['output: {}\n', './out'],
  ['output: { keep: 3 }\n', './out'],
  ['output: { dir: runs here }\n', 'runs here'],
  ['output: { dir: " runs " }\n', 'runs'],
  ['output: { dir: ../elsewhere }\n', '../elsewhere'],
  ['output: { dir: /elsewhere }\n', '/elsewhere'],
  ['output: &same { dir: same }\n', 'same'],
  ['derive: {}\noutput:\n  dir: |\n    lines\n', 'lines'],
])('the output folder of %j is the same as by the whole config', async (output, dir) => {
  const file = await opened(config + output);
  const settings = await file.settings();
  expect(settings.config.output.dir).toBe(dir);
  expect(file.output).toBe(join(dir.startsWith('/') ? '' : folder, dir));
  expect(settings.file).toBe(join(folder, 'basketwise.yaml'));
});

test.each([
  ['output: { dir: 3 }\n', 'output.dir: expected text'],
  ['output: { dir: "" }\n', 'output.dir: expected text, found nothing'],
  ['output: out\n', 'output: expected'],
  ['output: {\n', 'basketwise.yaml:'],
  ['output: *other\n', 'basketwise.yaml'],
])('a fault of %j is reported with its line', async (output, message) => {
  await expect(opened(config + output)).rejects.toMatchObject({ code: 'config', message: expect.stringContaining(message) });
});

test('faults elsewhere are reported only to callers that need the settings', async () => {
  const { output, settings } = await opened('tables: 3\noutput: { dir: there }\n');
  expect(output).toBe(join(folder, 'there'));
  await expect(settings()).rejects.toMatchObject({ code: 'config' });
  await expect(openConfig('absent.yaml', folder)).rejects.toMatchObject({ code: 'missing-input' });
});
