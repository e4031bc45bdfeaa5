import { describe, expect, test } from 'vitest';
import { philox, RandomStream } from '../../../packages/sample/src/random.ts';

const hex = (words: Uint32Array) => [...words].map((word) => word.toString(16).padStart(8, '0')).join(' ');

// Known answers of Random123 (kat_vectors), philox4x32 with 10 rounds.
describe('philox', () => {
  test.each([
    [[0, 0, 0, 0], [0, 0], '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    [[0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    [[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0], 'd16cfe09 94fdcceb 5001e420 24126ea1'],
  ])('%j under %j', (counter, key, expected) => {
    const out = new Uint32Array(4);
    philox(counter, key, out);
    expect(hex(out)).toBe(expected);
  });
});

test('the numbers of an item do not depend on earlier draws', () => {
  const stream = new RandomStream(7, 1);
  const draw = (item: number) => Array.from({ length: 9 }, (_, i) => (i === 0 ? stream.at(item) : stream).word());
  const first = draw(5);
  draw(6);
  expect(draw(5)).toEqual(first);
  expect(draw(6)).not.toEqual(first);
  const other = new RandomStream(7, 2).at(5);
  expect(Array.from({ length: 9 }, () => other.word())).not.toEqual(first);
});
