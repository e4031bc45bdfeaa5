import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { copyProgram } from '../e2e/pipeline/other-program.ts';

/** Packages that every run loads: pipeline, and those that it uses. */
const { dependencies } = JSON.parse(readFileSync(new URL('../../packages/pipeline/package.json', import.meta.url), 'utf8'));
const loaded = [...Object.keys(dependencies).flatMap((name) => /^@basketwise[/](.+)/.exec(name)?.[1] ?? []), 'pipeline'];

// first tier, 5 s: a copy of the built program, and a process that asks for its hashes ten times
test('a module that changes in any package that a run loads makes another program of it, and one above makes another of those that keep what it made', async () => {
  const { packages, remove } = await copyProgram();
  onTestFinished(remove);
  const moduleOf = (name: string, file: string) => JSON.stringify(pathToFileURL(join(packages, name, 'dist', file)).href);
  const script = `import { codeHash } from ${moduleOf('pipeline', 'run/code-hash.js')};
      import { enginePackages } from ${moduleOf('pipeline', 'drivers/drivers.js')};
      const run = ${moduleOf('pipeline', 'run/identity.js')};
      const named = [
        { source: { engine: 'postgres' }, output: {} },
        { source: { engine: 'duckdb' }, output: { postgres: {} } },
        { source: { engine: 'hive' }, output: {} },
        { source: { engine: 'duckdb' }, output: { spark: {} } },
      ];
      const engines = named.map((config) => codeHash(run, enginePackages(config)));
      console.log(await codeHash(run), await codeHash(${moduleOf('insight', 'tuning/tune.js')}), ...(await Promise.all(engines)));`;
  const hashes = () => {
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    return printed.trim().split(' ') as [run: string, tuning: string, ...engines: string[]];
  };
  const [runs, tunings] = [new Set<string>(), new Set<string>()];
  let [run, tuning, ...engines] = hashes();
  expect(hashes()).toEqual([run, tuning, ...engines]);
  expect([tuning, ...engines]).not.toContain(run);
  expect(loaded.length).toBeGreaterThan(5);
  for (const name of loaded) {
    runs.add(run);
    tunings.add(tuning);
    await appendFile(join(packages, name, 'dist', 'index.js'), '\n');
    const before = engines;
    [run, tuning, ...engines] = hashes();
    for (const [i, hash] of engines.entries()) expect(hash, name).not.toBe(before[i]);
    expect(runs, name).not.toContain(run);
    expect(tunings, name).not.toContain(tuning);
  }
  await appendFile(join(packages, 'insight', 'dist', 'index.js'), '\n');
  const after = hashes();
  expect(after).toEqual([run, expect.not.stringContaining(tuning), ...engines]);
  await appendFile(join(packages, 'audit', 'dist', 'index.js'), '\n');
  expect(hashes()).toEqual(after);
  // an engine is part of the program of the runs that use it
  await appendFile(join(packages, 'postgres', 'dist', 'engine.js'), '\n');
  const [plain, , ...others] = hashes();
  expect(plain).toBe(run);
  expect(others.map((hash, i) => hash === engines[i])).toEqual([false, false, true, true]);
  await appendFile(join(packages, 'hive', 'dist', 'pushdown', 'site.js'), '\n');
  const [still, , ...last] = hashes();
  expect(still).toBe(run);
  expect(last.map((hash, i) => hash === others[i])).toEqual([true, true, false, false]);
});
