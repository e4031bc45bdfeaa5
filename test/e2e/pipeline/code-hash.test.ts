import { execFileSync } from 'node:child_process';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { copyProgram } from './other-program.ts';

// first tier, 3 s: a copy of the built program, and a process that asks for its hash eight times
test('a module that changes in any package that a run loads makes another program of it', async () => {
  const { packages, remove } = await copyProgram();
  try {
    const hash = () => {
      const file = JSON.stringify(join(packages, 'pipeline', 'dist', 'run', 'code-hash.js'));
      const script = `import { codeHash } from ${file}; console.log(await codeHash('file://' + ${file}));`;
      return execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).trim();
    };
    const seen = [hash()];
    expect(hash()).toBe(seen[0]);
    for (const name of ['core', 'recommend', 'data', 'offers', 'pipeline']) {
      await appendFile(join(packages, name, 'dist', 'index.js'), '\n');
      const changed = hash();
      expect(seen, name).not.toContain(changed);
      seen.push(changed);
    }
  } finally {
    await remove();
  }
});
