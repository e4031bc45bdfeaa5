import { exp, log } from '@basketwise/core';

const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];
const mostSteps = 100_000;
const relativeError = 1e-15;

/** Logarithm of the gamma function at a > 0 (Lanczos, g = 7, nine terms). */
export function logGamma(a: number): number {
  const x = a - 1;
  const t = x + 7.5;
  const sum = lanczos.reduce((total, term, i) => (i === 0 ? term : total + term / (x + i)), 0);
  return 0.5 * log(2 * Math.PI) + (x + 0.5) * log(t) - t + log(sum);
}

/** Continued fraction of the upper incomplete gamma function, by Lentz's method. */
function upperFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let [c, d] = [1e300, 1 / b];
  let h = d;
  for (let i = 1; i < mostSteps; i++) {
    const an = -i * (i - a);
    b += 2;
    d = 1 / (an * d + b || 1e-300);
    c = b + an / c || 1e-300;
    const step = c * d;
    h *= step;
    if (Math.abs(step - 1) < relativeError) break;
  }
  return h;
}

/** Regularized upper incomplete gamma function Q(a, x): probability that a gamma variable of shape a exceeds x. Requires a > 0; x <= 0 gives 1. */
function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  const factor = exp(a * log(x) - x - logGamma(a));
  if (x >= a + 1) return factor * upperFraction(a, x);
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < mostSteps && term > sum * relativeError; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return 1 - factor * sum;
}

/** Value x with Q(a, x) = `share`, where Q is the upper incomplete gamma function. Found by bisection. */
export function gammaQuantile(a: number, share: number): number {
  let [low, high] = [0, a + 10 * Math.sqrt(a) + 50];
  for (let i = 0; i < 200 && high - low > 1e-13 * high; i++) {
    const middle = (low + high) / 2;
    if (upperGamma(a, middle) > share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Probability that a Poisson count with this mean (at least 0) is at most `count`, a whole number. 0 for a negative `count`. */
export function poissonAtMost(count: number, mean: number): number {
  return count < 0 ? 0 : upperGamma(count + 1, mean);
}

/** Two-sided p-value of a standard normal statistic. */
export function normalP(z: number): number {
  return upperGamma(0.5, (z * z) / 2);
}
