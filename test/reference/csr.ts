/** One holding, in any order; `day` null: not known. */
export interface PlainHolding {
  customer: number;
  product: number;
  day: number | null;
}

/** Per customer the packed entries (product << 8 | band): latest day per product, first band whose cutoff is not after it. */
export function csrByMaps(
  holdings: readonly PlainHolding[],
  customers: number,
  referenceDay: number,
  cutoffs: readonly number[],
): number[][] {
  const latest = Array.from({ length: customers }, () => new Map<number, number>());
  for (const { customer, product, day } of holdings) {
    const time = day ?? Number.NEGATIVE_INFINITY;
    if (time > referenceDay) continue;
    const row = latest[customer]!;
    row.set(product, Math.max(row.get(product) ?? time, time));
  }
  return latest.map((row) =>
    [...row]
      .map(([product, day]) => {
        const band = cutoffs.findIndex((cutoff) => day >= cutoff);
        return product * 256 + (band < 0 ? cutoffs.length : band);
      })
      .sort((a, b) => a - b),
  );
}
