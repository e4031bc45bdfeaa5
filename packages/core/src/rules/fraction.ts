import { AppError } from '../error.ts';

/** Decimal threshold as a fraction of whole numbers. Counts can be compared with it exactly. */
export interface Fraction {
  numerator: number;
  denominator: number;
}

/**
 * Reads a share such as .001 as the decimal written, 1 / 1000, not as the nearest binary number.
 * @throws AppError config for a share outside (0, 1], or with more than 9 decimals
 */
export function fractionOf(name: string, value: number): Fraction {
  if (!(value > 0 && value <= 1)) throw new AppError('config', `${name} is ${value}`, 'Give a share above 0, at most 1.');
  for (let denominator = 1; denominator <= 1e9; denominator *= 10) {
    const numerator = Math.round(value * denominator);
    if (numerator / denominator === value) return { numerator, denominator };
  }
  throw new AppError('config', `${name} is ${value}`, 'Give at most 9 decimals.');
}

/** Whether part / whole >= the fraction. The comparison uses whole numbers, as BigInt if they are too large for a double. */
export function atLeast(part: number, whole: number, { numerator, denominator }: Fraction): boolean {
  const [left, right] = [part * denominator, numerator * whole];
  if (left < Number.MAX_SAFE_INTEGER && right < Number.MAX_SAFE_INTEGER) return left >= right;
  return BigInt(part) * BigInt(denominator) >= BigInt(numerator) * BigInt(whole);
}
