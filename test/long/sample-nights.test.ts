// Second tier, 9 s: two nights of 800 customers, which `sample` simulates in between.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { queryRows } from '@basketwise/data';
import { expect, test } from 'vitest';
import { basketwise } from '../e2e/pipeline/small-bank.ts';
import { emptyEngine } from '../unit/pipeline/feature-snapshot.ts';

test('sample --nights --react: the contacted react at the given share, and the same night is not made twice', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'basketwise-nights-'));
  const { engine, remove } = await emptyEngine();
  try {
    const sample = () => basketwise(folder, 'sample', '--customers', '800', '--nights', '2', '--react', '0.5', '--out', folder);
    const made = await sample();
    expect([made.exitCode, made.stderr.match(/^night of .*/gm)]).toEqual([0, ['night of 2022-08-24', 'night of 2022-08-31']]);
    const data = (name: string) => join(folder, 'data', name);
    const [counts] = await queryRows(
      engine,
      `SELECT count(*)::DOUBLE AS contacts, count(*) FILTER (result = 'YES')::DOUBLE AS bought, count(*) FILTER (result = 'NO')::DOUBLE AS refused` +
        ` FROM read_parquet('${data('contacts-2022-08-24.parquet')}')`,
    );
    const { contacts, bought, refused } = counts as Record<string, number>;
    expect(contacts).toBeGreaterThan(100);
    // within four standard errors of the share of purchases, and of refusals among the others
    expect(Math.abs(bought! / contacts! - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / contacts!));
    expect(Math.abs(refused! / contacts! - 0.05)).toBeLessThan(4 * Math.sqrt(0.05 / contacts!));
    const [purchases] = await queryRows(
      engine,
      `SELECT count(*)::DOUBLE AS n, min(open_dt)::VARCHAR AS first, max(open_dt)::VARCHAR AS last FROM read_parquet('${data('holdings-2022-08-24.parquet')}')`,
    );
    expect(purchases).toEqual({ n: bought, first: '2022-08-25', last: '2022-09-03' });
    const before = await readFile(data('contacts-2022-08-24.parquet'));
    const again = await sample();
    expect([again.exitCode, again.stderr.match(/^night of .*/gm)]).toEqual([0, ['night of 2022-08-31']]);
    expect(await readFile(data('contacts-2022-08-24.parquet'))).toEqual(before);
  } finally {
    await remove();
    await rm(folder, { recursive: true, force: true });
  }
});
