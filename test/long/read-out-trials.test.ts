import { expect, test } from 'vitest';
import { some } from '../cases.ts';
import { binomialRange, readOutTrials, type TrialTruth } from '../reference/read-out-trials.ts';

/** `npm run claim -- read-out` has 1,000 banks of 30 nights. */
const truth: TrialTruth = {
  ...{ banks: 32, customers: 600, control: 0.25, nights: 13, keep: 9, capacity: 8, effect: 0, refusal: 0.2 },
};

// a few seconds each
test.each(some([0, 0.5], 1))(
  'over nights with rests, refusals and purchases the read-out is of first contacts, and covers an effect of %d',
  async (effect) => {
    const { trials, counted, expected, difference, naive } = await readOutTrials({ ...truth, effect });
    expect(counted).toEqual(expected);
    const [least] = binomialRange(truth.banks, 0.95, 0.001);
    for (const of of ['difference', 'lift'] as const)
      expect(trials.filter(({ covers }) => covers[of]).length).toBeGreaterThanOrEqual(least);
    expect(difference.low).toBeLessThan(difference.truth);
    expect(difference.high).toBeGreaterThan(difference.truth);
    const proven = trials.filter((one) => one.proven).length;
    if (effect > 0) expect(proven).toBeGreaterThan(truth.banks / 2);
    else expect(proven).toBeLessThanOrEqual(binomialRange(truth.banks, 0.025, 0.001)[1]);
    // by all offers the control is compared with the contacted customers without a cool-off by refusal or purchase
    expect(naive.high).toBeLessThan(difference.truth);
    const [low, high] = binomialRange(truth.customers, truth.control, 1e-6);
    for (const { control } of trials) {
      expect(control).toBeGreaterThanOrEqual(low);
      expect(control).toBeLessThanOrEqual(high);
    }
    expect(trials.filter(({ differs }) => differs).length).toBeLessThanOrEqual(binomialRange(truth.banks, 0.05, 0.001)[1]);
  },
);
