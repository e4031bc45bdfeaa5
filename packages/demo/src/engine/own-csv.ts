import type { CustomerLists } from '@basketwise/recommend';
import type { OwnBank } from './own-bank.ts';
import { cellOf, customersPerPiece } from './results-csv.ts';

/** Names of the CSV's columns. They are the columns of the batch job's output, without campaign, source and cluster. */
const ownCsvColumns = ['customer', 'rank', 'product_code', 'product_name', 'score', 'probability', 'reason'] as const;

/** Lists of all customers as CSV, in UTF-8 with a byte order mark. Spreadsheets need the mark to show Korean text. */
export function ownCsv({ ids }: OwnBank, { products, scored }: CustomerLists): Blob {
  const { unit, units } = scored.results;
  const known = new Map<number, string[]>();
  const endingsOf = (row: number): string[] => {
    const found = known.get(row);
    if (found) return found;
    const from = units.start[row]!;
    const made = Array.from({ length: units.start[row + 1]! - from }, (_, i) => {
      const { code, name } = products[units.product[from + i]!]!;
      const texts = [code, name, String(units.score[from + i]), String(units.probability?.[from + i] ?? '')];
      const reason = units.reasons?.[units.reason?.[from + i] ?? -1] ?? '';
      return `,${i + 1},${cellOf(texts[0]!)},${cellOf(texts[1]!)},${texts[2]},${texts[3]},${cellOf(reason)}\n`;
    });
    known.set(row, made);
    return made;
  };
  const pieces: Blob[] = [new Blob([`\uFEFF${ownCsvColumns.join(',')}\n`])];
  for (let from = 0; from < ids.length; from += customersPerPiece) {
    const lines: string[] = [];
    for (let customer = from; customer < Math.min(from + customersPerPiece, ids.length); customer++) {
      if (unit[customer]! < 0) continue;
      const id = cellOf(ids[customer]!);
      for (const ending of endingsOf(unit[customer]!)) lines.push(id, ending);
    }
    pieces.push(new Blob([lines.join('')]));
  }
  return new Blob(pieces, { type: 'text/csv;charset=utf-8' });
}
