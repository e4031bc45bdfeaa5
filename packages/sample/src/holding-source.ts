import type { HoldingRows } from './holding-rows.ts';

/** Draws the holdings of customers in order. */
export interface HoldingSource {
  /** Adds the customer's rows: open contracts, then ended ones (if `ended`). */
  draw(customer: number, rows: HoldingRows, ended: boolean): void;
}
