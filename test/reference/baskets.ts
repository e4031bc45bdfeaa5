/** A basket by names, and how many customers have it. */
export interface PlainBasket {
  group: number;
  /** [column name, band]. */
  entries: [string, number][];
  multiplicity: number;
}

/** One customer as the collapse sees them; `group` null: not in the campaign. */
export interface PlainCustomer {
  /** [product, band], distinct products. */
  holdings: [number, number][];
  group: number | null;
  /** [pseudo-column, band], or null. */
  extra: [number, number] | null;
}

/** Baskets that a campaign makes of holdings. */
export interface PlainCampaign {
  columns: readonly string[];
  projection: readonly number[];
  pseudoColumns: readonly string[];
  constants: readonly [number, number][];
}

/** Distinct baskets in canonical order, and the basket of each customer (null: not in the campaign), by maps and sorting. */
export function collapseByMaps(
  customers: readonly PlainCustomer[],
  { columns, projection, pseudoColumns, constants }: PlainCampaign,
) {
  const rows = customers.map(({ holdings, extra }) => {
    const row = new Map<string, number>();
    for (const [product, band] of holdings) {
      const name = columns[projection[product]!];
      if (name !== undefined) row.set(name, Math.min(band, row.get(name) ?? band));
    }
    for (const [column, band] of extra ? [extra, ...constants] : constants) row.set(pseudoColumns[column]!, band);
    return row;
  });
  const holders = new Map<string, number>();
  for (const [i, row] of rows.entries()) {
    if (customers[i]!.group === null) continue;
    for (const name of row.keys()) holders.set(name, (holders.get(name) ?? 0) + 1);
  }
  const names = [
    ...[...columns].sort(
      (a, b) => (holders.get(b) ?? 0) - (holders.get(a) ?? 0) || Buffer.compare(Buffer.from(a), Buffer.from(b)),
    ),
    ...pseudoColumns,
  ];
  const numbered = rows.map((row) => [...row].map(([name, band]) => names.indexOf(name) * 256 + band).sort((a, b) => a - b));
  const keys = customers.map(({ group }, i) => (group === null ? null : [group, ...numbered[i]!]));
  const distinct = [...new Set(keys.filter((key) => key !== null).map((key) => JSON.stringify(key)))]
    .map((key): number[] => JSON.parse(key))
    .sort(compareNumbers)
    .map((key) => JSON.stringify(key));
  const basketOf = keys.map((key) => (key === null ? null : distinct.indexOf(JSON.stringify(key))));
  const baskets = distinct.map((key, basket): PlainBasket => {
    const [group, ...entries]: number[] = JSON.parse(key);
    return {
      group: group!,
      entries: entries.map((entry) => [names[entry >> 8]!, entry & 255]),
      multiplicity: basketOf.filter((other) => other === basket).length,
    };
  });
  return { names, baskets, basketOf, holders: names.map((name) => holders.get(name) ?? 0) };
}

/** Lexicographic order; what ends first comes first. */
function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}
