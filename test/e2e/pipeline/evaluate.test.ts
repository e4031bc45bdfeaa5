import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { basketwise, smallBank, writeBank } from './small-bank.ts';

interface Evaluation {
  windows: { at: string; from: string; to: string }[];
  campaigns: {
    campaign: string;
    tested: number;
    models: { name: string; metrics: Record<string, number>; interval: unknown }[];
  }[];
}

test('evaluate trains on the past, tests on what was acquired since, and says where there is too little for an interval', async () => {
  const { folder, remove } = await writeBank(smallBank(200));
  try {
    const outcome = await basketwise(folder, 'evaluate', '--json');
    expect(outcome.stderr).not.toContain('internal error');
    expect(outcome.exitCode).toBe(0);
    const { windows, campaigns } = JSON.parse(outcome.stdout) as Evaluation;
    expect(windows).toEqual([{ at: '2022-06-30', from: '2022-07-31', to: '2022-08-31' }]);
    expect(campaigns.map(({ campaign }) => campaign)).toEqual(['deposit-upsell', 'insurance-cross']);
    for (const { tested, models } of campaigns) {
      for (const { metrics, interval } of models) {
        expect(metrics['hit rate@10']).toBeLessThanOrEqual(1);
        if (tested < 20) expect(interval).toBeNull();
      }
    }
    expect(JSON.parse(readFileSync(join(folder, 'out', 'evaluation.json'), 'utf8'))).toMatchObject({ windows });
    expect(existsSync(join(folder, 'out', 'tmp', 'evaluation-2022-06-30'))).toBe(false);
    const again = await basketwise(folder, 'evaluate', '--json');
    expect(again.stdout).toBe(outcome.stdout);
  } finally {
    await remove();
  }
});

test.each([
  [['--reference-date', '1999-12-31'], 65, 'nobody acquired anything after 1999-11-30'],
  [['--reference-date', '2022-02-30'], 64, 'no such day'],
  [['--campaign', 'loans'], 64, 'no campaign is named loans'],
] as const)('evaluate %j ends with exit code %i', async (args, code, message) => {
  const { folder, remove } = await writeBank(smallBank());
  try {
    const { exitCode, stderr } = await basketwise(folder, 'evaluate', ...args);
    expect(stderr).toContain(message);
    expect(exitCode).toBe(code);
  } finally {
    await remove();
  }
});
