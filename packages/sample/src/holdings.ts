import type { Catalog } from './catalog.ts';
import { CrowdedPast } from './crowded-past.ts';
import { createRows, type HoldingRows, mostRowsPerCustomer, trimmed, withRoom } from './holding-rows.ts';
import type { SampleBank } from './options.ts';
import { SteadyPast } from './steady-past.ts';

/** Draws the holdings of the customers `from` to `to - 1` of a bank. @param ended whether ended contracts are included */
export function drawHoldings(bank: SampleBank, catalog: Catalog, from: number, to: number, ended = true): HoldingRows {
  const source = bank.past === 'crowded' ? new CrowdedPast(bank, catalog) : new SteadyPast(bank, catalog);
  let rows = createRows(from, to, (to - from) * 3 + mostRowsPerCustomer);
  for (let customer = from; customer < to; customer++) {
    rows = withRoom(rows);
    source.draw(customer, rows, ended);
  }
  return trimmed(rows);
}
