// Ranks of a few numbers.

/**
 * Computes the rank of each value in falling order, from 0. Equal values are ranked in input order.
 * Compares four values at a time with every other value, without branches.
 * @param values f32[m], not NaN. Three more elements are overwritten
 * @param ranks u32[m] out. Three more elements are overwritten
 */
export function rankValues(values: usize, m: u32, ranks: usize): void {
  const end = values + ((<usize>m) << 2);
  v128.store(end, f32x4.splat(-Infinity));
  for (let at = values; at < end; at += 16) {
    const mine = v128.load(at);
    let rank = i32x4.splat(0);
    let compared = values;
    // A comparison gives -1 where it is true, so subtracting it counts the greater values.
    for (; compared < at; compared += 4) rank = i32x4.sub(rank, f32x4.ge(v128.load32_splat(compared), mine));
    let same = v128.load32_splat(at);
    rank = i32x4.sub(rank, v128.or(f32x4.gt(same, mine), v128.and(f32x4.eq(same, mine), i32x4(0, -1, -1, -1))));
    same = v128.load32_splat(at, 4);
    rank = i32x4.sub(rank, v128.or(f32x4.gt(same, mine), v128.and(f32x4.eq(same, mine), i32x4(0, 0, -1, -1))));
    same = v128.load32_splat(at, 8);
    rank = i32x4.sub(rank, v128.or(f32x4.gt(same, mine), v128.and(f32x4.eq(same, mine), i32x4(0, 0, 0, -1))));
    rank = i32x4.sub(rank, f32x4.gt(v128.load32_splat(at, 12), mine));
    for (compared += 16; compared < end; compared += 4) rank = i32x4.sub(rank, f32x4.gt(v128.load32_splat(compared), mine));
    v128.store(ranks + (at - values), rank);
  }
}
