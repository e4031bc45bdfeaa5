import { addScaled, dot } from '../linalg/vectors';
import { real, word } from '../numbers/memory';
import { BprFit } from './layouts';

/** Greatest number of draws of a product outside the basket. After it the sample is skipped, because a basket may hold nearly all products. */
const draws: u32 = 32;

/** Random number `index` of stream `seed`, uniform over 32 bits: the finaliser of MurmurHash3 over a Weyl sequence. */
function draw(seed: u32, index: u32): u32 {
  let h = seed + (index + 1) * 0x9e3779b9;
  h = (h ^ (h >>> 16)) * 0x85ebca6b;
  h = (h ^ (h >>> 13)) * 0xc2b2ae35;
  return h ^ (h >>> 16);
}

/** First row whose cumulative weight is above `weight`. @param cumulative f64[rows], ascending */
function rowAt(cumulative: usize, rows: u32, weight: f64): u32 {
  let low: u32 = 0;
  let high = rows - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (load<f64>(cumulative + ((<usize>middle) << 3)) > weight) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Logistic function 1 / (1 + e^d), with an error below 1e-15. Computes e^d = 2^k e^r with |r| <= ln 2 / 2, and e^r by its power series.
 * (The exponential of AssemblyScript's library cannot be used: it reads a table in memory that the host manages.)
 */
function logistic(d: f64): f64 {
  const limited = min(max(d, -700), 700);
  const k = nearest(limited * Math.LOG2E);
  const r = limited - k * 0.6931471803691238 - k * 1.9082149292705877e-10;
  let sum: f64 = 1;
  for (let term: f64 = 13; term > 0; term--) sum = 1 + (sum * r) / term;
  return 1 / (1 + sum * reinterpret<f64>((<i64>k + 1023) << 52));
}

/** Whether one of n packed entries has a given column. */
function holds(entries: usize, n: u32, column: u32): bool {
  for (let e: u32 = 0; e < n; e++) if (load<u32>(entries + (e << 2)) >>> 8 === column) return true;
  return false;
}

/**
 * Stochastic gradient steps of Bayesian personalised ranking, one after the other. A customer is represented by the sum of their holdings.
 * A sample is a holding i, drawn in proportion to its weight, and a product j outside the basket, drawn uniformly.
 * P, Q: factors of columns as basket entries and as ranked products; n: number of entries of the basket.
 *   s = (n - 1)^-1/2,   x = s sum of P_k over the basket's entries k other than i (pseudo-products included)
 *   d = bias_i - bias_j + x'(Q_i - Q_j),   z = 1 / (1 + e^d)
 *   bias_i += rate (z - lambda bias_i),    bias_j += rate (-z - lambda bias_j)
 *   P_k += rate (z s (Q_i - Q_j) - lambda P_k),   Q_i += rate (z x - lambda Q_i),   Q_j += rate (-z x - lambda Q_j)
 * @param fit record BprFit
 * @param samples number of steps
 * @param seed seed of the random numbers
 * @param rate learning rate
 * @param lambda regularization
 * @param scratch f64[2 x width]
 * @returns number of samples in which product i was ranked above j (d > 0)
 */
export function bprSamples(fit: usize, samples: u32, seed: u32, rate: f64, lambda: f64, scratch: usize): u32 {
  const given = changetype<BprFit>(fit);
  const start: usize = given.start;
  const entry: usize = given.entry;
  const cumulative: usize = given.cumulative;
  const rows = given.rows;
  const products = given.products;
  const width = given.width;
  const p: usize = given.p;
  const q: usize = given.q;
  const bias: usize = given.bias;
  const line = (<usize>width) << 3;
  const x = scratch;
  const difference = scratch + line;
  const total = real(cumulative, rows - 1);
  const shrink = -rate * lambda;
  let right: u32 = 0;
  for (let sample: u32 = 0; sample < samples; sample++) {
    const position = (<f64>draw(seed, 2 * sample) / 4294967296) * total;
    const row = rowAt(cumulative, rows, position);
    const before = row ? real(cumulative, row - 1) : 0;
    const from = word(start, row);
    const n = word(start, row + 1) - from;
    const entries = entry + ((<usize>from) << 2);
    let held = n;
    while (held && load<u32>(entries + ((held - 1) << 2)) >>> 8 >= products) held--;
    const chosen = <u32>(position - before) % held;
    const i = load<u32>(entries + (chosen << 2)) >>> 8;
    const negativeSeed = draw(seed, 2 * sample + 1);
    let j: u32 = products;
    for (let t: u32 = 0; t < draws && (j === products || holds(entries, held, j)); t++) j = draw(negativeSeed, t) % products;
    if (holds(entries, held, j)) continue;

    const qi = q + i * line;
    const qj = q + j * line;
    const s = n > 1 ? 1 / Math.sqrt(n - 1) : 0;
    memory.fill(x, 0, line);
    for (let e: u32 = 0; e < n; e++) {
      if (e !== chosen) addScaled(x, p + (load<u32>(entries + (e << 2)) >>> 8) * line, s, width);
    }
    memory.copy(difference, qi, line);
    addScaled(difference, qj, -1, width);
    const biasI = bias + ((<usize>i) << 3);
    const biasJ = bias + ((<usize>j) << 3);
    const d = load<f64>(biasI) - load<f64>(biasJ) + dot(x, difference, width);
    if (d > 0) right++;
    const z = logistic(d);
    store<f64>(biasI, load<f64>(biasI) + rate * z + shrink * load<f64>(biasI));
    store<f64>(biasJ, load<f64>(biasJ) - rate * z + shrink * load<f64>(biasJ));
    for (let e: u32 = 0; e < n; e++) {
      if (e === chosen) continue;
      const pk = p + (load<u32>(entries + (e << 2)) >>> 8) * line;
      addScaled(pk, pk, shrink, width);
      addScaled(pk, difference, rate * z * s, width);
    }
    addScaled(qi, qi, shrink, width);
    addScaled(qi, x, rate * z, width);
    addScaled(qj, qj, shrink, width);
    addScaled(qj, x, -rate * z, width);
  }
  return right;
}
