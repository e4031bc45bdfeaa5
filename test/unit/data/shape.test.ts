import {
  exactObject,
  listOf,
  nullable,
  numberShape,
  objectOf,
  oneOf,
  optional,
  recordOf,
  type Shape,
  shapeOf,
  textShape,
} from '@basketwise/data/base';
import { expect, test } from 'vitest';

const named = objectOf({ name: textShape, age: optional(nullable(numberShape)) });
const exact = exactObject({ version: oneOf(1, 2), names: listOf(textShape), of: optional(recordOf(numberShape)) });
const even = shapeOf<number>((value) => typeof value === 'number' && value % 2 === 0);

const cases: [what: string, shape: Shape<unknown>, fitting: string[], others: string[]][] = [
  ['a text', textShape, ['""', '"a"'], ['1', 'null', '["a"]', '{}']],
  ['a number', numberShape, ['0', '-1.5'], ['"1"', 'null', 'true', '1e999', '[1]']],
  ['one of some values', oneOf('a', 1, true), ['"a"', '1', 'true'], ['"b"', '"1"', '["a"]', 'false', 'null']],
  ['a value or null', nullable(textShape), ['null', '"a"'], ['0', 'false', '{}']],
  ['a list', listOf(textShape), ['[]', '["a", "b"]'], ['["a", 1]', '[null]', '{"0": "a"}', '"a"', 'null']],
  [
    'a record',
    recordOf(numberShape),
    ['{}', '{"a": 1, "__proto__": 2}'],
    ['{"a": "1"}', '{"__proto__": "2"}', '[1]', 'null', '1'],
  ],
  ['a condition', even, ['2', '0'], ['1', '"2"']],
  [
    'an object',
    named,
    ['{"name": "a"}', '{"name": "a", "age": null}', '{"age": 1, "name": "a", "more": []}'],
    ['{}', '{"name": 1}', '{"name": "a", "age": "1"}', '["name"]', 'null', '"name"', '{"__proto__": {"name": 1}}'],
  ],
  [
    'an object without other keys',
    exact,
    ['{"version": 1, "names": []}', '{"of": {"a": 1}, "names": ["b"], "version": 2}'],
    [
      ...[
        '{"version": 3, "names": []}',
        '{"version": 1, "names": [1]}',
        '{"version": 1}',
        '{"version": 1, "names": [], "more": 1}',
      ],
      ...['{"version": 1, "names": [], "__proto__": 1}', '{"version": 1, "names": [], "constructor": 1}', '[]', 'null'],
    ],
  ],
];

test.each(cases)('%s: the values that have the shape, and no others', (_, shape, fitting, others) => {
  for (const text of fitting) {
    const value: unknown = JSON.parse(text);
    const found = shape.safeParse(value);
    expect(found.success, text).toBe(true);
    expect(found.data, text).toBe(value);
  }
  for (const text of others) expect(shape.safeParse(JSON.parse(text)), text).toEqual({ success: false });
});
