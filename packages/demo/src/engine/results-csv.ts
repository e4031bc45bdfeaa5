import { escapedCell, noBasket } from '@basketwise/core';
import type { BankProduct } from './bank.ts';
import type { ScoredCustomers } from './score-holdings.ts';

/** Customers per piece of the file. */
const piece = 20_000;

/** A text as a cell, escaped for spreadsheets as the nightly job's is. */
export function cellOf(text: string): string {
  const cell = escapedCell(text);
  return /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** One row of a list. */
interface Row {
  campaign: string;
  rank: number;
  product: BankProduct;
  score: number;
}

/** The columns after that of the customer: those of the nightly job's output that the page knows, in its order. */
const columns: readonly (readonly [name: string, value: (row: Row) => string])[] = [
  ['campaign', ({ campaign }) => cellOf(campaign)],
  ['rank', ({ rank }) => String(rank)],
  ['product_code', ({ product }) => cellOf(product.code)],
  ['product_name', ({ product }) => cellOf(product.name)],
  ['score', ({ score }) => String(score)],
];

/** Names of the CSV's columns. */
export const csvColumns: readonly string[] = ['customer', ...columns.map(([name]) => name)];

/**
 * The lists of all targets as CSV (UTF-8 with a byte order mark, so that spreadsheets show Korean), with the columns of the nightly
 * job's output that the page knows.
 * @param idOf id of a customer number
 */
export function resultsCsv(
  scored: ScoredCustomers,
  campaign: string,
  products: readonly BankProduct[],
  idOf: (customer: number) => string,
): Blob {
  const { customers, listOf, n, count, product, score } = scored;
  const endings = new Map<number, string[]>();
  const endingsOf = (list: number): string[] => {
    const known = endings.get(list);
    if (known) return known;
    const made = Array.from({ length: count[list]! }, (_, rank) => {
      const at = list * n + rank;
      const row: Row = { campaign, rank: rank + 1, product: products[product[at]!]!, score: score[at]! };
      return `,${columns.map(([, value]) => value(row)).join(',')}\n`;
    });
    endings.set(list, made);
    return made;
  };
  const pieces: Blob[] = [new Blob([`\uFEFF${csvColumns.join(',')}\n`])];
  for (let from = 0; from < customers; from += piece) {
    const lines: string[] = [];
    for (let customer = from; customer < Math.min(from + piece, customers); customer++) {
      if (listOf[customer] === noBasket) continue;
      const id = cellOf(idOf(customer));
      for (const ending of endingsOf(listOf[customer]!)) lines.push(id, ending);
    }
    pieces.push(new Blob([lines.join('')]));
  }
  return new Blob(pieces, { type: 'text/csv;charset=utf-8' });
}
