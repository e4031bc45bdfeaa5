// Scores of candidates as weighted sums of matrix lines. A line is f32[padded], with one number per candidate.

/** target = source + w * m, over lines of `bytes` bytes; `source`, `target` and `m` are their addresses. @param w weight, splat to f32x4 */
export function add1(source: usize, target: usize, bytes: usize, w: v128, m: usize): void {
  for (let j: usize = 0; j < bytes; j += 64) {
    v128.store(target + j, f32x4.add(v128.load(source + j), f32x4.mul(w, v128.load(m + j))));
    v128.store(target + j, f32x4.add(v128.load(source + j, 16), f32x4.mul(w, v128.load(m + j, 16))), 16);
    v128.store(target + j, f32x4.add(v128.load(source + j, 32), f32x4.mul(w, v128.load(m + j, 32))), 32);
    v128.store(target + j, f32x4.add(v128.load(source + j, 48), f32x4.mul(w, v128.load(m + j, 48))), 48);
  }
}

/** target = source + w * m + w2 * m2, added in this order. */
function add2(source: usize, target: usize, bytes: usize, w: v128, m: usize, w2: v128, m2: usize): void {
  for (let j: usize = 0; j < bytes; j += 64) {
    let a = f32x4.add(v128.load(source + j), f32x4.mul(w, v128.load(m + j)));
    let b = f32x4.add(v128.load(source + j, 16), f32x4.mul(w, v128.load(m + j, 16)));
    let c = f32x4.add(v128.load(source + j, 32), f32x4.mul(w, v128.load(m + j, 32)));
    let d = f32x4.add(v128.load(source + j, 48), f32x4.mul(w, v128.load(m + j, 48)));
    a = f32x4.add(a, f32x4.mul(w2, v128.load(m2 + j)));
    b = f32x4.add(b, f32x4.mul(w2, v128.load(m2 + j, 16)));
    c = f32x4.add(c, f32x4.mul(w2, v128.load(m2 + j, 32)));
    d = f32x4.add(d, f32x4.mul(w2, v128.load(m2 + j, 48)));
    v128.store(target + j, a);
    v128.store(target + j, b, 16);
    v128.store(target + j, c, 32);
    v128.store(target + j, d, 48);
  }
}

/** target = source + w * m + w2 * m2 + w3 * m3, added in this order. */
function add3(source: usize, target: usize, bytes: usize, w: v128, m: usize, w2: v128, m2: usize, w3: v128, m3: usize): void {
  for (let j: usize = 0; j < bytes; j += 64) {
    let a = f32x4.add(v128.load(source + j), f32x4.mul(w, v128.load(m + j)));
    let b = f32x4.add(v128.load(source + j, 16), f32x4.mul(w, v128.load(m + j, 16)));
    let c = f32x4.add(v128.load(source + j, 32), f32x4.mul(w, v128.load(m + j, 32)));
    let d = f32x4.add(v128.load(source + j, 48), f32x4.mul(w, v128.load(m + j, 48)));
    a = f32x4.add(a, f32x4.mul(w2, v128.load(m2 + j)));
    b = f32x4.add(b, f32x4.mul(w2, v128.load(m2 + j, 16)));
    c = f32x4.add(c, f32x4.mul(w2, v128.load(m2 + j, 32)));
    d = f32x4.add(d, f32x4.mul(w2, v128.load(m2 + j, 48)));
    a = f32x4.add(a, f32x4.mul(w3, v128.load(m3 + j)));
    b = f32x4.add(b, f32x4.mul(w3, v128.load(m3 + j, 16)));
    c = f32x4.add(c, f32x4.mul(w3, v128.load(m3 + j, 32)));
    d = f32x4.add(d, f32x4.mul(w3, v128.load(m3 + j, 48)));
    v128.store(target + j, a);
    v128.store(target + j, b, 16);
    v128.store(target + j, c, 32);
    v128.store(target + j, d, 48);
  }
}

/**
 * scores = penalty + sum over a row's entries of weight * matrix[column, :], in the order of the entries, three at a time.
 * @param penalty f32[padded]
 * @param scores f32[padded] out
 * @param bytes length of a line in bytes
 * @param e, end addresses of the row's packed entries
 * @param weights byte offset from an entry to its f32 weight
 * @param matrix f32[columns x padded]
 * @returns address of the sums: `scores`, or `penalty` for an empty row
 */
export function sumLines(
  penalty: usize,
  scores: usize,
  bytes: usize,
  e: usize,
  end: usize,
  weights: usize,
  matrix: usize,
): usize {
  let source = penalty;
  while (e < end) {
    const w = v128.load32_splat(e + weights);
    const m = matrix + <usize>(load<u32>(e) >>> 8) * bytes;
    if (end - e === 4) {
      add1(source, scores, bytes, w, m);
      return scores;
    }
    const w2 = v128.load32_splat(e + weights + 4);
    const m2 = matrix + <usize>(load<u32>(e, 4) >>> 8) * bytes;
    if (end - e === 8) {
      add2(source, scores, bytes, w, m, w2, m2);
      return scores;
    }
    const w3 = v128.load32_splat(e + weights + 8);
    const m3 = matrix + <usize>(load<u32>(e, 8) >>> 8) * bytes;
    add3(source, scores, bytes, w, m, w2, m2, w3, m3);
    source = scores;
    e += 12;
  }
  return source;
}
