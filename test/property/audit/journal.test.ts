// Journals that were changed in one place: a byte, a line, the end, the head.
import { createHash } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appendEntry, readJournal, sealedText } from '@basketwise/pipeline';
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

test('a missing journal or head is found, also both, and lines cut with a new head; the last line alone is completed from the head', async () => {
  expect(await isFound(null)).toBe(true);
  expect(await isFound(text, null)).toBe(true);
  expect(await isFound(null, null)).toBe(true);
  await expect(appendEntry(output, { who: 'anna', what: 'forget' })).rejects.toMatchObject({ code: 'bad-data' });
  const cut = bytesOf(linesOf(text).slice(0, -2));
  expect(await isFound(cut, Buffer.from(headOf(cut.subarray(0, -1), cut)))).toBe(true);
  expect(await isFound(bytesOf(linesOf(text).slice(0, -2)))).toBe(true);
  expect(await isFound(bytesOf(linesOf(text).slice(0, -1)))).toBe(false);
  const { entries } = await readJournal(output);
  expect(entries).toHaveLength(count);
  await appendEntry(output, { who: 'ben', what: 'stop' });
  expect(readFileSync(path).subarray(0, text.length).equals(text)).toBe(true);
});

test('a line that a kill has begun is finished by its rest alone, as append-only files need it', async () => {
  const whole = readFileSync(path);
  const last = linesOf(whole).at(-1)!;
  const begun = whole.subarray(0, whole.length - Math.floor(Buffer.byteLength(last) / 2));
  writeFileSync(path, begun);
  const handle = await open(path);
  const prototype = Object.getPrototypeOf(handle) as { truncate: unknown };
  await handle.close();
  const { truncate } = prototype;
  prototype.truncate = () => Promise.reject(Object.assign(new Error('append-only'), { code: 'EPERM' }));
  try {
    await appendEntry(output, { who: 'ben', what: 'stop' });
  } finally {
    prototype.truncate = truncate;
  }
  expect(readFileSync(path).subarray(0, whole.length).equals(whole)).toBe(true);
  const { entries } = await readJournal(output);
  // a power cut leaves zeros, here in place of a line that no record notes
  rmSync(join(output, 'published.json'));
  writeFileSync(path, begun);
  appendFileSync(path, Buffer.alloc(9));
  writeFileSync(headPath, headOf(begun, whole));
  await appendEntry(output, { who: 'ben', what: 'stop' });
  expect((await readJournal(output)).entries).toHaveLength(entries.length);
});

/** Head of a journal whose last line has only begun. */
function headOf(begun: Buffer, whole: Buffer): string {
  const bytes = begun.lastIndexOf('\n') + 1;
  return sealedText({ version: 1, bytes, line: whole.subarray(bytes).toString('utf8') });
}

test('an entry that takes minutes to sign overwrites none of another process', async () => {
  const { entries } = await readJournal(output);
  const slow = async () => {
    await appendEntry(output, { who: 'ben', what: 'stop' });
    return 'signature';
  };
  await expect(appendEntry(output, { who: 'anna', what: 'approve' }, slow)).rejects.toMatchObject({ code: 'locked' });
  expect((await readJournal(output)).entries).toHaveLength(entries.length + 1);
});

test('a journal that grows while it is read is sound', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'basketwise-journal-'));
  let isGrowing = true;
  const grow = async () => {
    for (let i = 0; i < 30; i++) await appendEntry(folder, { who: 'anna', what: 'stop', because: `${i}` });
    isGrowing = false;
  };
  const read = async () => {
    while (isGrowing) expect((await readJournal(folder)).entries.length).toBeLessThanOrEqual(30);
  };
  await Promise.all([grow(), read(), read(), read()]);
  expect((await readJournal(folder)).entries).toHaveLength(30);
  rmSync(folder, { recursive: true });
});
