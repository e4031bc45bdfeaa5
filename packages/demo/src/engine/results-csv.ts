import { escapedCell } from '@basketwise/core/parts';
import type { DemoBank, DemoProduct } from './bank.ts';
import type { ScoredCustomers } from './score-holdings.ts';

/** Number of customers whose rows are joined into one piece of the file. */
export const customersPerPiece = 20_000;

/** Text as a CSV cell. Formulas are escaped for spreadsheets, as in the batch job's output. */
export function cellOf(text: string): string {
  const cell = escapedCell(text);
  return /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** Entry of a list, as a row of the CSV. */
interface CsvRow {
  campaign: string;
  rank: number;
  product: DemoProduct;
  score: number;
  probability: number | null;
  source: string;
  cluster: number | null;
  reason: string;
}

/** Columns after the customer, in the order of the batch job's output. */
const columns: readonly (readonly [name: string, value: (row: CsvRow) => string])[] = [
  ['campaign', ({ campaign }) => cellOf(campaign)],
  ['rank', ({ rank }) => String(rank)],
  ['product_code', ({ product }) => cellOf(product.code)],
  ['product_name', ({ product }) => cellOf(product.name)],
  ['score', ({ score }) => String(score)],
  ['probability', ({ probability }) => String(probability ?? '')],
  ['source', ({ source }) => cellOf(source)],
  ['cluster', ({ cluster }) => String(cluster ?? '')],
  ['reason', ({ reason }) => cellOf(reason)],
];

/** Names of all columns of the CSV. */
export const csvColumns: readonly string[] = ['customer', ...columns.map(([name]) => name)];

/**
 * Lists of all target customers as CSV, with the columns of the batch job's output. The file is UTF-8 with a byte order mark, which spreadsheets need
 * to show Korean text.
 * @param idOf returns the id of a customer number
 */
export function resultsCsv(
  scored: ScoredCustomers,
  { products, topN }: Pick<DemoBank, 'products' | 'topN'>,
  idOf: (customer: number) => string,
): Blob {
  const { customers, cluster, results } = scored;
  const { campaign, unit, units } = results;
  const endings = new Map<number, string[]>();
  const endingsOf = (list: number): string[] => {
    const known = endings.get(list);
    if (known) return known;
    const from = units.start[list]!;
    const made = Array.from({ length: units.start[list + 1]! - from }, (_, rank) => {
      const at = from + rank;
      const row: CsvRow = {
        ...{ campaign, cluster, rank: rank + 1, product: products[units.product[at]!]!, score: units.score[at]! },
        probability: rank < topN ? (units.probability?.[at] ?? null) : null,
        ...{ source: units.sources[units.source[at]!]!, reason: units.reasons![units.reason![at]!]! },
      };
      return `,${columns.map(([, value]) => value(row)).join(',')}\n`;
    });
    endings.set(list, made);
    return made;
  };
  const pieces: Blob[] = [new Blob([`\uFEFF${csvColumns.join(',')}\n`])];
  for (let from = 0; from < customers; from += customersPerPiece) {
    const lines: string[] = [];
    for (let customer = from; customer < Math.min(from + customersPerPiece, customers); customer++) {
      if (unit[customer]! < 0) continue;
      const id = cellOf(idOf(customer));
      for (const ending of endingsOf(unit[customer]!)) lines.push(id, ending);
    }
    pieces.push(new Blob([lines.join('')]));
  }
  return new Blob(pieces, { type: 'text/csv;charset=utf-8' });
}
