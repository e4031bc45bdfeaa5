import { createInlinePool, offset } from '@basketwise/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';

/** Plain Snappy, element by element, as its format description has it. */
function uncompressed(bytes: Uint8Array): Uint8Array {
  let at = 0;
  let length = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]!;
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  const number = (count: number) => {
    let value = 0;
    for (let i = 0; i < count; i++) value += bytes[at++]! * 2 ** (8 * i);
    return value;
  };
  const target: number[] = [];
  while (at < bytes.length) {
    const tag = bytes[at++]!;
    const upper = tag >>> 2;
    if ((tag & 3) === 0) {
      const count = (upper < 60 ? upper : number(upper - 59)) + 1;
      for (let i = 0; i < count; i++) target.push(bytes[at++]!);
      continue;
    }
    const isNear = (tag & 3) === 1;
    const count = isNear ? 4 + (upper & 7) : upper + 1;
    const offset = isNear ? (tag >>> 5) * 256 + number(1) : number((tag & 3) === 2 ? 2 : 4);
    if (offset === 0 || offset > target.length) throw new Error(`a copy reaches ${offset} back at ${target.length}`);
    for (let i = 0; i < count; i++) target.push(target[target.length - offset]!);
  }
  if (target.length !== length) throw new Error(`${target.length} bytes, not ${length}`);
  return Uint8Array.from(target);
}

async function compressed(bytes: Uint8Array): Promise<Uint8Array> {
  const pool = createInlinePool();
  const input = pool.memory.store(bytes);
  const room = 32 + Math.ceil((bytes.length * 7) / 6);
  const target = pool.memory.allocate(room + 1);
  pool.memory.u8(target, room + 1).fill(0xaa);
  const [length] = await pool.run('compressSnappy', [{ input, bytes: bytes.length, target }], 2 ** 16);
  expect(pool.memory.u8(offset(target, room), 1)[0]).toBe(0xaa);
  return pool.memory.u8(target, length!).slice();
}

/** Pieces that come again, near and far, between bytes that do not. */
const texts = fc
  .record({
    pieces: fc.array(fc.uint8Array({ minLength: 1, maxLength: 90 }), { minLength: 1, maxLength: 6 }),
    order: fc.array(fc.tuple(fc.nat(), fc.uint8Array({ maxLength: 5 })), { maxLength: 300 }),
  })
  .map(({ pieces, order }) =>
    Uint8Array.from(order.flatMap(([piece, between]) => [...pieces[piece % pieces.length]!, ...between])),
  );

test('what is compressed can be read back', async () => {
  await fc.assert(
    fc.asyncProperty(texts, async (bytes) => {
      expect(uncompressed(await compressed(bytes))).toEqual(bytes);
    }),
    { numRuns: 60 },
  );
});

test('copies never reach further back than 64 KiB, long runs become short, noise hardly grows', async () => {
  let state = 1;
  const noise = Uint8Array.from({ length: 200_000 }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state >>> 24;
  });
  for (const period of [1, 3, 64, 65_535, 65_536, 70_000]) {
    const bytes = noise.map((_, i) => noise[i % period]!);
    const short = await compressed(bytes);
    expect(Buffer.compare(uncompressed(short), bytes)).toBe(0);
    if (period <= 64) expect(short.length).toBeLessThan(bytes.length / 15);
    if (period === 70_000) expect(short.length).toBeGreaterThan(bytes.length * 0.99);
  }
  const grown = await compressed(noise);
  expect(grown.length).toBeLessThan(noise.length * 1.01);
});
