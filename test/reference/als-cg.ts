import { halfStep, inner, type PlainRow, plainObjective, solvePlain } from './als.ts';

/** Steps of conjugate gradients on M x = b from a start. */
function solveGradients(
  matrix: readonly (readonly number[])[],
  right: readonly number[],
  start: readonly number[],
  steps: number,
) {
  let x = [...start];
  let r = right.map((value, i) => value - inner(matrix[i]!, x));
  let p = r;
  for (let step = 0; step < steps && inner(r, r) > 1e-20; step++) {
    const q = matrix.map((row) => inner(row, p));
    const alpha = inner(r, r) / inner(p, q);
    const next = r.map((value, i) => value - alpha * q[i]!);
    const beta = inner(next, next) / inner(r, r);
    x = x.map((value, i) => value + alpha * p[i]!);
    p = next.map((value, i) => value + beta * p[i]!);
    r = next;
  }
  return x;
}

/**
 * ALS in float64 with conjugate gradients, each system formed: rows of more than `longest` entries from the sweep before, and products that only
 * such rows hold, or at least as many of them as there are factors; all others exactly. With `balance` as fitAls does it.
 */
export function plainCgAls(
  rows: readonly PlainRow[],
  start: readonly (readonly number[])[],
  lambda: number,
  { sweeps, steps, longest, balance = false }: { sweeps: number; steps: number; longest: number; balance?: boolean },
) {
  const factors = start[0]!.length;
  const multiplicities = rows.map((row) => row.multiplicity ?? 1);
  const held = rows.map((row) => row.entries.map(({ column, confidence }) => ({ other: column, confidence })));
  const holders = start.map((_, i) =>
    rows.flatMap(({ entries }, other) => entries.filter(({ column }) => column === i).map((e) => ({ ...e, other }))),
  );
  const isLong = rows.map(({ entries }) => entries.length > longest);
  const byGradients = holders.map((of) => {
    const long = of.filter(({ other }) => isLong[other]).length;
    return long > 0 && (long === of.length || long >= factors);
  });
  let y = start.map((v) => [...v]);
  let x = rows.map(() => new Array<number>(factors).fill(0));
  const objectives: number[] = [];
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const ones = y.map(() => 1);
    const [fromX, fromY] = [x, y];
    x = halfStep(
      y,
      ones,
      held,
      () => lambda,
      factors,
      (m, b, i) => (isLong[i] ? solveGradients(m, b, fromX[i]!, steps) : solvePlain(m, b)),
    );
    y = halfStep(
      x,
      multiplicities,
      holders,
      () => lambda,
      factors,
      (m, b, i) => (byGradients[i] ? solveGradients(m, b, fromY[i]!, steps) : solvePlain(m, b)),
    );
    if (balance) {
      const norm = (vectors: number[][], weights: number[]) => vectors.reduce((sum, v, i) => sum + weights[i]! * inner(v, v), 0);
      const scale = (norm(x, multiplicities) / norm(y, ones)) ** 0.25;
      x = x.map((v) => v.map((value) => value / scale));
      y = y.map((v) => v.map((value) => value * scale));
    }
    objectives.push(plainObjective(rows, x, y, lambda));
  }
  return { y, objectives };
}
