import { AppError } from '@basketwise/core/base';
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
