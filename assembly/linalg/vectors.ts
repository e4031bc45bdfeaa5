// Operations on vectors of f64.

/** y += factor x, for vectors f64[count]; count even. */
export function addScaled(y: usize, x: usize, factor: f64, count: u32): void {
  const scale = f64x2.splat(factor);
  for (const end = y + (count << 3); y < end; y += 16, x += 16) {
    v128.store(y, f64x2.add(v128.load(y), f64x2.mul(scale, v128.load(x))));
  }
}

/** y *= factor, for a vector f64[count]; count even. */
export function scale(y: usize, factor: f64, count: u32): void {
  const factors = f64x2.splat(factor);
  for (const end = y + (count << 3); y < end; y += 16) v128.store(y, f64x2.mul(factors, v128.load(y)));
}

/** Inner product x'y of vectors f64[count]; count even. Elements of even and of odd index are summed separately, then added. */
export function dot(x: usize, y: usize, count: u32): f64 {
  let sum = f64x2.splat(0);
  for (const end = x + (count << 3); x < end; x += 16, y += 16) {
    sum = f64x2.add(sum, f64x2.mul(v128.load(x), v128.load(y)));
  }
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}
