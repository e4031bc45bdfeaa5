import { AppError, type EvaluationWindow } from '@basketwise/core';
import { leastResamples, minimumCustomers } from '@basketwise/recommend';

const windowRemedy = 'Move the reference date to where the data ends, or use a longer evaluate.window.';

/** Error for windows that have too few purchases. Use `isTooFew` to recognise it, because `instanceof` accepts every AppError. */
class TooFewPurchases extends AppError {
  readonly tooFew = true;
}

/** Whether an error means that windows have too few purchases, and not that data are damaged. */
export function isTooFew(error: unknown): error is AppError {
  return error instanceof AppError && 'tooFew' in error;
}

/**
 * Throws for a window in which no holding was opened.
 * @throws AppError bad-data
 */
export function refuseEmpty({ from, to }: EvaluationWindow): never {
  throw new TooFewPurchases('bad-data', `no customer purchased a product after ${from} up to ${to}`, windowRemedy);
}

/**
 * Throws if all campaigns have too few test customers, because their results would be noise.
 * @param tested campaigns with their test customers
 * @param resamples number of resamples for intervals; if 0, means over few customers are accepted
 * @throws AppError bad-data
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
