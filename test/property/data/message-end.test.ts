import fc from 'fast-check';
import { expect, test } from 'vitest';
import { framedEnd, type MessageEnd, unframedEnd } from '../../../packages/hive/src/server/message-end.ts';

/** A value of thrift's binary protocol: its type and its bytes. */
interface Value {
  type: number;
  bytes: Buffer;
}

const int = (width: 1 | 2 | 4, value: number): Buffer => {
  const bytes = Buffer.alloc(width);
  bytes.writeIntBE(value, 0, width);
  return bytes;
};

const fixed = (type: number, width: number) =>
  fc.uint8Array({ minLength: width, maxLength: width }).map((bytes): Value => ({ type, bytes: Buffer.from(bytes) }));

const text = fc
  .uint8Array({ maxLength: 20 })
  .map((bytes): Value => ({ type: 11, bytes: Buffer.concat([int(4, bytes.length), bytes]) }));

/** Values of one type each, so that lists can be made of them. */
const { value } = fc.letrec<{ value: Value; struct: Value; list: Value; map: Value }>((tie) => ({
  struct: fc.array(tie('value'), { maxLength: 4 }).map((fields) => ({
    type: 12,
    bytes: Buffer.concat([...fields.flatMap(({ type, bytes }, i) => [int(1, type), int(2, i + 1), bytes]), int(1, 0)]),
  })),
  list: fc.tuple(tie('value'), fc.nat(5), fc.constantFrom(14, 15)).map(([{ type, bytes }, count, kind]) => ({
    type: kind,
    bytes: Buffer.concat([int(1, type), int(4, count), ...Array.from({ length: count }, () => bytes)]),
  })),
  map: fc.tuple(tie('value'), tie('value'), fc.nat(3)).map(([key, of, count]) => ({
    type: 13,
    bytes: Buffer.concat([
      ...[int(1, key.type), int(1, of.type), int(4, count)],
      ...Array.from({ length: count }, () => [key.bytes, of.bytes]).flat(),
    ]),
  })),
  value: fc.oneof(
    { depthSize: 'small' },
    ...[fixed(2, 1), fixed(3, 1), fixed(4, 8), fixed(6, 2), fixed(8, 4), fixed(10, 8), text],
    ...[tie('struct'), tie('list'), tie('map')],
  ),
}));

const message = fc.tuple(fc.string({ maxLength: 12 }), value).map(([name, { type, bytes }]) => {
  const label = Buffer.from(name);
  return Buffer.concat([
    ...[Buffer.from([0x80, 1, 0, 2]), int(4, label.length), label, int(4, 7)],
    ...[int(1, type), int(2, 0), bytes, int(1, 0)],
  ]);
});

/** Where messages end when the stream comes in pieces of the given sizes. */
function endsOf(end: MessageEnd, stream: Buffer, pieces: readonly number[]): number[] {
  const ends: number[] = [];
  let [from, have] = [0, 0];
  for (let piece = 0; have < stream.length; piece++) {
    have = Math.min(stream.length, have + (pieces[piece % pieces.length] ?? stream.length));
    for (let at = end(stream.subarray(from), have - from); at >= 0; at = end(stream.subarray(from), have - from)) {
      from += at;
      ends.push(from);
    }
  }
  return ends;
}

function sums(lengths: readonly number[]): number[] {
  return lengths.map((_, i) => lengths.slice(0, i + 1).reduce((a, b) => a + b));
}

const pieces = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });

test('messages without a length end where they end, however the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 4 }), pieces, (messages, sizes) => {
      expect(endsOf(unframedEnd(), Buffer.concat(messages), sizes)).toEqual(sums(messages.map(({ length }) => length)));
    }),
  );
});

test('messages with a length end after it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(message, fc.constant(Buffer.alloc(0))), { minLength: 1, maxLength: 4 }),
      pieces,
      (messages, sizes) => {
        const framed = messages.map((bytes) => Buffer.concat([int(4, bytes.length), bytes]));
        expect(endsOf(framedEnd(), Buffer.concat(framed), sizes)).toEqual(sums(framed.map(({ length }) => length)));
      },
    ),
  );
});
