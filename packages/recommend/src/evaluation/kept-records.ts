import {
  type BankRecords,
  bug,
  daysSinceEpoch,
  grown,
  type HistoryBatch,
  type HoldingBatch,
  noDate,
  type PlainDate,
  type Product,
  type SomeCustomers,
  setSome,
  stillOpen,
} from '@basketwise/core';

/** Growing array of holdings, 16 bytes per holding. */
class HoldingBuffer {
  #columns = Array.from({ length: 4 }, () => new Int32Array(4096));
  #rows = 0;

  /** Adds the holdings of the customers of a sample, in the sample's numbering. */
  add({ customer, product, days, closed }: HistoryBatch, sample: SomeCustomers | undefined): void {
    this.#makeRoom(customer.length);
    const [ofCustomer, ofProduct, opened, ended] = this.#columns as [Int32Array, Int32Array, Int32Array, Int32Array];
    for (let i = 0; i < customer.length; i++) {
      const number = sample === undefined ? customer[i]! : sample.numberOf[customer[i]!]!;
      if (number < 0) continue;
      const row = this.#rows++;
      ofCustomer[row] = number;
      ofProduct[row] = product[i]!;
      opened[row] = days[i]!;
      ended[row] = closed[i]!;
    }
  }

  finish(): HistoryBatch {
    const [customer, product, days, closed] = this.#columns.map((column) => column.subarray(0, this.#rows));
    return { customer: customer!, product: product!, days: days!, closed: closed! };
  }

  #makeRoom(more: number): void {
    const needed = this.#rows + more;
    this.#columns = this.#columns.map((column) => grown(column, needed, (length) => new Int32Array(length)));
  }
}

/** Returns `keepRecords` with a cache of its last result, for consecutive calls with the same date and sample. */
export function recordKeeper(records: BankRecords): (upTo: PlainDate, sample: SomeCustomers | undefined) => Promise<BankRecords> {
  let last: { by: string; kept: Promise<BankRecords> } | undefined;
  return (upTo, sample) => {
    const by = `${upTo} ${sample?.drawn}`;
    if (last?.by !== by) last = { by, kept: keepRecords(records, upTo, sample) };
    return last.kept;
  };
}

/**
 * Reads the records of a bank's customers, or of a sample, into memory once, up to a date. Banks as of many earlier dates then need a single pass
 * over the source. Customers have their numbers in the sample. The known openings of products include all customers.
 */
export async function keepRecords(
  records: BankRecords,
  upTo: PlainDate,
  sample: SomeCustomers | undefined,
): Promise<BankRecords> {
  const products = await records.products();
  const ofAll = await records.joined();
  const joined = ofAll && sample ? sampledDays(ofAll, sample) : ofAll;
  const openings = new FirstOpenings(products.length);
  const rows = new HoldingBuffer();
  for await (const batch of records.history(upTo)) {
    openings.add(batch, ofAll);
    rows.add(batch, sample);
  }
  const customers = sample?.customers ?? records.customerCount;
  return {
    ...recordsOfRows(rows.finish(), { customers, products, joined, upTo }),
    known: async (asOf) => openings.known(daysSinceEpoch(asOf)),
  };
}

/** Number of customers, and products, of holdings in memory. */
interface AboutRows {
  customers: number;
  products: readonly Product[];
  /** Day on which each customer joined, as in `BankRecords`. */
  joined?: Int32Array | undefined;
  /** Last date with data. Absent: no limit. */
  upTo?: PlainDate;
}

/** Creates records from all holdings in memory, including closed holdings. @param rows holdings ordered by customer, then product */
export function recordsOfRows(rows: HistoryBatch, { customers, products, joined, upTo }: AboutRows): BankRecords {
  const dayOf = (asOf: PlainDate) => {
    const day = daysSinceEpoch(asOf);
    if (upTo !== undefined && day > daysSinceEpoch(upTo)) throw bug(`records read up to ${upTo} were requested for ${asOf}`);
    return day;
  };
  return {
    customerCount: customers,
    products: async () => products,
    async *holdings(asOf) {
      yield holdingsOpenOn(rows, joined, dayOf(asOf));
    },
    async *history(asOf, { after } = {}) {
      yield heldUpTo(rows, joined, dayOf(asOf), after === undefined ? undefined : daysSinceEpoch(after));
    },
    joined: async () => joined,
  };
}

function sampledDays(days: Int32Array, { customers, numberOf }: SomeCustomers): Int32Array {
  const some = new Int32Array(customers);
  setSome(some, days, numberOf);
  return some;
}

/** Holdings at some positions of the rows. */
function rowsAt({ customer, product, days }: HistoryBatch, places: Uint32Array): HoldingBatch {
  return { customer: valuesAt(customer, places), product: valuesAt(product, places), days: valuesAt(days, places) };
}

function valuesAt(column: Int32Array, places: Uint32Array): Int32Array {
  const values = new Int32Array(places.length);
  for (let i = 0; i < places.length; i++) values[i] = column[places[i]!]!;
  return values;
}

function rowsWhere(all: HistoryBatch, isIn: (row: number) => boolean): Uint32Array {
  const places = new Uint32Array(all.customer.length);
  let count = 0;
  for (let row = 0; row < places.length; row++) if (isIn(row)) places[count++] = row;
  return places.subarray(0, count);
}

function holdingsOpenOn(all: HistoryBatch, joined: Int32Array | undefined, day: number): HoldingBatch {
  const { customer, days, closed } = all;
  const isCustomer = (row: number) => joined === undefined || joined[customer[row]!]! <= day;
  return rowsAt(
    all,
    rowsWhere(all, (row) => days[row]! <= day && closed[row]! > day && isCustomer(row)),
  );
}

function heldUpTo(all: HistoryBatch, joined: Int32Array | undefined, day: number, after: number | undefined): HistoryBatch {
  const { customer, days, closed } = all;
  const isCustomer = (row: number) => joined === undefined || joined[customer[row]!]! <= day;
  const isAfter = (opened: number) => after === undefined || (opened !== noDate && opened > after);
  const places = rowsWhere(all, (row) => days[row]! <= day && isAfter(days[row]!) && isCustomer(row));
  // Facts after the date are excluded: a holding that closed after the date counts as open.
  const known = valuesAt(closed, places);
  for (let i = 0; i < known.length; i++) if (known[i]! > day) known[i] = stillOpen;
  return { ...rowsAt(all, places), closed: known };
}

/** Day of the first known opening of each product, over all holdings. Holdings without a date are ignored. */
export class FirstOpenings {
  readonly #first: Int32Array;

  constructor(products: number) {
    this.#first = new Int32Array(products).fill(stillOpen);
  }

  /** Adds a batch of holdings. @param joined day on which each customer joined; an earlier opening counts as opened on that day */
  add({ customer, product, days }: Pick<HistoryBatch, 'customer' | 'product' | 'days'>, joined: Int32Array | undefined): void {
    for (let i = 0; i < product.length; i++) {
      if (days[i] === noDate) continue;
      const day = Math.max(days[i]!, joined?.[customer[i]!] ?? noDate);
      if (day < this.#first[product[i]!]!) this.#first[product[i]!] = day;
    }
  }

  /** Flag of each product, u8[products]: 1 if the first known opening is on or before `day` (days since 1970-01-01). */
  known(day: number): Uint8Array {
    return Uint8Array.from(this.#first, (first) => (first <= day ? 1 : 0));
  }
}
