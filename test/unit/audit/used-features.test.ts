import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDuckdb } from '@basketwise/data';
import type { FinishedRun } from '@basketwise/insight';
import { expect, test } from 'vitest';
import { usedFeatures } from '../../../packages/audit/src/validation/used-features.ts';

test('customers without a value are counted for each feature, pair and cluster scheme, of a scheme only its own customers', async () => {
  const engine = await openDuckdb({ memory: '256MB', threads: 1, tempDirectory: join(tmpdir(), 'basketwise-used-features') });
  try {
    await engine.run(`CREATE TABLE customers AS SELECT CASE WHEN i < 30 THEN NULL ELSE i END AS feature_0, CASE WHEN i >= 980 THEN NULL ELSE 'x' END AS feature_1,
      CASE WHEN i < 500 THEN NULL ELSE 1 END AS "잔액", i >= 450 AS in_scheme_rich FROM range(1000) t(i)`);
    const at = (column: string) => [{ table: 'customers', column }];
    const features = {
      dates: ['2026-01-31'],
      columns: [
        { name: 'age', at: at('feature_0') },
        { name: 'city', at: at('feature_1') },
      ],
    };
    const scheme = { where: 'W > 1', numeric: ['잔액'], categorical: [], method: 'kmeans', k: 3, seed: 1 };
    const config = {
      features: { age: { column: 'AGE', fixed: true }, city: { sql: 'upper(CITY)' }, both: { cross: ['age', 'city'] } },
      clusters: { rich: scheme, unused: scheme },
      campaigns: { a: { by_cluster: 'rich' }, b: {} },
      source: {},
      tables: { customers: {}, holdings: { date: 'opened' } },
    };
    const run = { config, referenceDate: '2026-01-31', snapshot: { engine, manifest: { features } } } as unknown as FinishedRun;
    const found = await usedFeatures(run);
    expect(found.map(({ name, missing }) => [name, missing])).toEqual([
      ...[
        ['age', 30],
        ['city', 20],
        ['both', 50],
      ],
      ['clusters of rich', 50],
    ]);
    expect(found.map(({ from }) => from.replace(/.*in past windows: /, ''))).toEqual([
      expect.stringMatching(/^computed as of their date/),
      'from values that earlier runs saved',
      'from the values of the crossed features',
      "by today's columns, which can depend on later purchases",
    ]);
  } finally {
    await engine.close();
  }
});
