// Squared distances of rows to centres, in f64 (exact) and in f32 (fast). Rows, centres and costs are those of kmeans.ts:
// row f32[d], codes u16[c], centres f64[d x kp], costs f64[categories x kp].

/**
 * Distances of a row to all kp centres, f64[kp] out:
 *   out_j = sum over numbers f of (row_f - centre_fj)^2 + sum over categorical columns q of cost[code_q, j]
 */
export function distances(row: usize, codes: usize, d: u32, c: u32, kp: u32, centres: usize, costs: usize, out: usize): void {
  const stride = (<usize>kp) << 3;
  let j: u32 = 0;
  for (; j + 8 <= kp; j += 8) {
    const lane = (<usize>j) << 3;
    let a0 = f64x2.splat(0.0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let p = centres + lane;
    for (let f: u32 = 0; f < d; f++) {
      const x = f64x2.splat(<f64>load<f32>(row + ((<usize>f) << 2)));
      const t0 = f64x2.sub(x, v128.load(p));
      const t1 = f64x2.sub(x, v128.load(p, 16));
      const t2 = f64x2.sub(x, v128.load(p, 32));
      const t3 = f64x2.sub(x, v128.load(p, 48));
      a0 = f64x2.add(a0, f64x2.mul(t0, t0));
      a1 = f64x2.add(a1, f64x2.mul(t1, t1));
      a2 = f64x2.add(a2, f64x2.mul(t2, t2));
      a3 = f64x2.add(a3, f64x2.mul(t3, t3));
      p += stride;
    }
    for (let q: u32 = 0; q < c; q++) {
      p = costs + lane + <usize>load<u16>(codes + ((<usize>q) << 1)) * stride;
      a0 = f64x2.add(a0, v128.load(p));
      a1 = f64x2.add(a1, v128.load(p, 16));
      a2 = f64x2.add(a2, v128.load(p, 32));
      a3 = f64x2.add(a3, v128.load(p, 48));
    }
    v128.store(out + lane, a0);
    v128.store(out + lane, a1, 16);
    v128.store(out + lane, a2, 32);
    v128.store(out + lane, a3, 48);
  }
  if (j < kp) {
    const lane = (<usize>j) << 3;
    let a0 = f64x2.splat(0.0);
    let a1 = a0;
    let p = centres + lane;
    for (let f: u32 = 0; f < d; f++) {
      const x = f64x2.splat(<f64>load<f32>(row + ((<usize>f) << 2)));
      const t0 = f64x2.sub(x, v128.load(p));
      const t1 = f64x2.sub(x, v128.load(p, 16));
      a0 = f64x2.add(a0, f64x2.mul(t0, t0));
      a1 = f64x2.add(a1, f64x2.mul(t1, t1));
      p += stride;
    }
    for (let q: u32 = 0; q < c; q++) {
      p = costs + lane + <usize>load<u16>(codes + ((<usize>q) << 1)) * stride;
      a0 = f64x2.add(a0, v128.load(p));
      a1 = f64x2.add(a1, v128.load(p, 16));
    }
    v128.store(out + lane, a0);
    v128.store(out + lane, a1, 16);
  }
}

/** Distance of a row to centre j, summed in the order of `distances`, so that both are bit-equal. */
export function distance(row: usize, codes: usize, d: u32, c: u32, kp: u32, centres: usize, costs: usize, j: u32): f64 {
  const stride = (<usize>kp) << 3;
  let p = centres + ((<usize>j) << 3);
  let sum: f64 = 0;
  for (let f: u32 = 0; f < d; f++) {
    const t = <f64>load<f32>(row + ((<usize>f) << 2)) - load<f64>(p);
    sum += t * t;
    p += stride;
  }
  p = costs + ((<usize>j) << 3);
  for (let q: u32 = 0; q < c; q++) sum += load<f64>(p + <usize>load<u16>(codes + ((<usize>q) << 1)) * stride);
  return sum;
}

/** Sum of the category costs of a row for four neighbouring centres, f32x4. @param costs address of the four costs of category 0 */
function quickCosts(codes: usize, c: u32, costs: usize, stride: usize): v128 {
  let sum = f32x4.splat(0.0);
  for (let q: u32 = 0; q < c; q++) {
    sum = f32x4.add(sum, v128.load(costs + <usize>load<u16>(codes + ((<usize>q) << 1)) * stride));
  }
  return sum;
}

/** Writes the transpose of four rows of four f32 to `to`. */
export function transpose(x0: v128, x1: v128, x2: v128, x3: v128, to: usize): void {
  const low01 = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5);
  const high01 = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7);
  const low23 = v128.shuffle<f32>(x2, x3, 0, 4, 1, 5);
  const high23 = v128.shuffle<f32>(x2, x3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f64>(low01, low23, 0, 2));
  v128.store(to, v128.shuffle<f64>(low01, low23, 1, 3), 16);
  v128.store(to, v128.shuffle<f64>(high01, high23, 0, 2), 32);
  v128.store(to, v128.shuffle<f64>(high01, high23, 1, 3), 48);
}

/**
 * Gathers the numbers of four rows, one row per lane. Returns the sum of squares of each row, f32x4.
 * @param rows u32[4]: row numbers
 * @param numeric f32[rows x d]
 * @param x f32x4[d] out
 */
export function gather(rows: usize, numeric: usize, d: u32, x: usize): v128 {
  const rowBytes = (<usize>d) << 2;
  const r0 = numeric + <usize>load<u32>(rows) * rowBytes;
  const r1 = numeric + <usize>load<u32>(rows, 4) * rowBytes;
  const r2 = numeric + <usize>load<u32>(rows, 8) * rowBytes;
  const r3 = numeric + <usize>load<u32>(rows, 12) * rowBytes;
  let f: usize = 0;
  for (; f + 16 <= rowBytes; f += 16) {
    transpose(v128.load(r0 + f), v128.load(r1 + f), v128.load(r2 + f), v128.load(r3 + f), x + (f << 2));
  }
  for (; f < rowBytes; f += 4) {
    const pair = v128.load32_lane(r1 + f, v128.load32_zero(r0 + f), 1);
    v128.store(x + (f << 2), v128.load32_lane(r3 + f, v128.load32_lane(r2 + f, pair, 2), 3));
  }
  let squares = f32x4.splat(0.0);
  for (f = 0; f < rowBytes; f += 4) {
    const value = v128.load(x + (f << 2));
    squares = f32x4.add(squares, f32x4.mul(value, value));
  }
  return squares;
}

/**
 * Distances of four rows to all centres in f32, minus each row's own sum of squares. For row x and centre y:
 *   |x - y|^2 - |x|^2 = |y|^2 + sum_f x_f (-2 y_f);   the costs of the row's categories are added
 * settleTile (kmeans.ts) decides from error bounds if f32 suffices to find the nearest centre.
 * @param x f32x4[d], written by `gather`
 * @param centres f32[d x kp]: the centres times -2
 * @param costs f32[categories x kp]
 * @param squares f32[kp]: |y|^2 of each centre
 * @param out f32x4[kp] out, one row per lane
 */
export function quickDistances(
  rows: usize,
  x: usize,
  codes: usize,
  d: u32,
  c: u32,
  kp: u32,
  centres: usize,
  costs: usize,
  squares: usize,
  out: usize,
): void {
  const stride = (<usize>kp) << 2;
  for (let j: usize = 0; j < <usize>kp; j += 4) {
    const lane = j << 2;
    const to = out + (j << 4);
    if (c) {
      const codeBytes = (<usize>c) << 1;
      const y = v128.load(squares + lane);
      transpose(
        f32x4.add(y, quickCosts(codes + <usize>load<u32>(rows) * codeBytes, c, costs + lane, stride)),
        f32x4.add(y, quickCosts(codes + <usize>load<u32>(rows, 4) * codeBytes, c, costs + lane, stride)),
        f32x4.add(y, quickCosts(codes + <usize>load<u32>(rows, 8) * codeBytes, c, costs + lane, stride)),
        f32x4.add(y, quickCosts(codes + <usize>load<u32>(rows, 12) * codeBytes, c, costs + lane, stride)),
        to,
      );
    } else {
      v128.store(to, v128.load32_splat(squares + lane));
      v128.store(to, v128.load32_splat(squares + lane, 4), 16);
      v128.store(to, v128.load32_splat(squares + lane, 8), 32);
      v128.store(to, v128.load32_splat(squares + lane, 12), 48);
    }
  }
  const end = x + ((<usize>d) << 4);
  let j: usize = 0;
  for (; j + 8 <= <usize>kp; j += 8) {
    const to = out + (j << 4);
    let a0 = v128.load(to);
    let a1 = v128.load(to, 16);
    let a2 = v128.load(to, 32);
    let a3 = v128.load(to, 48);
    let a4 = v128.load(to, 64);
    let a5 = v128.load(to, 80);
    let a6 = v128.load(to, 96);
    let a7 = v128.load(to, 112);
    let p = centres + (j << 2);
    for (let at = x; at < end; at += 16) {
      const value = v128.load(at);
      a0 = f32x4.add(a0, f32x4.mul(value, v128.load32_splat(p)));
      a1 = f32x4.add(a1, f32x4.mul(value, v128.load32_splat(p, 4)));
      a2 = f32x4.add(a2, f32x4.mul(value, v128.load32_splat(p, 8)));
      a3 = f32x4.add(a3, f32x4.mul(value, v128.load32_splat(p, 12)));
      a4 = f32x4.add(a4, f32x4.mul(value, v128.load32_splat(p, 16)));
      a5 = f32x4.add(a5, f32x4.mul(value, v128.load32_splat(p, 20)));
      a6 = f32x4.add(a6, f32x4.mul(value, v128.load32_splat(p, 24)));
      a7 = f32x4.add(a7, f32x4.mul(value, v128.load32_splat(p, 28)));
      p += stride;
    }
    v128.store(to, a0);
    v128.store(to, a1, 16);
    v128.store(to, a2, 32);
    v128.store(to, a3, 48);
    v128.store(to, a4, 64);
    v128.store(to, a5, 80);
    v128.store(to, a6, 96);
    v128.store(to, a7, 112);
  }
  if (j < <usize>kp) {
    const to = out + (j << 4);
    let a0 = v128.load(to);
    let a1 = v128.load(to, 16);
    let a2 = v128.load(to, 32);
    let a3 = v128.load(to, 48);
    let p = centres + (j << 2);
    for (let at = x; at < end; at += 16) {
      const value = v128.load(at);
      a0 = f32x4.add(a0, f32x4.mul(value, v128.load32_splat(p)));
      a1 = f32x4.add(a1, f32x4.mul(value, v128.load32_splat(p, 4)));
      a2 = f32x4.add(a2, f32x4.mul(value, v128.load32_splat(p, 8)));
      a3 = f32x4.add(a3, f32x4.mul(value, v128.load32_splat(p, 12)));
      p += stride;
    }
    v128.store(to, a0);
    v128.store(to, a1, 16);
    v128.store(to, a2, 32);
    v128.store(to, a3, 48);
  }
}

/** to_i = from_i x factor, rounded to f32. @param from f64[count] @param to f32[count] out */
export function roundAll(from: usize, to: usize, count: u32, factor: f64): void {
  for (let i: u32 = 0; i < count; i++) store<f32>(to + ((<usize>i) << 2), <f32>(load<f64>(from + ((<usize>i) << 3)) * factor));
}

/** Computes the sum of squares of each centre, f32[kp] out. Returns the largest sum of the first k centres. */
export function centreSquares(centres: usize, d: u32, k: u32, kp: u32, out: usize): f64 {
  let largest: f64 = 0;
  for (let j: u32 = 0; j < kp; j++) {
    let sum: f64 = 0;
    for (let f: u32 = 0; f < d; f++) {
      const y = load<f64>(centres + ((<usize>(f * kp + j)) << 3));
      sum += y * y;
    }
    store<f32>(out + ((<usize>j) << 2), <f32>sum);
    if (j < k) largest = max(largest, sum);
  }
  return largest;
}

/** Upper bound of the sum of category costs in a distance: the largest cost times the number c of categorical columns. */
export function largestCosts(costs: usize, categories: u32, k: u32, kp: u32, c: u32): f64 {
  let largest: f64 = 0;
  for (let u: u32 = 0; u < categories; u++) {
    for (let j: u32 = 0; j < k; j++) largest = max(largest, load<f64>(costs + ((<usize>(u * kp + j)) << 3)));
  }
  return largest * <f64>c;
}
