import { publishedOutcomes } from '@basketwise/offers';
import { expect, test } from 'vitest';
import { readOutOf } from '../../reference/published-attacks.ts';

/** Published tenths of a run, of so many offers each. @param each most offers of one customer */
function bandsOf(bought: readonly number[], offers: number, each = 1) {
  const calibration = bought.map((count, i) => ({
    ...{ run: 'a', band: i + 1, offers, expected: 0.1 * (i + 1), bought: count / offers, each },
  }));
  return publishedOutcomes({ ...readOutOf([[400, 60, 400, 20]]), calibration }).calibration;
}

test('tenths have the range of shares that their rounded purchases stand for, with the true share inside', () => {
  const bought = [0, 4, 12, 19, 20, 31, 35, 38, 44, 50];
  const shown = bandsOf(bought, 103);
  for (const [i, { offers, boughtLow, boughtHigh }] of shown.entries()) {
    expect(offers).toBe(100);
    if (bought[i]! < 10) expect([boughtLow, boughtHigh]).toEqual([null, null]);
    // Shares have three digits.
    else expect([boughtLow! <= bought[i]! / 103, boughtHigh! + 0.0005 >= bought[i]! / 103]).toEqual([true, true]);
  }
});

test('tenths count the customers behind their offers: ten purchases of two customers are hidden', () => {
  const bought = [10, 40, 60, 80, 100, 100, 100, 100, 120, 150];
  const [two, ...others] = bandsOf(bought, 200, 5);
  expect(two).toMatchObject({ boughtLow: null, boughtHigh: null });
  expect(others.filter(({ boughtLow }) => boughtLow !== null).map(({ band }) => band)).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
  expect(bandsOf(bought, 200)[0]!.boughtLow).not.toBeNull();
});
