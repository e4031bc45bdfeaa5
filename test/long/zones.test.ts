import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { smallBank, startBasketwise, testBank } from '../e2e/pipeline/small-bank.ts';

const bank = smallBank(100);
const config = `${bank.config}clusters:
  age: { k: 2, numeric: [age], categorical: [consent] }
segments:
  ages: { column: age, bands: [{ label: 젊은, to: 40 }, { label: 나이든, from: 40 }] }
`;

/** Files with a run's own record, including times; all others are results. */
const records = /^(run|report)\.(json|html)$/;

/** Every file of a run but those with times, as base64 by name. */
function resultsOf(folder: string): Map<string, string> {
  const run = join(folder, 'out', 'latest');
  const names = readdirSync(run, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !records.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name).slice(run.length + 1));
  return new Map(names.sort().map((name) => [name, readFileSync(join(run, name)).toString('base64')]));
}

test('time zone and locale of the machine change no byte of the results', async () => {
  const found = [];
  for (const env of [
    { TZ: 'UTC', LC_ALL: 'C', LANG: 'C' },
    { TZ: 'Asia/Seoul', LC_ALL: 'ko_KR.UTF-8', LANG: 'ko_KR.UTF-8' },
    { TZ: 'America/St_Johns', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' },
  ]) {
    const { folder } = await testBank({ ...bank, config });
    expect(await startBasketwise(folder, ['run'], { env }).ended).toMatchObject({ exitCode: 0 });
    found.push(resultsOf(folder));
  }
  const [first, ...others] = found;
  expect([...first!.keys()]).toEqual(
    expect.arrayContaining(['recommendations.parquet', 'recommendations.csv', 'clusters.parquet', 'manifest.json']),
  );
  for (const other of others) {
    expect([...other.keys()]).toEqual([...first!.keys()]);
    expect([...other].filter(([name, bytes]) => bytes !== first!.get(name)).map(([name]) => name)).toEqual([]);
  }
});
