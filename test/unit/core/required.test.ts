import { AppError, required } from '@basketwise/core';
import { expect, test } from 'vitest';

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
