// Journals that were changed in one place: a byte, a line, the end, the head.
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appendEntry, readJournal } from '@basketwise/pipeline/parts';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cases } from '../../cases.ts';

const output = mkdtempSync(join(tmpdir(), 'basketwise-journal-'));
const [path, headPath] = [join(output, 'journal.jsonl'), join(output, 'journal-head.json')];
const count = 12;
let text: Buffer;
let head: Buffer;
beforeAll(async () => {
  for (let i = 0; i < count; i++) await appendEntry(output, { who: 'anna', what: 'stop', because: `Grund ${i}: Ä` });
  [text, head] = [readFileSync(path), readFileSync(headPath)];
});
afterAll(() => rmSync(output, { recursive: true }));

/** Whether a journal is refused. @param journal null: no file */
async function isFound(journal: Buffer | null, itsHead: Buffer | null = head): Promise<boolean> {
  for (const [file, bytes] of [
    [path, journal],
    [headPath, itsHead],
  ] as const)
    if (bytes === null) rmSync(file, { force: true });
    else writeFileSync(file, bytes);
  return readJournal(output).then(
    () => false,
    (error: unknown) => /journal/.test((error as Error).message),
  );
}

const linesOf = (bytes: Buffer) => bytes.toString('utf8').split('\n').slice(0, -1);
const bytesOf = (lines: readonly string[]) => Buffer.from(lines.map((line) => `${line}\n`).join(''));
const position = fc.integer({ min: 0, max: 1_000_000 });

test('a changed byte is found wherever it is, in the journal and in its head', async () => {
  const change = fc.tuple(fc.boolean(), position, fc.integer({ min: 1, max: 255 }));
  await fc.assert(
    fc.asyncProperty(change, async ([inHead, at, by]) => {
      const changed = Buffer.from(inHead ? head : text);
      changed[at % changed.length]! ^= by;
      expect(await (inHead ? isFound(text, changed) : isFound(changed))).toBe(true);
    }),
    { numRuns: cases(600), seed: 1 },
  );
});

test('removed, repeated, moved and added lines are found, as is a chain written anew', async () => {
  const lines = linesOf(text);
  const anew = (from: number) => {
    const made = lines.slice(0, from);
    for (const line of lines.slice(from)) {
      const entry = { ...JSON.parse(line), who: 'ben' };
      const after =
        made.length === 0
          ? ''
          : createHash('sha256')
              .update(`${made.at(-1)}\n`)
              .digest('hex');
      made.push(JSON.stringify({ ...entry, after }));
    }
    return made;
  };
  await fc.assert(
    fc.asyncProperty(position, position, async (one, other) => {
      const [i, j] = [one % count, other % count];
      expect(
        await isFound(bytesOf(lines.filter((_, at) => at !== i || at === count - 1).slice(0, i === count - 1 ? -2 : count))),
      ).toBe(true);
      expect(await isFound(bytesOf([...lines.slice(0, i), lines[i]!, ...lines.slice(i)]))).toBe(true);
      if (i !== j) {
        const moved = [...lines];
        [moved[i], moved[j]] = [lines[j]!, lines[i]!];
        expect(await isFound(bytesOf(moved))).toBe(true);
      }
      expect(await isFound(bytesOf(anew(i)))).toBe(true);
      expect(await isFound(bytesOf([...lines, lines[i]!]))).toBe(true);
    }),
    { numRuns: cases(100), seed: 1 },
  );
});

test('a missing journal or head is found; the last line alone is completed from the head', async () => {
  expect(await isFound(null)).toBe(true);
  expect(await isFound(text, null)).toBe(true);
  expect(await isFound(bytesOf(linesOf(text).slice(0, -2)))).toBe(true);
  expect(await isFound(bytesOf(linesOf(text).slice(0, -1)))).toBe(false);
  const { entries } = await readJournal(output);
  expect(entries).toHaveLength(count);
  await appendEntry(output, { who: 'ben', what: 'stop' });
  expect(readFileSync(path).subarray(0, text.length).equals(text)).toBe(true);
});
