import { escapedCell, noBasket } from '@basketwise/core';
import type { BankProduct } from './bank.ts';
import type { ScoredCustomers } from './score-holdings.ts';

/** Customers per piece of the file. */
const piece = 20_000;

/** A text as a cell, escaped for spreadsheets as the nightly job's is. */
function quoted(text: string): string {
  const cell = escapedCell(text);
  return /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

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
      const { code, name } = products[product[list * n + rank]!]!;
      return `,${quoted(campaign)},${rank + 1},${quoted(code)},${quoted(name)},${score[list * n + rank]!}\n`;
    });
    endings.set(list, made);
    return made;
  };
  const pieces: Blob[] = [new Blob(['\uFEFFcustomer,campaign,rank,product_code,product_name,score\n'])];
  for (let from = 0; from < customers; from += piece) {
    const lines: string[] = [];
    for (let customer = from; customer < Math.min(from + piece, customers); customer++) {
      if (listOf[customer] === noBasket) continue;
      const id = quoted(idOf(customer));
      for (const ending of endingsOf(listOf[customer]!)) lines.push(id, ending);
    }
    pieces.push(new Blob([lines.join('')]));
  }
  return new Blob(pieces, { type: 'text/csv;charset=utf-8' });
}
