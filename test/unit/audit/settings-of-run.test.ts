import { configOfRun, parseConfig } from '@basketwise/pipeline';
import { expect, test } from 'vitest';
import { settingsOfRun } from '../../../packages/audit/src/validation/validate.ts';

const config = (more: string) =>
  parseConfig(
    `reference_date: 2022-08-31
tables:
  customers: { from: customers.csv, id: id }
  products: { from: products.csv, code: code, name: name, class: class }
  holdings: { from: holdings.csv, customer: customer, product: product, date: opened }
campaigns:
  upsell: { kind: upsell, class: deposit }
${more}`,
    'basketwise.yaml',
  ).config;

test('a run is tested with its own config: keys that it left out are not those of the present file', () => {
  const { workers: _, log: _l, release: _r, ...run } = config('evaluate: { window: 6 months, seed: 3 }');
  const written = { ...JSON.parse(JSON.stringify(run)), source: { engine: 'duckdb' } };
  const today = config(
    'features: { region: { column: region } }\nfallback: model\ncalibrate: false\nworkers: 2\n' +
      'evaluate: { window: 1 month, gap: 1 month, seed: 4, bootstrap: 10, windows: 3, at: [5] }',
  );
  const settings = { config: today, directory: '/bank' } as unknown as Parameters<typeof settingsOfRun>[0];
  const tested = settingsOfRun(settings, { name: 'run', config: configOfRun(written) }).config;
  expect([tested.features, tested.fallback, tested.calibrate, tested.workers]).toEqual([undefined, undefined, undefined, 2]);
  expect(tested.evaluate).toEqual({ ...run.evaluate, windows: 3, at: [5] });
});
