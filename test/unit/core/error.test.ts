import { AppError, required } from '@basketwise/core';
import { expect, test } from 'vitest';

test('an error of another copy of the package is an AppError, too', async () => {
  const copy = new URL('../../../packages/core/src/error.ts?copy', import.meta.url).href;
  const { AppError: Other } = (await import(copy)) as { AppError: typeof AppError };
  expect(Other).not.toBe(AppError);
  const error = new Other('locked', 'a message', 'a hint');
  expect(error).toBeInstanceOf(AppError);
  expect(error).toBeInstanceOf(Error);
  expect(Object.keys(error).sort()).toEqual(['code', 'hint', 'name']);
  for (const other of [
    new Error('a message'),
    { code: 'locked', message: 'a message', hint: 'a hint' },
    'locked',
    null,
    undefined,
  ])
    expect(other).not.toBeInstanceOf(AppError);
});

test('a value that is there is given back, also one that counts as false', () => {
  const map = new Map<string, number | null>([
    ['zero', 0],
    ['none', null],
  ]);
  expect(required(map, 'zero')).toBe(0);
  expect(required(map, 'none')).toBeNull();
});

test('a key that is not there is a bug, and stays out of what is said of it', () => {
  const find = () => required(new Map<string, number>(), '0001234567');
  expect(find).toThrow(AppError);
  expect(find).toThrow(expect.objectContaining({ code: 'bug', message: expect.not.stringContaining('0001234567') }));
});
