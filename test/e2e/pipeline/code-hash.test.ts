import { execFileSync } from 'node:child_process';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { copyProgram } from './other-program.ts';

// first tier, 4 s: a copy of the built program, and a process that asks for its hashes eight times
test('a module that changes in any package that a run loads makes another program of it, and one above makes another of those that keep what it made', async () => {
  const { packages, remove } = await copyProgram();
  try {
    const moduleOf = (name: string, file: string) => JSON.stringify(pathToFileURL(join(packages, name, 'dist', file)).href);
    const script = `import { codeHash } from ${moduleOf('pipeline', 'run/code-hash.js')};
      console.log(await codeHash(${moduleOf('pipeline', 'run/identity.js')}), await codeHash(${moduleOf('insight', 'tuning/tune.js')}));`;
    const hashes = () => {
      const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
      return printed.trim().split(' ') as [run: string, tuning: string];
    };
    const [runs, tunings] = [new Set<string>(), new Set<string>()];
    let [run, tuning] = hashes();
    expect(hashes()).toEqual([run, tuning]);
    expect(tuning).not.toBe(run);
    for (const name of ['core', 'recommend', 'data', 'offers', 'pipeline']) {
      runs.add(run);
      tunings.add(tuning);
      await appendFile(join(packages, name, 'dist', 'index.js'), '\n');
      [run, tuning] = hashes();
      expect(runs, name).not.toContain(run);
      expect(tunings, name).not.toContain(tuning);
    }
    await appendFile(join(packages, 'insight', 'dist', 'index.js'), '\n');
    const after = hashes();
    expect(after[0]).toBe(run);
    expect(after[1]).not.toBe(tuning);
  } finally {
    await remove();
  }
});
