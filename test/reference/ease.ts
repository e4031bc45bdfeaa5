/** Inverse by Gauss-Jordan with row pivoting, f64. */
export function inverse(matrix: readonly (readonly number[])[]): number[][] {
  const n = matrix.length;
  const a = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]);
  for (let k = 0; k < n; k++) {
    let best = k;
    for (let i = k; i < n; i++) if (Math.abs(a[i]![k]!) > Math.abs(a[best]![k]!)) best = i;
    [a[k], a[best]] = [a[best]!, a[k]!];
    const pivot = a[k]![k]!;
    a[k] = a[k]!.map((v) => v / pivot);
    for (let i = 0; i < n; i++) {
      const factor = a[i]![k]!;
      if (i !== k && factor !== 0) a[i] = a[i]!.map((v, j) => v - factor * a[k]![j]!);
    }
  }
  return a.map((row) => row.slice(n));
}

/** EASE's item-item matrix from customers' rows, one line per customer: B[j][i] = -P[j][i] / P[i][i], zero diagonal. */
export function easeMatrix(rows: readonly (readonly number[])[], regularization: number): number[][] {
  const width = rows[0]!.length;
  const gram = Array.from({ length: width }, (_, i) =>
    Array.from({ length: width }, (_, j) => rows.reduce((sum, row) => sum + row[i]! * row[j]!, i === j ? regularization : 0)),
  );
  const p = inverse(gram);
  return p.map((row, j) => row.map((v, i) => (i === j ? 0 : -v / p[i]![i]!)));
}
