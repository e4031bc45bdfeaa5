import { expect, test } from 'vitest';
import { checkedConfigOfRun, parseConfig } from '../../../packages/pipeline/src/config/load.ts';
import { writtenOutput } from '../../../packages/pipeline/src/config/schema.ts';
import { every } from '../../cases.ts';
import { configText, keyChanges } from '../../e2e/pipeline/key-changes.ts';

test('the config of a finished run is accepted as its file was, and has the same values', () => {
  for (const change of every(
    keyChanges,
    keyChanges.filter((_, i) => i % 5 === 0),
  )) {
    const { config } = parseConfig(configText(change, true, 'out'), 'basketwise.yaml');
    const { workers: _, log: __, release: ___, source, output, ...rest } = config;
    const written = JSON.parse(JSON.stringify({ ...rest, source: { engine: source.engine }, output: writtenOutput(output) }));
    const checked = checkedConfigOfRun(written);
    expect(checked, change.key).toBeDefined();
    expect(JSON.parse(JSON.stringify(checked)), change.key).toMatchObject(rest);
  }
});

test('a config with wrong values or unknown keys is refused', () => {
  const { config } = parseConfig(configText(keyChanges[0]!, false, 'out'), 'basketwise.yaml');
  expect(checkedConfigOfRun({ ...config, top_n: 1e9 })).toBeUndefined();
  expect(checkedConfigOfRun({ ...config, of_later_version: 1 })).toBeUndefined();
});
