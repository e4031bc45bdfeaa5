import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { basketwise, smallBank, writeBank } from './small-bank.ts';

test('the probability of an evaluated model is written beside its scores, rises with them, and is never that of another model', async () => {
  const bank = smallBank(600);
  const { folder, remove } = await writeBank({
    ...bank,
    config: `${bank.config}calibrate: true\nevaluate: { window: 1 year, gap: 1 month }\n`,
  });
  try {
    const rows = async () => {
      expect((await basketwise(folder, 'run')).exitCode).toBe(0);
      const [head, ...lines] = (await readFile(join(folder, 'out/latest/recommendations.csv'), 'utf8')).trim().split('\n');
      const names = head!.split(',');
      const at = (line: string, name: string) => line.split(',')[names.indexOf(name)]!;
      return lines
        .filter((line) => at(line, 'campaign') === 'deposit-upsell')
        .map((line) => ({ score: Number(at(line, 'score')), probability: at(line, 'probability'), source: at(line, 'source') }));
    };
    // Nothing was evaluated yet.
    expect((await rows()).every(({ probability }) => probability === '')).toBe(true);
    const evaluated = await basketwise(folder, 'evaluate');
    expect(evaluated.exitCode).toBe(0);
    expect(evaluated.stdout).toContain('Probability of als scores');
    const found = (await rows()).filter(({ source }) => source === 'als').sort((a, b) => a.score - b.score);
    expect(found.length).toBeGreaterThan(10);
    let before = 0;
    for (const { probability } of found) {
      expect(probability).not.toBe('');
      expect(Number(probability)).toBeGreaterThanOrEqual(before);
      before = Number(probability);
    }
    expect(before).toBeGreaterThan(0);
    const config = await readFile(join(folder, 'basketwise.yaml'), 'utf8');
    // A model per cluster has other scores than the one that was calibrated.
    const clustered = `${config.replace('kind: upsell,', 'kind: upsell, by_cluster: life,')}clusters: { life: { method: kmeans, k: 2, numeric: [age] } }\n`;
    await writeFile(join(folder, 'basketwise.yaml'), clustered);
    expect((await basketwise(folder, 'evaluate')).stdout).toContain('clusters of life go by customer columns as they are today');
    expect((await rows()).every(({ probability }) => probability === '')).toBe(true);
    await writeFile(join(folder, 'basketwise.yaml'), config.replace('regularization: 1,', 'regularization: 2,'));
    expect((await rows()).every(({ probability }) => probability === '')).toBe(true);
  } finally {
    await remove();
  }
}, 240_000);
