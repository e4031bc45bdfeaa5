import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { some } from '../../cases.ts';
import { basketwise, smallBank, testBank, unwrapped, writeBank } from './small-bank.ts';

const als = '{ kind: als, factors: 4, regularization: 1, alpha: 10, iterations: 5 }';
const blend = '{ kind: blend, members: [{ kind: ease, weight: 1 }, { kind: popularity, of: recent, weight: 0.5 }] }';

/** The rows of recommendations.csv, by column. */
async function rowsOf(folder: string): Promise<Record<string, string>[]> {
  const [head, ...lines] = (await readFile(join(folder, 'out/latest/recommendations.csv'), 'utf8')).trim().split('\n');
  const names = head!.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((value, i) => [names[i]!, value])));
}

const models = [
  ['a model per cluster and fills', als, 'by_cluster: life,'],
  ['a blend', blend, ''],
  ['automatic', '{ kind: automatic }', ''],
];

test.each(some(models, 1))(
  'every row has a probability and a reason, and lists are those without: %s',
  async (_, model, campaign) => {
    const bank = smallBank(600);
    const config = bank.config
      .replace('deposit-upsell: { kind: upsell,', `deposit-upsell: { kind: upsell, ${campaign}`)
      .replace(/model: .*/, `model: ${model}`)
      .concat('clusters: { life: { method: kmeans, k: 2, numeric: [age] } }\n');
    const folders = await Promise.all(
      ['', 'calibrate: false\n'].map((rest) => writeBank({ ...bank, config: `${config}${rest}` })),
    );
    try {
      const [rows, plain] = await Promise.all(
        folders.map(async ({ folder }) => {
          const { exitCode, stderr } = await basketwise(folder, 'run');
          expect([exitCode, exitCode ? stderr : '']).toEqual([0, '']);
          return rowsOf(folder);
        }),
      );
      expect(rows!.length).toBeGreaterThan(500);
      // Who holds nothing is served by popularity, unless the model knows what they buy.
      expect(rows!.some(({ source }) => source === 'popularity')).toBe(!model.includes('automatic'));
      for (const { probability, reason } of rows!) {
        expect(probability).not.toBe('');
        expect(Number(probability)).toBeGreaterThan(0);
        expect(Number(probability)).toBeLessThan(1);
        expect(reason).not.toBe('');
      }
      expect(new Set(rows!.map(({ probability }) => probability)).size).toBeGreaterThan(20);
      expect(plain!.every(({ probability }) => probability === '')).toBe(true);
      expect(rows!.map((row) => ({ ...row, probability: '' }))).toEqual(plain);
      const again = await basketwise(folders[0]!.folder, 'run', '--stage', 'calibrate..');
      expect(again.exitCode).toBe(0);
      expect(await rowsOf(folders[0]!.folder)).toEqual(rows);
    } finally {
      for (const { remove } of folders) await remove();
    }
  },
);

test('a campaign without dates whose customers hold too little has no probability, and the run says so', async () => {
  const bank = smallBank(20);
  const { folder } = await testBank({ ...bank, config: bank.config.replace(', date: opened', '') });
  const { exitCode, stdout, stderr } = await basketwise(folder, 'run');
  expect(exitCode).toBe(0);
  expect(unwrapped(`${stdout}${stderr}`)).toContain('probability is null: too few targets hold two products');
  expect((await rowsOf(folder)).every(({ probability }) => probability === '')).toBe(true);
});
