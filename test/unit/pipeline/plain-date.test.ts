import { dateOfDay, daysSinceEpoch, isPlainDate, minusSpan, plusSpan, spanStart } from '@basketwise/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';

test('a day that a shorter month lacks becomes its last day', () => {
  const months = (count: number) => ({ months: count, days: 0 });
  expect(minusSpan('2022-08-31', months(6))).toBe('2022-02-28');
  expect(minusSpan('2024-08-31', months(6))).toBe('2024-02-29');
  expect(minusSpan('2024-02-29', months(12))).toBe('2023-02-28');
  expect(minusSpan('2022-08-31', months(36))).toBe('2019-08-31');
  expect(minusSpan('2022-01-31', months(1))).toBe('2021-12-31');
  expect(minusSpan('2022-03-01', { months: 0, days: 1 })).toBe('2022-02-28');
});

test('dates that do not exist are none', () => {
  expect(['2022-02-29', '2022-13-01', '2022-1-01', '20220101', '0000-01-01'].filter(isPlainDate)).toEqual([]);
  expect(isPlainDate('2000-02-29')).toBe(true);
});

test('days since 1970 are those of the Gregorian calendar', () => {
  expect(daysSinceEpoch('1970-01-01')).toBe(0);
  const days = fc.integer({ min: -700_000, max: 2_900_000 });
  fc.assert(
    fc.property(days, (day) => {
      expect(daysSinceEpoch(new Date(day * 86_400_000).toISOString().slice(0, 10))).toBe(day);
    }),
  );
});

test('months are added first, then days; a day that the month lacks becomes its last', () => {
  expect(plusSpan('2022-08-31', { months: 6, days: 0 })).toBe('2023-02-28');
  expect(plusSpan('2022-12-31', { months: 2, days: 1 })).toBe('2023-03-01');
  expect(() => plusSpan('9999-06-01', { months: 12, days: 0 })).toThrow('the time after 9999-06-01 reaches too far');
});

test('the start of a span is the last date from which it has passed', () => {
  const span = fc.record({ months: fc.integer({ min: 0, max: 30 }), days: fc.integer({ min: 0, max: 40 }) });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 20_000 }), span, (day, length) => {
      const start = spanStart(dateOfDay(day), length);
      expect(plusSpan(start, length) <= dateOfDay(day)).toBe(true);
      expect(plusSpan(dateOfDay(daysSinceEpoch(start) + 1), length) > dateOfDay(day)).toBe(true);
    }),
  );
});
