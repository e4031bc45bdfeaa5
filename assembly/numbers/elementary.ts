// Exponential and logarithm, by the formulas of packages/core/src/numbers/elementary.ts and bit-equal to its results.

const ln2: f64 = Math.LN2;
const ln2High: f64 = 0.6931471803691238;
const ln2Low: f64 = 1.9082149292705877e-10;
const sqrt2: f64 = Math.SQRT2;

/** f64x2: 2^n for the first two of four i32 numbers n, each from -1022 to 1023. */
function powersOf2(n: v128): v128 {
  return i64x2.shl(i64x2.extend_low_i32x4_s(i32x4.add(n, i32x4.splat(1023))), 52);
}

/** Horner's scheme for two coefficients: first + r (second + r sum). */
function series(r: v128, sum: v128, first: v128, second: v128): v128 {
  return f64x2.add(first, f64x2.mul(r, f64x2.add(second, f64x2.mul(r, sum))));
}

/** Whole number k nearest to x / ln 2; halves are rounded upwards. */
function nearestPower(x: v128): v128 {
  const quotient = f64x2.div(x, f64x2.splat(ln2));
  const below = f64x2.floor(quotient);
  const up = v128.and(f64x2.ge(f64x2.sub(quotient, below), f64x2.splat(0.5)), f64x2.splat(1));
  return f64x2.add(below, up);
}

/** Remainder r = x - k ln 2, with ln 2 in two parts for accuracy. */
function lessPower(x: v128, k: v128): v128 {
  return f64x2.sub(f64x2.sub(x, f64x2.mul(k, f64x2.splat(ln2High))), f64x2.mul(k, f64x2.splat(ln2Low)));
}

/**
 * e^x = 2^k e^r, with e^r = 1 + r + r^2 sum. Returns infinity or 0 where e^x is out of range.
 * Multiplies by 2^k in two steps, because 2^k itself may be out of range.
 */
function timesPowers(x: v128, k: v128, r: v128, sum: v128): v128 {
  const power = f64x2.add(f64x2.splat(1), f64x2.add(r, f64x2.mul(f64x2.mul(r, r), sum)));
  const whole = i32x4.trunc_sat_f64x2_s_zero(k);
  const half = i32x4.shr_s(whole, 1);
  const exponential = f64x2.mul(f64x2.mul(power, powersOf2(half)), powersOf2(i32x4.sub(whole, half)));
  const finite = v128.bitselect(f64x2.splat(Infinity), exponential, f64x2.gt(x, f64x2.splat(709.782712893384)));
  return v128.andnot(finite, f64x2.lt(x, f64x2.splat(-745.1332191019412)));
}

/** Writes e^x of both lanes of x and of y to f64[4]. The two pairs are independent, so their computations overlap. */
export function storeExponentials(to: usize, x: v128, y: v128): void {
  const k = nearestPower(x);
  const l = nearestPower(y);
  const r = lessPower(x, k);
  const s = lessPower(y, l);
  let first = f64x2.splat(1.0 / 479001600);
  let second = f64x2.splat(1.0 / 6227020800);
  let sum = f64x2.add(first, f64x2.mul(r, second));
  let sum2 = f64x2.add(first, f64x2.mul(s, second));
  first = f64x2.splat(1.0 / 3628800);
  second = f64x2.splat(1.0 / 39916800);
  sum = series(r, sum, first, second);
  sum2 = series(s, sum2, first, second);
  first = f64x2.splat(1.0 / 40320);
  second = f64x2.splat(1.0 / 362880);
  sum = series(r, sum, first, second);
  sum2 = series(s, sum2, first, second);
  first = f64x2.splat(1.0 / 720);
  second = f64x2.splat(1.0 / 5040);
  sum = series(r, sum, first, second);
  sum2 = series(s, sum2, first, second);
  first = f64x2.splat(1.0 / 24);
  second = f64x2.splat(1.0 / 120);
  sum = series(r, sum, first, second);
  sum2 = series(s, sum2, first, second);
  first = f64x2.splat(1.0 / 2);
  second = f64x2.splat(1.0 / 6);
  sum = series(r, sum, first, second);
  sum2 = series(s, sum2, first, second);
  v128.store(to, timesPowers(x, k, r, sum));
  v128.store(to, timesPowers(y, l, s, sum2), 16);
}

/** e^x of both lanes. */
function exponentials(x: v128): v128 {
  const k = nearestPower(x);
  const r = lessPower(x, k);
  let sum = f64x2.add(f64x2.splat(1.0 / 479001600), f64x2.mul(r, f64x2.splat(1.0 / 6227020800)));
  sum = series(r, sum, f64x2.splat(1.0 / 3628800), f64x2.splat(1.0 / 39916800));
  sum = series(r, sum, f64x2.splat(1.0 / 40320), f64x2.splat(1.0 / 362880));
  sum = series(r, sum, f64x2.splat(1.0 / 720), f64x2.splat(1.0 / 5040));
  sum = series(r, sum, f64x2.splat(1.0 / 24), f64x2.splat(1.0 / 120));
  sum = series(r, sum, f64x2.splat(1.0 / 2), f64x2.splat(1.0 / 6));
  return timesPowers(x, k, r, sum);
}

/** e^x. */
export function exponential(x: f64): f64 {
  return f64x2.extract_lane(exponentials(f64x2.splat(x)), 0);
}

/** ln x of a finite number above 0. */
export function logarithm(x: f64): f64 {
  const isSmall = x < 2.2250738585072014e-308;
  const bits = reinterpret<u64>(isSmall ? x * 18014398509481984.0 : x);
  let exponent = <i32>(bits >>> 52) - 1023 - (isSmall ? 54 : 0);
  let mantissa = reinterpret<f64>((bits & 0x000f_ffff_ffff_ffff) | 0x3ff0_0000_0000_0000);
  if (mantissa > sqrt2) {
    mantissa /= 2;
    exponent++;
  }
  const f = mantissa - 1;
  const s = f / (2 + f);
  const z = s * s;
  let sum: f64 = 1.0 / 21 + z * (1.0 / 23);
  sum = 1.0 / 17 + z * (1.0 / 19 + z * sum);
  sum = 1.0 / 13 + z * (1.0 / 15 + z * sum);
  sum = 1.0 / 9 + z * (1.0 / 11 + z * sum);
  sum = 1.0 / 5 + z * (1.0 / 7 + z * sum);
  sum = z * (1.0 / 3 + z * sum);
  return <f64>exponent * ln2High + (f - (s * (f - 2 * sum) - <f64>exponent * ln2Low));
}

/** ln x of both lanes, for finite numbers from 2.3e-308 on. */
export function logarithms(x: v128): v128 {
  const ones = f64x2.splat(1);
  const significand = v128.or(v128.and(x, i64x2.splat(0x000f_ffff_ffff_ffff)), ones);
  const isAbove = f64x2.gt(significand, f64x2.splat(sqrt2));
  const mantissa = v128.bitselect(f64x2.mul(significand, f64x2.splat(0.5)), significand, isAbove);
  // `isAbove` is -1 where it is true, so subtracting it adds 1 to the exponent.
  const whole = i64x2.sub(i64x2.sub(i64x2.shr_u(x, 52), i64x2.splat(1023)), isAbove);
  const exponent = f64x2.convert_low_i32x4_s(v128.shuffle<i32>(whole, whole, 0, 2, 0, 2));
  const f = f64x2.sub(mantissa, ones);
  const s = f64x2.div(f, f64x2.add(f64x2.splat(2), f));
  const z = f64x2.mul(s, s);
  let sum = f64x2.add(f64x2.splat(1.0 / 21), f64x2.mul(z, f64x2.splat(1.0 / 23)));
  sum = series(z, sum, f64x2.splat(1.0 / 17), f64x2.splat(1.0 / 19));
  sum = series(z, sum, f64x2.splat(1.0 / 13), f64x2.splat(1.0 / 15));
  sum = series(z, sum, f64x2.splat(1.0 / 9), f64x2.splat(1.0 / 11));
  sum = series(z, sum, f64x2.splat(1.0 / 5), f64x2.splat(1.0 / 7));
  sum = f64x2.mul(z, f64x2.add(f64x2.splat(1.0 / 3), f64x2.mul(z, sum)));
  const rest = f64x2.mul(s, f64x2.sub(f, f64x2.mul(f64x2.splat(2), sum)));
  const low = f64x2.sub(rest, f64x2.mul(exponent, f64x2.splat(ln2Low)));
  return f64x2.add(f64x2.mul(exponent, f64x2.splat(ln2High)), f64x2.sub(f, low));
}

/**
 * Approximate ln x of all lanes, f32x4, with an error below 1e-4, for x of at least 1.2e-38:
 *   x = m 2^e,   ln x = ln m + e ln 2,   ln m = (m - 1) p(m)
 * p is the polynomial that interpolates ln m / (m - 1) at 5 Chebyshev nodes.
 */
export function roughLogarithms(x: v128): v128 {
  const exponent = f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_u(x, 23), i32x4.splat(127)));
  const ones = f32x4.splat(1);
  const f = f32x4.sub(v128.or(v128.and(x, i32x4.splat(0x7f_ffff)), ones), ones);
  let sum = f32x4.add(f32x4.splat(-0.156029527), f32x4.mul(f, f32x4.splat(0.0406634376)));
  sum = f32x4.add(f32x4.splat(0.305399977), f32x4.mul(f, sum));
  sum = f32x4.add(f32x4.splat(-0.496788748), f32x4.mul(f, sum));
  sum = f32x4.add(f32x4.splat(0.999936822), f32x4.mul(f, sum));
  return f32x4.add(f32x4.mul(f, sum), f32x4.mul(exponent, f32x4.splat(<f32>ln2)));
}
