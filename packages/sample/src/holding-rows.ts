/** Holdings of the customers `from` to `to - 1`, ordered by customer. Each row is one contract. */
export interface HoldingRows {
  from: number;
  to: number;
  rows: number;
  /** Customer number, 0 to customers - 1. */
  customer: Int32Array;
  /** Product line of each row: its position in the catalog's lines. */
  product: Int32Array;
  /** Day on which the contract was opened, in days since 1970-01-01. */
  opened: Int32Array;
  /** Day on which the contract ended, at most the reference date. `noDate`: the contract is open. */
  closed: Int32Array;
}

/** Maximum number of rows of one customer. */
export const mostRowsPerCustomer = 64;

/** Creates arrays without rows. @param capacity number of rows that fit */
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

export function push(rows: HoldingRows, customer: number, product: number, opened: number, closed: number): void {
  const row = rows.rows++;
  rows.customer[row] = customer;
  rows.product[row] = product;
  rows.opened[row] = opened;
  rows.closed[row] = closed;
}

/** Returns rows with free capacity for at least one more customer: the same object, or a larger copy. */
export function withRoom(rows: HoldingRows): HoldingRows {
  if (rows.rows + mostRowsPerCustomer <= rows.customer.length) return rows;
  const larger = createRows(rows.from, rows.to, rows.customer.length * 2 + mostRowsPerCustomer);
  larger.rows = rows.rows;
  for (const column of ['customer', 'product', 'opened', 'closed'] as const) larger[column].set(rows[column]);
  return larger;
}

/** Returns the rows without their unused capacity. */
export function trimmed(rows: HoldingRows): HoldingRows {
  const [customer, product] = [rows.customer.subarray(0, rows.rows), rows.product.subarray(0, rows.rows)];
  return { ...rows, customer, product, opened: rows.opened.subarray(0, rows.rows), closed: rows.closed.subarray(0, rows.rows) };
}

/** Source that draws the holdings of customers in ascending order. */
export interface HoldingSource {
  /** Adds the customer's rows: open contracts, then (only if `ended`) ended contracts. */
  draw(customer: number, rows: HoldingRows, ended: boolean): void;
}
