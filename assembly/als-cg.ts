// One system of implicit ALS by conjugate gradients (Takács, Pilászy and Tikk, Applications of the conjugate gradient method for implicit
// feedback collaborative filtering, 2011), never formed:
//   M x = b,  M = B + r E + sum_j d_j u_j u_j',  b = right + sum_j c_j u_j
// For a customer u_j are the item factors that it holds and B = A; for a product they are the factors of the long rows that hold it, and B and
// `right` are what all rows share and what short rows add. Lines u and B are f32, sums of at most 256 terms too; sums of these sums, and all
// that the steps are made of, are f64.
//
// A list holds what is summed over: u32 address of u_j [n4], f32 d_j [n4], f32 c_j [n4], with n4 = n rounded up to a multiple of 4.

import { addScaled, dot, scale } from './linalg-vectors';

/** Lines whose f32 sum is added to the f64 sum at once. */
const flushed: u32 = 256;
/** r'r below which a system counts as solved: further steps would be made of rounding. */
const solved: f64 = 1e-20;

/** Bytes of a list of n lines. */
export function listBytes(n: u32): usize {
  return <usize>((n + 3) & ~3) * 12;
}

/** Sets line j of a list of n4 lines. */
export function setLine(list: usize, n4: u32, j: u32, line: usize, d: f64, c: f64): void {
  const at = list + (j << 2);
  store<u32>(at, <u32>line);
  store<f32>(at + (n4 << 2), <f32>d);
  store<f32>(at + (n4 << 3), <f32>c);
}

/** Fills a list from n to n4 with a line that counts nothing. */
export function endList(list: usize, n4: u32, n: u32, line: usize): void {
  for (let j = n; j < n4; j++) setLine(list, n4, j, line, 0, 0);
}

/** f32[width] from f64[width]. */
export function demote(target: usize, source: usize, width: u32): void {
  for (const end = target + (width << 2); target < end; target += 8, source += 16) {
    v128.store64_lane(target, f32x4.demote_f64x2_zero(v128.load(source)), 0);
  }
}

/** B in full, f32[width x width], from the upper triangle of f64[width x width]. */
export function demoteSymmetric(target: usize, source: usize, width: u32): void {
  for (let i: u32 = 0; i < width; i++) {
    for (let j = i; j < width; j++) {
      const value = <f32>load<f64>(source + ((i * width + j) << 3));
      store<f32>(target + ((i * width + j) << 2), value);
      store<f32>(target + ((j * width + i) << 2), value);
    }
  }
}

/** Bytes of scratch of solveCg. */
export function cgBytes(width: u32): usize {
  return width << 5;
}

/**
 * @param list, n4 the lines; base B, f32[width x width]; ridge r
 * @param right f64[width], or 0: zeros
 * @param x f64[width]: where to start from, and the result
 * @param constant sum of the confidences of all cells held
 * @param scratch of cgBytes(width)
 * @returns constant - 2 b'x + x'Mx: the regularised loss of x, whatever it is; NaN where M is not positive definite
 */
export function solveCg(
  list: usize,
  n4: u32,
  base: usize,
  ridge: f64,
  right: usize,
  width: u32,
  steps: u32,
  x: usize,
  constant: f64,
  scratch: usize,
): f64 {
  const row = width << 3;
  const r = scratch;
  const p = r + row;
  const q = p + row;
  const single = q + row;
  const sum = single + (width << 2);
  // r = b - M x
  demote(single, x, width);
  memory.fill(r, 0, row);
  memory.fill(q, 0, row);
  let linear = addLines(list, n4, single, sum, r, width, true);
  addBase(base, single, sum, q, width);
  addScaled(r, q, -1, width);
  addScaled(r, x, -ridge, width);
  if (right) {
    linear += dot(right, x, width);
    addScaled(r, right, 1, width);
  }
  let loss = constant - linear - dot(r, x, width);
  let square = dot(r, r, width);
  memory.copy(p, r, row);
  for (let step: u32 = 0; step < steps && !(square < solved); step++) {
    // q = M p
    demote(single, p, width);
    memory.fill(q, 0, row);
    addLines(list, n4, single, sum, q, width, false);
    addBase(base, single, sum, q, width);
    addScaled(q, p, ridge, width);
    const curvature = dot(p, q, width);
    if (!(curvature > 0)) return NaN;
    const alpha = square / curvature;
    loss -= alpha * (2 * dot(r, p, width) - alpha * curvature);
    addScaled(x, p, alpha, width);
    addScaled(r, q, -alpha, width);
    const next = dot(r, r, width);
    scale(p, next / square, width);
    addScaled(p, r, 1, width);
    square = next;
  }
  return loss;
}

/** target += sum_j d_j (u_j'p) u_j; or, for the residual, sum_j (c_j - d_j u_j'p) u_j. Returns sum_j c_j u_j'p then, else 0. */
function addLines(list: usize, n4: u32, p: usize, sum: usize, target: usize, width: u32, residual: bool): f64 {
  const half = width << 2;
  const weights = n4 << 2;
  const end = list + weights;
  let linear = f64x2.splat(0);
  while (list < end) {
    memory.fill(sum, 0, half);
    for (const stop = min(end, list + (flushed << 2)); list < stop; list += 16) {
      const a = <usize>load<u32>(list);
      const b = <usize>load<u32>(list, 4);
      const c = <usize>load<u32>(list, 8);
      const d = <usize>load<u32>(list, 12);
      const scores = dots(a, b, c, d, p, half);
      let w = f32x4.mul(v128.load(list + weights), scores);
      if (residual) {
        const confidence = v128.load(list + weights + weights);
        w = f32x4.sub(confidence, w);
        const parts = f32x4.mul(confidence, scores);
        linear = f64x2.add(linear, f64x2.promote_low_f32x4(parts));
        linear = f64x2.add(linear, f64x2.promote_low_f32x4(v128.shuffle<f32>(parts, parts, 2, 3, 2, 3)));
      }
      addFour(sum, half, w, a, b, c, d);
    }
    promote(target, sum, width);
  }
  return f64x2.extract_lane(linear, 0) + f64x2.extract_lane(linear, 1);
}

/** target += B p. */
function addBase(base: usize, p: usize, sum: usize, target: usize, width: u32): void {
  const half = width << 2;
  memory.fill(sum, 0, half);
  for (let k: u32 = 0; k < width; k += 4, base += half << 2) {
    addFour(sum, half, v128.load(p + (k << 2)), base, base + half, base + 2 * half, base + 3 * half);
  }
  promote(target, sum, width);
}

/** The products of four lines with p. */
function dots(a: usize, b: usize, c: usize, d: usize, p: usize, half: usize): v128 {
  let e = f32x4.splat(0);
  let f = e;
  let g = e;
  let h = e;
  for (let k: usize = 0; k < half; k += 32) {
    let q = v128.load(p + k);
    e = f32x4.add(e, f32x4.mul(q, v128.load(a + k)));
    f = f32x4.add(f, f32x4.mul(q, v128.load(b + k)));
    g = f32x4.add(g, f32x4.mul(q, v128.load(c + k)));
    h = f32x4.add(h, f32x4.mul(q, v128.load(d + k)));
    q = v128.load(p + k, 16);
    e = f32x4.add(e, f32x4.mul(q, v128.load(a + k, 16)));
    f = f32x4.add(f, f32x4.mul(q, v128.load(b + k, 16)));
    g = f32x4.add(g, f32x4.mul(q, v128.load(c + k, 16)));
    h = f32x4.add(h, f32x4.mul(q, v128.load(d + k, 16)));
  }
  const ef = f32x4.add(v128.shuffle<f32>(e, f, 0, 4, 1, 5), v128.shuffle<f32>(e, f, 2, 6, 3, 7));
  const gh = f32x4.add(v128.shuffle<f32>(g, h, 0, 4, 1, 5), v128.shuffle<f32>(g, h, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f32>(ef, gh, 0, 1, 4, 5), v128.shuffle<f32>(ef, gh, 2, 3, 6, 7));
}

/** sum += w0 a + w1 b + w2 c + w3 d, over `half` bytes. */
function addFour(sum: usize, half: usize, w: v128, a: usize, b: usize, c: usize, d: usize): void {
  const wa = v128.shuffle<f32>(w, w, 0, 0, 0, 0);
  const wb = v128.shuffle<f32>(w, w, 1, 1, 1, 1);
  const wc = v128.shuffle<f32>(w, w, 2, 2, 2, 2);
  const wd = v128.shuffle<f32>(w, w, 3, 3, 3, 3);
  for (let k: usize = 0; k < half; k += 32) {
    let s = f32x4.add(v128.load(sum + k), f32x4.mul(wa, v128.load(a + k)));
    let t = f32x4.add(v128.load(sum + k, 16), f32x4.mul(wa, v128.load(a + k, 16)));
    s = f32x4.add(s, f32x4.mul(wb, v128.load(b + k)));
    t = f32x4.add(t, f32x4.mul(wb, v128.load(b + k, 16)));
    s = f32x4.add(s, f32x4.mul(wc, v128.load(c + k)));
    t = f32x4.add(t, f32x4.mul(wc, v128.load(c + k, 16)));
    s = f32x4.add(s, f32x4.mul(wd, v128.load(d + k)));
    t = f32x4.add(t, f32x4.mul(wd, v128.load(d + k, 16)));
    v128.store(sum + k, s);
    v128.store(sum + k, t, 16);
  }
}

/** f64[width] += f32[width]. */
function promote(target: usize, sum: usize, width: u32): void {
  for (const end = sum + (width << 2); sum < end; sum += 8, target += 16) {
    v128.store(target, f64x2.add(v128.load(target), f64x2.promote_low_f32x4(v128.load64_zero(sum))));
  }
}
