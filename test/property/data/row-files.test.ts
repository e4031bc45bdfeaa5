import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rowFiles } from '../../../packages/data/src/duckdb/local-rows.ts';
import { temporaryFolder } from '../../unit/data/bank.ts';

/** A cell as CSV has it, newlines and quotes among what it may hold. */
const cell = fc
  .string({ unit: fc.constantFrom('a', '예', '"', '\n', ',', '') })
  .map((text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text));
const row = fc.tuple(cell, cell).map((cells) => `${cells.join(',')}\n`);

/** Parts of these bytes, cut at these places. */
async function* cut(bytes: Buffer, places: readonly number[]): AsyncGenerator<Uint8Array> {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const end of [...ends, bytes.length]) {
    if (end > from) yield bytes.subarray(from, end);
    from = end;
  }
}

test('files have the bytes that came, each of whole rows, and more than one where that is asked for', async () => {
  const folder = await temporaryFolder();
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { maxLength: 30 }),
      fc.array(fc.nat()),
      fc.integer({ min: 1, max: 60 }),
      async (rows, places, least) => {
        const bytes = Buffer.from(rows.join(''));
        const ends = new Set<number>();
        let length = 0;
        for (const one of rows) {
          length += Buffer.byteLength(one);
          ends.add(length);
        }
        const found: Buffer[] = [];
        let number = 0;
        const next = () => join(folder, `${number++}.csv`);
        for await (const file of rowFiles(cut(bytes, places), next, least)) {
          found.push(await readFile(file));
          await rm(file);
        }
        expect(Buffer.concat(found)).toEqual(bytes);
        let at = 0;
        for (const { length: size } of found) {
          expect(size).toBeGreaterThan(0);
          at += size;
          expect(ends).toContain(at);
        }
        // the first part alone is enough here, and has a whole row
        if (places.length === 0 && least === 1 && rows.length > 1) expect(found.length).toBe(2);
      },
    ),
    { numRuns: 300, seed: 1 },
  );
});
