/** One customer row: column and confidence of each held product, and how often the row occurs. */
export interface PlainRow {
  entries: readonly { column: number; confidence: number }[];
  multiplicity?: number;
}

/** Solves M x = b by Gaussian elimination with partial pivoting. */
export function solvePlain(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const n = right.length;
  const m = matrix.map((row, i) => [...row, right[i]!]);
  for (let p = 0; p < n; p++) {
    const best = m.reduce((b, row, r) => (r >= p && Math.abs(row[p]!) > Math.abs(m[b]![p]!) ? r : b), p);
    [m[p], m[best]] = [m[best]!, m[p]!];
    for (let r = p + 1; r < n; r++) {
      const factor = m[r]![p]! / m[p]![p]!;
      for (let k = p; k <= n; k++) m[r]![k]! -= factor * m[p]![k]!;
    }
  }
  const x = new Array<number>(n).fill(0);
  for (let p = n - 1; p >= 0; p--) {
    let value = m[p]![n]!;
    for (let k = p + 1; k < n; k++) value -= m[p]![k]! * x[k]!;
    x[p] = value / m[p]![p]!;
  }
  return x;
}

function gramOf(vectors: readonly (readonly number[])[], weights: readonly number[], factors: number): number[][] {
  const gram = Array.from({ length: factors }, () => new Array<number>(factors).fill(0));
  for (const [i, v] of vectors.entries()) {
    const w = weights[i]!;
    for (let a = 0; a < factors; a++) for (let b = 0; b < factors; b++) gram[a]![b]! += w * v[a]! * v[b]!;
  }
  return gram;
}

/** (sum over all cells of m c v v' + lambda E)^-1 sum m c v: one half-step of the textbook. */
function halfStep(
  others: readonly (readonly number[])[],
  weights: readonly number[],
  held: readonly (readonly { other: number; confidence: number }[])[],
  lambda: number,
  factors: number,
): number[][] {
  const gram = gramOf(others, weights, factors);
  return held.map((entries) => {
    const system = gram.map((row, a) => row.map((value, b) => value + (a === b ? lambda : 0)));
    const right = new Array<number>(factors).fill(0);
    for (const { other, confidence } of entries) {
      const v = others[other]!;
      const m = weights[other]!;
      for (let a = 0; a < factors; a++) {
        right[a]! += m * confidence * v[a]!;
        for (let b = 0; b < factors; b++) system[a]![b]! += m * (confidence - 1) * v[a]! * v[b]!;
      }
    }
    return entries.length > 0 ? solvePlain(system, right) : right;
  });
}

/** Customer factors of rows, given item factors. */
export function plainCustomers(y: readonly (readonly number[])[], rows: readonly PlainRow[], lambda: number): number[][] {
  const held = rows.map((row) => row.entries.map(({ column, confidence }) => ({ other: column, confidence })));
  return halfStep(
    y,
    y.map(() => 1),
    held,
    lambda,
    y[0]!.length,
  );
}

/** The textbook's implicit ALS in float64, primal, by Gaussian elimination: sweeps of users, then items, from the given item factors. */
export function plainAls(rows: readonly PlainRow[], start: readonly (readonly number[])[], lambda: number, sweeps: number) {
  const factors = start[0]!.length;
  let y = start.map((row) => [...row]);
  let x: number[][] = [];
  const objectives: number[] = [];
  const multiplicities = rows.map((row) => row.multiplicity ?? 1);
  const byColumn = y.map((): { other: number; confidence: number }[] => []);
  for (const [r, row] of rows.entries()) {
    for (const { column, confidence } of row.entries) byColumn[column]!.push({ other: r, confidence });
  }
  for (let sweep = 0; sweep < sweeps; sweep++) {
    x = plainCustomers(y, rows, lambda);
    y = halfStep(x, multiplicities, byColumn, lambda, factors);
    objectives.push(plainObjective(rows, x, y, lambda));
  }
  return { x, y, objectives };
}

export function inner(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, k) => sum + value * b[k]!, 0);
}

/** sum over all cells of c (p - x'y)^2 + lambda (|X|^2 + |Y|^2), cell by cell. */
export function plainObjective(
  rows: readonly PlainRow[],
  x: readonly (readonly number[])[],
  y: readonly (readonly number[])[],
  lambda: number,
): number {
  let sum = y.reduce((total, v) => total + lambda * inner(v, v), 0);
  for (const [r, row] of rows.entries()) {
    let loss = lambda * inner(x[r]!, x[r]!);
    const held = new Map(row.entries.map(({ column, confidence }) => [column, confidence]));
    for (const [i, v] of y.entries()) {
      const score = inner(x[r]!, v);
      const confidence = held.get(i);
      loss += confidence === undefined ? score ** 2 : confidence * (1 - score) ** 2;
    }
    sum += (row.multiplicity ?? 1) * loss;
  }
  return sum;
}

/** Relative Frobenius distance of two row-major matrices. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [difference, norm] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    norm += b[i]! ** 2;
  }
  return Math.sqrt(difference / norm);
}
