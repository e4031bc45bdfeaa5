import { AppError } from '@basketwise/core';
import { evaluationWindows } from '@basketwise/core/parts';
import { refuseLater } from '@basketwise/recommend';
import { describe, expect, test } from 'vitest';

const month = { months: 1, days: 0 };

describe('evaluation windows', () => {
  test('the first ends on the reference date; training ends a gap before the test begins; the next lies before it', () => {
    expect(evaluationWindows('2022-08-31', month, month, 2)).toEqual([
      { at: '2022-06-30', from: '2022-07-31', to: '2022-08-31' },
      { at: '2022-05-30', from: '2022-06-30', to: '2022-07-31' },
    ]);
  });

  test('without a gap training ends where the test begins', () => {
    expect(evaluationWindows('2022-08-31', month, null, 1)).toEqual([{ at: '2022-07-31', from: '2022-07-31', to: '2022-08-31' }]);
  });
});

describe('leakage guard', () => {
  test('a holding of the future is refused, the last day and undated ones are not', () => {
    expect(() => refuseLater({ days: Int32Array.of(10, 20, -0x80000000) }, 20)).not.toThrow();
    expect(() => refuseLater({ days: Int32Array.of(10, 21) }, 20)).toThrow(AppError);
    expect(() => refuseLater({ days: Int32Array.of(10, 23) }, 20)).toThrow(/3 days after the training date/);
  });
});
