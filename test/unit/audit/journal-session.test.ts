import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@basketwise/pipeline';
import { afterAll, expect, test } from 'vitest';
import { signEntry, withJournal } from '../../../packages/audit/src/release/journal-session.ts';
import { keyFor } from '../../../packages/audit/src/release/keys.ts';
import { writeKeys } from '../../e2e/pipeline/release-keys.ts';
import { smallBank } from '../../e2e/pipeline/small-bank.ts';

const folder = mkdtempSync(join(tmpdir(), 'basketwise-session-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('no entry is written by a process that lost the lock while a person signed', async () => {
  writeKeys(folder);
  writeFileSync(join(folder, 'basketwise.yaml'), `${smallBank(2).config}release: { keys: keys.yaml }\n`);
  const settings = await loadConfig(join(folder, 'basketwise.yaml'));
  const journal = join(folder, 'out/journal.jsonl');
  const resume = (work: () => void) =>
    withJournal(settings, async (session) => {
      work();
      await signEntry(session, keyFor(session.keys, 'resume', 'dora'), { what: 'resume' });
    });
  await resume(() => {});
  const before = readFileSync(journal, 'utf8');
  const lock = join(folder, 'out/.lock');
  const taken = resume(() => {
    rmSync(lock);
    writeFileSync(lock, 'of another process');
  });
  await expect(taken).rejects.toMatchObject({ code: 'locked' });
  expect(readFileSync(journal, 'utf8')).toBe(before);
});
