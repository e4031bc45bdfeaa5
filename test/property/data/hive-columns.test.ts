import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeFetch } from '../../../packages/hive/src/server/columns.ts';
import { readFetchReply } from '../../../packages/hive/src/server/fetch-reply.ts';
import { MalformedReply } from '../../../packages/hive/src/server/message-end.ts';
import { decodeTexts } from '../../../packages/hive/src/server/texts.ts';

const int = (width: 1 | 2 | 4, value: number): Buffer => {
  const bytes = Buffer.alloc(width);
  bytes.writeIntBE(value, 0, width);
  return bytes;
};
const long = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
};
const double = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
};
const binary = (bytes: Uint8Array): Buffer => Buffer.concat([int(4, bytes.length), bytes]);
const field = (type: number, id: number, value: Buffer): Buffer => Buffer.concat([int(1, type), int(2, id), value]);
const struct = (...fields: Buffer[]): Buffer => Buffer.concat([...fields, int(1, 0)]);
const list = (type: number, values: readonly Buffer[]): Buffer => Buffer.concat([int(1, type), int(4, values.length), ...values]);

/** A kind of column: its field in TColumn, the type of its values, and how a value is written. */
interface Kind<T> {
  id: number;
  type: number;
  write: (value: T) => Buffer;
}

const kinds = {
  flag: { id: 1, type: 2, write: (value: number) => int(1, value) },
  byte: { id: 2, type: 3, write: (value: number) => int(1, value) },
  small: { id: 3, type: 6, write: (value: number) => int(2, value) },
  int: { id: 4, type: 8, write: (value: number) => int(4, value) },
  big: { id: 5, type: 10, write: long },
  real: { id: 6, type: 4, write: double },
  text: { id: 7, type: 11, write: (value: string) => binary(Buffer.from(value)) },
  day: { id: 7, type: 11, write: (value: string) => binary(Buffer.from(value)) },
} as const;

const bits = (nulls: readonly boolean[]): Uint8Array => {
  const bytes = new Uint8Array(Math.ceil(nulls.length / 8));
  for (const [row, isNull] of nulls.entries()) if (isNull) bytes[row >> 3]! |= 1 << (row & 7);
  return bytes;
};

const column = <T>({ id, type, write }: Kind<T>, values: readonly T[], nulls: readonly boolean[]): Buffer =>
  struct(field(12, id, struct(field(15, 1, list(type, values.map(write))), field(11, 2, binary(bits(nulls))))));

const korean = fc.string({ unit: fc.constantFrom('정', '기', '예', '금', '😀', 'é', 'a', '\u0000', ' '), maxLength: 60 });
const anyText = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 50 }), korean, fc.string({ maxLength: 200 }), fc.constant(''));

const row = fc.record({
  flag: fc.nat(1),
  byte: fc.integer({ min: -128, max: 127 }),
  small: fc.integer({ min: -32768, max: 32767 }),
  int: fc.integer(),
  big: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  real: fc.double(),
  text: anyText,
  day: fc
    .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10)),
  isNull: fc.boolean(),
});

type Row = typeof row extends fc.Arbitrary<infer T> ? T : never;

function reply(rows: readonly Row[]): Buffer {
  const nulls = rows.map(({ isNull }) => isNull);
  const columns = Object.entries(kinds).map(([name, kind]) =>
    column(
      kind as Kind<unknown>,
      rows.map((values) => values[name as keyof Row]),
      nulls,
    ),
  );
  const status = struct(field(8, 1, int(4, 1)), field(15, 2, list(11, [binary(Buffer.from('said'))])));
  const set = struct(
    field(10, 1, long(7n)),
    field(15, 2, list(12, [struct(field(8, 1, int(4, 3)))])),
    field(15, 3, list(12, columns)),
  );
  // a field that no version has, of every type, must not disturb
  const unknown = struct(
    field(13, 9, Buffer.concat([int(1, 11), int(1, 14), int(4, 1), binary(Buffer.from('k')), list(10, [long(1n)])])),
  );
  return struct(field(12, 0, struct(field(12, 1, status), field(2, 2, int(1, 1)), field(12, 8, unknown), field(12, 3, set))));
}

const described = Object.keys(kinds).map((name) => ({ name, type: name === 'day' ? 'date' : 'other' }));
const dayNumber = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 86_400_000;

test('columns of a reply are what was sent, with values, nulls and texts side by side', () => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 30 }), fc.nat(5), (rows, before) => {
      const bytes = Buffer.concat([Buffer.alloc(before), reply(rows)]);
      const read = readFetchReply(bytes, before);
      expect(read.status).toEqual({ statusCode: 1, infoMessages: ['said'] });
      const { rows: count, columns, nulls } = decodeFetch(described, read);
      expect(count).toBe(rows.length);
      const column = (name: keyof typeof kinds) => Array.from(columns[name]! as ArrayLike<unknown>);
      for (const name of ['flag', 'byte', 'small', 'int', 'big', 'real', 'text'] as const) {
        expect(column(name), name).toEqual(rows.map((values) => values[name]));
      }
      expect(column('day')).toEqual(rows.map(({ day }) => dayNumber(day)));
      const marks = rows.map(({ isNull }) => Number(isNull));
      for (const { name } of described)
        expect(nulls[name] && [...nulls[name]], name).toEqual(marks.includes(1) ? marks : undefined);
    }),
  );
});

test('texts are decoded as each would be alone: of one kind, mixed, long, broken', () => {
  const broken = fc.uint8Array({ maxLength: 12 });
  const texts = fc.oneof(
    ...[fc.string({ maxLength: 300 }), korean, anyText].map((text) =>
      fc.array(
        text.map((value) => Buffer.from(value)),
        { maxLength: 20 },
      ),
    ),
    fc.array(
      broken.map((bytes) => Buffer.from(bytes)),
      { maxLength: 20 },
    ),
  );
  fc.assert(
    fc.property(texts, (values) => {
      const region = Buffer.concat([Buffer.from('before'), ...values.map(binary), Buffer.from('after')]);
      expect(decodeTexts(region, 6, region.length - 5, values.length)).toEqual(values.map((value) => value.toString('utf8')));
    }),
    { numRuns: 500 },
  );
});

test('a reply that is cut off anywhere is an error, never fewer rows', () => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), fc.nat(), (rows, cut) => {
      const whole = reply(rows);
      expect(() => readFetchReply(whole.subarray(0, cut % whole.length), 0)).toThrow(MalformedReply);
    }),
  );
});

test('a refused fetch carries its reason', () => {
  const status = struct(
    ...[field(8, 1, int(4, 3)), field(11, 3, binary(Buffer.from('42000'))), field(8, 4, int(4, 40000))],
    field(11, 5, binary(Buffer.from('사유'))),
  );
  expect(readFetchReply(struct(field(12, 0, struct(field(12, 1, status)))), 0)).toEqual({
    ...{ status: { statusCode: 3, sqlState: '42000', errorCode: 40000, errorMessage: '사유' }, rows: 0, columns: [] },
  });
});
