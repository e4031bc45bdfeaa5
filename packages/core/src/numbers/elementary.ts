/*
 * Exponential and logarithms computed with + - * / only, so that every JavaScript engine gives the same bits.
 * The results of Math.exp and Math.log differ in the last bit between versions of V8.
 */

/** ln 2 in two parts. The first has 32 bits, so that its product with an exponent is exact. */
const [ln2High, ln2Low] = [0.6931471803691238, 1.9082149292705877e-10];

const bits = new DataView(new ArrayBuffer(8));

/** 2^n for n from -1022 to 1023, in order. Each power is computed by doubling the previous one, which is exact. */
const powersOf2 = new Float64Array(2046);
for (let n = 0, power = 2 ** -1022; n < powersOf2.length; n++, power *= 2) powersOf2[n] = power;

/** 2^n for a whole n from -1022 to 1023. */
function powerOf2(n: number): number {
  return powersOf2[n + 1022]!;
}

/**
 * e^x, within 2 units in the last place. x = k ln 2 + r with |r| at most ln 2 / 2, and e^r by its series to r^13.
 * Infinite above 709.78, 0 below -745.13.
 */
export function exp(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > 709.782712893384) return Number.POSITIVE_INFINITY;
  if (x < -745.1332191019412) return 0;
  const k = Math.round(x / Math.LN2);
  const r = x - k * ln2High - k * ln2Low;
  // Coefficients of the series, from 1 / 13! down to 1 / 2!.
  let sum = 1 / 479001600 + r * (1 / 6227020800);
  sum = 1 / 3628800 + r * (1 / 39916800 + r * sum);
  sum = 1 / 40320 + r * (1 / 362880 + r * sum);
  sum = 1 / 720 + r * (1 / 5040 + r * sum);
  sum = 1 / 24 + r * (1 / 120 + r * sum);
  sum = 1 / 2 + r * (1 / 6 + r * sum);
  const power = 1 + (r + r * r * sum);
  // Multiplies by 2^k in two steps, because 2^k itself may be out of range.
  const half = k >> 1;
  return power * powerOf2(half) * powerOf2(k - half);
}

/**
 * ln x, within 2 units in the last place. x = m 2^e with m between the square roots of 1/2 and 2.
 * ln m = 2 artanh(s) by its series, s = (m - 1) / (m + 1). -Infinity for 0, NaN for negative x.
 */
export function log(x: number): number {
  if (!(x > 0) || x === Number.POSITIVE_INFINITY) return x === 0 ? Number.NEGATIVE_INFINITY : x > 0 ? x : Number.NaN;
  const exponent = exponentOf(x);
  const f = mantissa[0]! - 1;
  const s = f / (2 + f);
  const z = s * s;
  // sum = s^2 / 3 + s^4 / 5 + ... + s^22 / 23.
  let sum = 1 / 21 + z * (1 / 23);
  sum = 1 / 17 + z * (1 / 19 + z * sum);
  sum = 1 / 13 + z * (1 / 15 + z * sum);
  sum = 1 / 9 + z * (1 / 11 + z * sum);
  sum = 1 / 5 + z * (1 / 7 + z * sum);
  sum = z * (1 / 3 + z * sum);
  // 2 artanh(s) = f - s (f - 2 sum). The first term is exact, and the second is small.
  return exponent * ln2High + (f - (s * (f - 2 * sum) - exponent * ln2Low));
}

/** ln(1 + x), within 3 units in the last place, also near 0. It corrects for the rounding of 1 + x. */
export function log1p(x: number): number {
  const sum = 1 + x;
  if (sum === 1) return x;
  return sum === Number.POSITIVE_INFINITY ? sum : (log(sum) * x) / (sum - 1);
}

/** Logarithm to the base 2, exact for powers of 2. */
export function log2(x: number): number {
  if (!(x > 0) || x === Number.POSITIVE_INFINITY) return log(x);
  const exponent = exponentOf(x);
  return exponent + log(mantissa[0]!) / Math.LN2;
}

/** x^y for x >= 0. For whole y from 0 to 64 it multiplies y times by x, otherwise it computes e^(y ln x). */
export function pow(x: number, y: number): number {
  if (!Number.isInteger(y) || y < 0 || y > 64) return exp(y * log(x));
  let product = 1;
  for (let i = 0; i < y; i++) product *= x;
  return product;
}

/** Mantissa of the last call of `exponentOf`. An array, because a number in a variable of the module would be allocated on the heap at each call. */
const mantissa = new Float64Array(1);

/** Exponent e of x = m * 2^e, where the mantissa m is between sqrt(1/2) and sqrt(2). */
function exponentOf(x: number): number {
  const isSmall = x < 2 ** -1022;
  bits.setFloat64(0, isSmall ? x * 2 ** 54 : x);
  const high = bits.getUint32(0);
  const low = bits.getUint32(4);
  const exponent = (high >>> 20) - 1023 - (isSmall ? 54 : 0);
  bits.setUint32(0, (high & 0xfffff) | 0x3ff00000);
  bits.setUint32(4, low);
  const significand = bits.getFloat64(0);
  const isAbove = significand > Math.SQRT2;
  mantissa[0] = isAbove ? significand / 2 : significand;
  return isAbove ? exponent + 1 : exponent;
}
