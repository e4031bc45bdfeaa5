import { type Catalog, drawCatalog } from './catalog.ts';
import { CrowdedPast } from './crowded-past.ts';
import { createRows, type HoldingRows, mostRows, trimmed, withRoom } from './holding-rows.ts';
import { type BankOptions, bankOf, type SampleBank } from './options.ts';
import { SteadyPast } from './steady-past.ts';

/** Which customers to make, and of which bank. */
export interface HoldingOptions extends BankOptions {
  /** First customer, and the one after the last: a slice is the same however it is cut. Default: all. */
  from?: number;
  to?: number;
  /** Customers per chunk. Default 100,000. */
  chunk?: number;
  /** False leaves out contracts that have ended. Default true. */
  ended?: boolean;
}

/** Holdings of customers `from` .. `to - 1` of a bank whose catalog is given. */
export function drawHoldings(bank: SampleBank, catalog: Catalog, from: number, to: number, ended = true): HoldingRows {
  const source = bank.past === 'crowded' ? new CrowdedPast(bank, catalog) : new SteadyPast(bank, catalog);
  let rows = createRows(from, to, (to - from) * 3 + mostRows);
  for (let customer = from; customer < to; customer++) {
    rows = withRoom(rows);
    source.draw(customer, rows, ended);
  }
  return trimmed(rows);
}

/**
 * Makes the holdings of a bank, or of a slice of it, chunk by chunk and in memory. Chunks depend on the options alone: any slice equals
 * the same part of the whole.
 */
export async function* generateHoldings(options: HoldingOptions): AsyncGenerator<HoldingRows> {
  const bank = bankOf(options);
  const catalog = drawCatalog(bank);
  const to = Math.min(options.to ?? bank.customers, bank.customers);
  const chunk = options.chunk ?? 100_000;
  for (let from = options.from ?? 0; from < to; from += chunk) {
    yield drawHoldings(bank, catalog, from, Math.min(from + chunk, to), options.ended ?? true);
  }
}
