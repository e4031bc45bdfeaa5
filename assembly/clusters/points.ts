import { PointRows } from './layouts';

/**
 * Hash of a row: a multiplication and an xor-shift per number (4 bytes) and per category (2 bytes).
 * The hash only selects the slot. Equality of rows is tested by their bytes.
 */
function hashRow(row: usize, rowBytes: u32, codes: usize, codeBytes: u32): u32 {
  let h: u32 = 0x9e3779b9;
  for (let b: u32 = 0; b < rowBytes; b += 4) {
    h = (h ^ load<u32>(row + <usize>b)) * 0x85ebca6b;
    h ^= h >>> 15;
  }
  for (let b: u32 = 0; b < codeBytes; b += 2) {
    h = (h ^ <u32>load<u16>(codes + <usize>b)) * 0xc2b2ae35;
    h ^= h >>> 15;
  }
  return h ^ (h >>> 13);
}

/**
 * Adds staged rows to the distinct rows stored so far. A row equal to a stored row increases its weight by 1. Returns the new number of
 * stored rows.
 * @param points record PointRows of the stored rows. New rows are appended from position `count`
 * @param stagedNumeric f32[rows x d]: numbers of the staged rows
 * @param stagedCodes u16[rows x c]: categories of the staged rows
 * @param table u32[mask + 1]: hash table; a slot is 0, or the number of a stored row plus 1
 * @param map u32[rows] out: number of the stored row that equals each staged row
 */
export function collapseRows(
  points: usize,
  stagedNumeric: usize,
  stagedCodes: usize,
  rows: u32,
  table: usize,
  mask: u32,
  count: u32,
  map: usize,
): u32 {
  const stored = changetype<PointRows>(points);
  const numeric: usize = stored.numeric;
  const codes: usize = stored.codes;
  const weight: usize = stored.weight;
  const rowBytes = stored.d << 2;
  const codeBytes = stored.c << 1;
  let kept = count;
  for (let i: u32 = 0; i < rows; i++) {
    const row = stagedNumeric + <usize>i * <usize>rowBytes;
    const code = stagedCodes + <usize>i * <usize>codeBytes;
    let slot = hashRow(row, rowBytes, code, codeBytes) & mask;
    let number: u32 = 0;
    while (true) {
      number = load<u32>(table + ((<usize>slot) << 2));
      if (number === 0) break;
      const distinctRow = <usize>(number - 1);
      const same = memory.compare(row, numeric + distinctRow * <usize>rowBytes, <usize>rowBytes) === 0;
      if (same && memory.compare(code, codes + distinctRow * <usize>codeBytes, <usize>codeBytes) === 0) break;
      slot = (slot + 1) & mask;
    }
    if (number === 0) {
      memory.copy(numeric + <usize>kept * <usize>rowBytes, row, <usize>rowBytes);
      memory.copy(codes + <usize>kept * <usize>codeBytes, code, <usize>codeBytes);
      store<f64>(weight + ((<usize>kept) << 3), 0.0);
      kept++;
      number = kept;
      store<u32>(table + ((<usize>slot) << 2), number);
    }
    const at = weight + ((<usize>(number - 1)) << 3);
    store<f64>(at, load<f64>(at) + 1.0);
    store<u32>(map + ((<usize>i) << 2), number - 1);
  }
  return kept;
}

/**
 * Sums of distances for silhouettes, for several labellings at once:
 *   out[i, g] = sum over rows j of cluster g of |row_i - row_j|,   for the rows i `from` .. `to`
 * @param points record PointRows
 * @param label u16[rows x m]: cluster of each row in each of m labellings. Clusters are numbered consecutively over all labellings
 * @param differ f64[c]: squared distance of two different categories of each column
 * @param groups number of clusters over all labellings
 * @param out f64[rows x groups] out
 */
export function distanceSums(
  points: usize,
  label: usize,
  rows: u32,
  differ: usize,
  m: u32,
  groups: u32,
  from: u32,
  to: u32,
  out: usize,
): void {
  const given = changetype<PointRows>(points);
  const numeric: usize = given.numeric;
  const codes: usize = given.codes;
  const c = given.c;
  const rowBytes = (<usize>given.d) << 2;
  const codeBytes = (<usize>c) << 1;
  const labelBytes = (<usize>m) << 1;
  for (let i = from; i < to; i++) {
    const sums = out + ((<usize>i * <usize>groups) << 3);
    memory.fill(sums, 0, (<usize>groups) << 3);
    const row = numeric + <usize>i * rowBytes;
    const code = codes + <usize>i * codeBytes;
    for (let j: u32 = 0; j < rows; j++) {
      const otherRow = numeric + <usize>j * rowBytes;
      let sum: f64 = 0;
      for (let f: usize = 0; f < rowBytes; f += 4) {
        const t = <f64>load<f32>(row + f) - <f64>load<f32>(otherRow + f);
        sum += t * t;
      }
      const otherCode = codes + <usize>j * codeBytes;
      for (let q: usize = 0; q < <usize>c; q++) {
        if (load<u16>(code + (q << 1)) !== load<u16>(otherCode + (q << 1))) sum += load<f64>(differ + (q << 3));
      }
      const root = Math.sqrt(sum);
      const labels = label + <usize>j * labelBytes;
      for (let t: usize = 0; t < labelBytes; t += 2) {
        const at = sums + ((<usize>load<u16>(labels + t)) << 3);
        store<f64>(at, load<f64>(at) + root);
      }
    }
  }
}
