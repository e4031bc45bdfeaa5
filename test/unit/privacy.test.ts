import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { filesWithIds } from '../privacy/talk.ts';

test('the search of what a suite said finds ids of customers, and takes nothing else for one', () => {
  const folder = mkdtempSync(join(tmpdir(), 'basketwise-planted-'));
  const texts = ['{"customer":"0012"}', 'customer 0000001234 failed', 'row of 00182137.', '"0007",'];
  const others = [
    '0.0012',
    '20:0012',
    '#001122',
    '2022-08-31-0012abcd',
    '"sha":"00123456ab"',
    '0010001',
    'took 12 s',
    '2000-0012',
  ];
  for (const [i, text] of [...texts, ...others].entries()) writeFileSync(join(folder, `${String(i).padStart(2, '0')}.txt`), text);
  expect(filesWithIds(folder).map((fault) => fault.slice(0, 6))).toEqual(['00.txt', '01.txt', '02.txt', '03.txt']);
  rmSync(folder, { recursive: true });
});
