import type { HoldingRows } from './holding-rows.ts';

/** Draws the holdings of one customer after the other. */
export interface HoldingSource {
  /** Adds the customer's rows: what is open, then what has ended (if `ended`). */
  draw(customer: number, rows: HoldingRows, ended: boolean): void;
}
