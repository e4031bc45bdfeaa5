import { type CampaignResults, escapedCell } from '@basketwise/core';
import type { CustomerLists } from '@basketwise/recommend';
import type { DemoBank } from './bank.ts';
import type { OwnBank } from './own-bank.ts';
import type { ScoredCustomers } from './score-holdings.ts';

/** Number of customers whose rows are joined into one piece of the file. */
const customersPerPiece = 20_000;

/** Text as a CSV cell. Formulas are escaped for spreadsheets, as in the batch job's output. */
export function cellOf(text: string): string {
  const cell = escapedCell(text);
  return /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** Lists of customers, with what their rows need. */
interface CsvLists {
  results: CampaignResults;
  products: readonly { code: string; name: string }[];
  cluster: number | null;
  /** Number of entries of a list that have probabilities. */
  topN: number;
}

/** Columns after the customer, in the order of the batch job's output. Each gives the value of the entry `at`, which has a rank from 0. */
const columns: readonly (readonly [name: string, value: (lists: CsvLists, at: number, rank: number) => string])[] = [
  ['campaign', ({ results }) => cellOf(results.campaign)],
  ['rank', (_lists, _at, rank) => String(rank + 1)],
  ['product_code', ({ products, results: { units } }, at) => cellOf(products[units.product[at]!]!.code)],
  ['product_name', ({ products, results: { units } }, at) => cellOf(products[units.product[at]!]!.name)],
  ['score', ({ results: { units } }, at) => String(units.score[at])],
  ['probability', ({ topN, results: { units } }, at, rank) => String(rank < topN ? (units.probability?.[at] ?? '') : '')],
  ['source', ({ results: { units } }, at) => cellOf(units.sources[units.source[at]!]!)],
  ['cluster', ({ cluster }) => String(cluster ?? '')],
  ['reason', ({ results: { units } }, at) => cellOf(units.reasons?.[units.reason?.[at] ?? -1] ?? '')],
];

/** Names of all columns of the CSV. */
export const csvColumns: readonly string[] = ['customer', ...columns.map(([name]) => name)];

/**
 * Lists of all target customers as CSV, with the columns of the batch job's output. The file is UTF-8 with a byte order mark, which spreadsheets need
 * to show Korean text.
 * @param idOf returns the id of a customer number
 */
export function resultsCsv(
  { customers, cluster, results }: ScoredCustomers,
  { products, topN }: Pick<DemoBank, 'products' | 'topN'>,
  idOf: (customer: number) => string,
): Blob {
  return listsCsv({ results, products, cluster, topN }, columns, customers, idOf);
}

/** Lists of all customers of the user's own bank as CSV: as `resultsCsv`, without campaign, source and cluster. */
export function ownCsv({ ids }: OwnBank, { products, scored: { results } }: CustomerLists): Blob {
  const shown = columns.filter(([name]) => !['campaign', 'source', 'cluster'].includes(name));
  return listsCsv({ results, products, cluster: null, topN: Infinity }, shown, ids.length, (customer) => ids[customer]!);
}

function listsCsv(lists: CsvLists, shown: typeof columns, customers: number, idOf: (customer: number) => string): Blob {
  const { unit, units } = lists.results;
  const endings = new Map<number, string[]>();
  const endingsOf = (list: number): string[] => {
    const cached = endings.get(list);
    if (cached) return cached;
    const from = units.start[list]!;
    const made = Array.from({ length: units.start[list + 1]! - from }, (_, rank) => {
      return `,${shown.map(([, value]) => value(lists, from + rank, rank)).join(',')}\n`;
    });
    endings.set(list, made);
    return made;
  };
  const pieces: Blob[] = [new Blob([`\uFEFF${['customer', ...shown.map(([name]) => name)].join(',')}\n`])];
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
