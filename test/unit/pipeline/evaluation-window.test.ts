import {
  AppError,
  dateOfDay,
  daysOfMonth,
  daysSinceEpoch,
  evaluationWindows,
  minusSpan,
  nestedWindows,
  type PlainDate,
} from '@basketwise/core';
import { lastReadOut, purchaseDays } from '@basketwise/offers';
import { refuseLater } from '@basketwise/recommend';
import { describe, expect, test } from 'vitest';

const month = { months: 1, days: 0 };
const isMonthEnd = (date: PlainDate) => Number(date.slice(8)) === daysOfMonth(Number(date.slice(0, 4)), Number(date.slice(5, 7)));

describe('evaluation windows', () => {
  test('the first ends on the reference date; training ends a gap before the test begins; the next lies before it', () => {
    expect(evaluationWindows('2022-08-31', month, month, 2)).toEqual([
      { at: '2022-06-30', from: '2022-07-31', to: '2022-08-31' },
      { at: '2022-05-31', from: '2022-06-30', to: '2022-07-31' },
    ]);
  });

  test('of a month end are those of months; those of all other dates have the days of the calendar that each step finds', () => {
    for (let day = 19_000; day < 19_800; day++) {
      const date = dateOfDay(day);
      const isEnd = isMonthEnd(date);
      let to = date;
      for (const window of evaluationWindows(date, month, month, 14)) {
        const from = minusSpan(to, month);
        if (isEnd) for (const end of Object.values(window)) expect(isMonthEnd(end)).toBe(true);
        else expect(window).toEqual({ at: minusSpan(from, month), from, to });
        to = window.from;
      }
      const { outer, inner } = nestedWindows(date, month, month);
      expect(outer).toEqual(evaluationWindows(date, month, month, 1)[0]);
      expect(inner).toEqual(evaluationWindows(date, month, month, 3)[2]);
    }
  });

  test('without a gap training ends where the test begins', () => {
    expect(evaluationWindows('2022-08-31', month, null, 1)).toEqual([{ at: '2022-07-31', from: '2022-07-31', to: '2022-08-31' }]);
  });
});

test('the last run to be read out is the last one whose time for purchases is over', () => {
  for (const gap of [null, month, { months: 0, days: 10 }])
    for (let day = 19_000; day < 19_800; day++) {
      const last = lastReadOut(dateOfDay(day), { window: month, gap });
      expect(purchaseDays(last, { window: month, gap })[1] <= dateOfDay(day)).toBe(true);
      expect(purchaseDays(dateOfDay(daysSinceEpoch(last) + 1), { window: month, gap })[1] > dateOfDay(day)).toBe(true);
    }
});

describe('leakage guard', () => {
  test('a holding of the future is refused, the last day and undated ones are not', () => {
    expect(() => refuseLater({ days: Int32Array.of(10, 20, -0x80000000) }, 20)).not.toThrow();
    expect(() => refuseLater({ days: Int32Array.of(10, 21) }, 20)).toThrow(AppError);
    expect(() => refuseLater({ days: Int32Array.of(10, 23) }, 20)).toThrow(/3 days after the training date/);
  });
});
