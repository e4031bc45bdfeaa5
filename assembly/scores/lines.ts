// Sums of lines of scores. A line is f64[padded], where `padded` is a multiple of 4.

import { roughLogarithms } from '../numbers/elementary';

/** target = 0 + w * line. */
export function firstLine(target: usize, padded: u32, w: f64, line: usize): void {
  const factor = f64x2.splat(w);
  const zero = f64x2.splat(0);
  for (let i: usize = 0; i < (<usize>padded) << 3; i += 32) {
    v128.store(target + i, f64x2.add(zero, f64x2.mul(factor, v128.load(line + i))));
    v128.store(target + i, f64x2.add(zero, f64x2.mul(factor, v128.load(line + i, 16))), 16);
  }
}

/** target = source + w * line. */
export function addLine(source: usize, target: usize, padded: u32, w: f64, line: usize): void {
  const factor = f64x2.splat(w);
  for (let i: usize = 0; i < (<usize>padded) << 3; i += 32) {
    v128.store(target + i, f64x2.add(v128.load(source + i), f64x2.mul(factor, v128.load(line + i))));
    v128.store(target + i, f64x2.add(v128.load(source + i, 16), f64x2.mul(factor, v128.load(line + i, 16))), 16);
  }
}

/** target = source + w * line + w2 * line2, added in this order. */
function addTwo(source: usize, target: usize, padded: u32, w: f64, line: usize, w2: f64, line2: usize): void {
  const factor = f64x2.splat(w);
  const factor2 = f64x2.splat(w2);
  for (let i: usize = 0; i < (<usize>padded) << 3; i += 32) {
    const a = f64x2.add(v128.load(source + i), f64x2.mul(factor, v128.load(line + i)));
    const b = f64x2.add(v128.load(source + i, 16), f64x2.mul(factor, v128.load(line + i, 16)));
    v128.store(target + i, f64x2.add(a, f64x2.mul(factor2, v128.load(line2 + i))));
    v128.store(target + i, f64x2.add(b, f64x2.mul(factor2, v128.load(line2 + i, 16))), 16);
  }
}

/** target = source + w * line + w2 * line2 + w3 * line3, added in this order. */
function addThree(
  source: usize,
  target: usize,
  padded: u32,
  w: f64,
  line: usize,
  w2: f64,
  line2: usize,
  w3: f64,
  line3: usize,
): void {
  const factor = f64x2.splat(w);
  const factor2 = f64x2.splat(w2);
  const factor3 = f64x2.splat(w3);
  for (let i: usize = 0; i < (<usize>padded) << 3; i += 32) {
    let a = f64x2.add(v128.load(source + i), f64x2.mul(factor, v128.load(line + i)));
    let b = f64x2.add(v128.load(source + i, 16), f64x2.mul(factor, v128.load(line + i, 16)));
    a = f64x2.add(a, f64x2.mul(factor2, v128.load(line2 + i)));
    b = f64x2.add(b, f64x2.mul(factor2, v128.load(line2 + i, 16)));
    v128.store(target + i, f64x2.add(a, f64x2.mul(factor3, v128.load(line3 + i))));
    v128.store(target + i, f64x2.add(b, f64x2.mul(factor3, v128.load(line3 + i, 16))), 16);
  }
}

/**
 * target = source + sum over entries of weight * lines[column, :], in the order of the entries.
 * @param source f64[padded], and `target` f64[padded] out
 * @param e address of the first packed entry, and `end` the address after the last
 * @param weights f64[entries]
 * @param lines f64[columns x padded]
 */
export function sumEntries(source: usize, target: usize, padded: u32, e: usize, end: usize, weights: usize, lines: usize): void {
  const bytes = padded << 3;
  if (e === end) memory.copy(target, source, bytes);
  while (e < end) {
    const w = load<f64>(weights);
    const line = lines + (load<u32>(e) >>> 8) * bytes;
    if (end - e === 4) {
      addLine(source, target, padded, w, line);
      return;
    }
    const w2 = load<f64>(weights, 8);
    const line2 = lines + (load<u32>(e, 4) >>> 8) * bytes;
    if (end - e === 8) {
      addTwo(source, target, padded, w, line, w2, line2);
      return;
    }
    const line3 = lines + (load<u32>(e, 8) >>> 8) * bytes;
    addThree(source, target, padded, w, line, w2, line2, load<f64>(weights, 16), line3);
    source = target;
    e += 12;
    weights += 24;
  }
}

/** target += w x ln(max(line, least)). Each logarithm differs by less than 1e-4 from the exact one (see roughLogarithms). */
export function addRoughLogarithms(target: usize, padded: u32, w: f64, line: usize, least: f64): void {
  const factor = f64x2.splat(w);
  const floor = f32x4.splat(<f32>least);
  for (let i: usize = 0; i < (<usize>padded) << 3; i += 32) {
    const low = f32x4.demote_f64x2_zero(v128.load(line + i));
    const high = f32x4.demote_f64x2_zero(v128.load(line + i, 16));
    const logs = roughLogarithms(f32x4.max(v128.shuffle<f32>(low, high, 0, 1, 4, 5), floor));
    const a = f64x2.promote_low_f32x4(logs);
    const b = f64x2.promote_low_f32x4(v128.shuffle<f32>(logs, logs, 2, 3, 2, 3));
    v128.store(target + i, f64x2.add(v128.load(target + i), f64x2.mul(factor, a)));
    v128.store(target + i, f64x2.add(v128.load(target + i, 16), f64x2.mul(factor, b)), 16);
  }
}
