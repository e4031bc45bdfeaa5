/** Holdings of customers `from` to `to - 1`, ordered by customer. A row is one contract. */
export interface HoldingRows {
  from: number;
  to: number;
  rows: number;
  /** Customer number, 0 to customers - 1. */
  customer: Int32Array;
  /** Product name: position in the catalog's lines. */
  product: Int32Array;
  /** Day of the purchase, in days since 1970-01-01. */
  opened: Int32Array;
  /** Day of the end, at most the reference date; `noDate` while the contract is open. */
  closed: Int32Array;
}

/** Most rows of one customer. */
export const mostRowsPerCustomer = 64;

/** Creates empty rows. */
export function createRows(from: number, to: number, capacity: number): HoldingRows {
  return {
    from,
    to,
    rows: 0,
    customer: new Int32Array(capacity),
    product: new Int32Array(capacity),
    opened: new Int32Array(capacity),
    closed: new Int32Array(capacity),
  };
}

/** Adds a row. */
export function push(rows: HoldingRows, customer: number, product: number, opened: number, closed: number): void {
  const row = rows.rows++;
  rows.customer[row] = customer;
  rows.product[row] = product;
  rows.opened[row] = opened;
  rows.closed[row] = closed;
}

/** Rows with capacity for one more customer. */
export function withRoom(rows: HoldingRows): HoldingRows {
  if (rows.rows + mostRowsPerCustomer <= rows.customer.length) return rows;
  const larger = createRows(rows.from, rows.to, rows.customer.length * 2 + mostRowsPerCustomer);
  larger.rows = rows.rows;
  for (const column of ['customer', 'product', 'opened', 'closed'] as const) larger[column].set(rows[column]);
  return larger;
}

/** Rows without unused capacity. */
export function trimmed(rows: HoldingRows): HoldingRows {
  const [customer, product] = [rows.customer.subarray(0, rows.rows), rows.product.subarray(0, rows.rows)];
  return { ...rows, customer, product, opened: rows.opened.subarray(0, rows.rows), closed: rows.closed.subarray(0, rows.rows) };
}

/** Draws the holdings of customers in order. */
export interface HoldingSource {
  /** Adds the customer's rows: open contracts, then ended ones (if `ended`). */
  draw(customer: number, rows: HoldingRows, ended: boolean): void;
}
