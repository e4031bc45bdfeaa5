/** Plain float64 Lloyd on numbers (rows of equal length): what the kernels are judged against. */
export function lloyd(rows: readonly (readonly number[])[], start: readonly (readonly number[])[], maxIterations = 300) {
  let centres = start.map((centre) => [...centre]);
  let labels = rows.map(() => -1);
  let iterations = 0;
  let emptied = false;
  let closest = Number.POSITIVE_INFINITY;
  for (; iterations < maxIterations; iterations++) {
    const next = rows.map((row) => {
      const distances = centres.map((centre) => squared(row, centre));
      const [first, second = Number.POSITIVE_INFINITY] = [...distances].sort((a, b) => a - b);
      closest = Math.min(closest, second - first!);
      return distances.indexOf(first!);
    });
    if (next.every((label, i) => label === labels[i])) break;
    labels = next;
    centres = centres.map((centre, j) => {
      const own = rows.filter((_, i) => labels[i] === j);
      emptied ||= own.length === 0;
      return own.length === 0 ? centre : centre.map((_, f) => own.reduce((sum, row) => sum + row[f]!, 0) / own.length);
    });
  }
  const cost = rows.reduce((sum, row, i) => sum + squared(row, centres[labels[i]!]!), 0);
  /** `closest`: the least difference between a row's two nearest centres; `emptied`: a cluster lost all rows on the way. */
  return { labels, centres, cost, iterations: iterations + 1, closest, emptied };
}

function squared(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, f) => sum + (value - b[f]!) ** 2, 0);
}
