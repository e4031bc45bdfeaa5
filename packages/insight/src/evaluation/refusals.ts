import { AppError } from '@basketwise/core';
import type { EvaluationWindow } from '@basketwise/core/parts';
import { leastResamples, minimumCustomers } from '@basketwise/recommend';

const windowRemedy = 'Move the reference date to where the data ends, or use a longer evaluate.window.';

/** Refusal of windows with too few purchases. By `isTooFew`: `instanceof` accepts every AppError. */
class TooFewPurchases extends AppError {
  readonly tooFew = true;
}

/** Whether an error is a refusal of windows with too few purchases, and not of damaged data. */
export function isTooFew(error: unknown): error is AppError {
  return error instanceof AppError && 'tooFew' in error;
}

/** @throws AppError bad-data: a window without openings */
export function refuseEmpty({ from, to }: EvaluationWindow): never {
  throw new TooFewPurchases('bad-data', `no customer purchased a product after ${from} up to ${to}`, windowRemedy);
}

/**
 * Refuses results of a few customers, which are noise.
 * @param tested campaigns with their test customers
 * @param resamples of the requested intervals; with none, means of few customers are accepted
 * @throws AppError bad-data if every campaign has too few of them
 */
export function refuseFew(
  tested: readonly { campaign: string; customers: number }[],
  { from, to }: Pick<EvaluationWindow, 'from' | 'to'>,
  resamples = leastResamples,
): void {
  if (resamples < leastResamples || tested.some(({ customers }) => customers >= minimumCustomers)) return;
  const names = tested.map(({ campaign }) => campaign).join(', ');
  throw new TooFewPurchases(
    'bad-data',
    `${names}: fewer than ${minimumCustomers} customers purchased a recommendable product after ${from} up to ${to}: too few for an interval`,
    windowRemedy,
  );
}
