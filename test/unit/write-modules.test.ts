import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { compiler, sourceFiles } from '../../scripts/write-modules.mjs';
import { every, some } from '../cases.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('the modules that `npm start` writes are those of `tsc -b`', () => {
  const files = sourceFiles(root);
  // rewrites the path of an import that it does not know
  const first = files.findIndex(({ file }) => file.endsWith('load-engine.ts'));
  expect(first).toBeGreaterThanOrEqual(0);
  const moduleOf = compiler(root);
  const all = [...files.slice(first), ...files.slice(0, first)];
  const differ = every(all, some(all.slice(0, 100), 10)).filter(
    ({ file, module }) => moduleOf(file) !== readFileSync(module, 'utf8'),
  );
  expect(differ).toEqual([]);
});
