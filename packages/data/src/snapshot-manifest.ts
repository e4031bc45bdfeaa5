/** What was extracted, what was left out and why: `manifest.json` of a snapshot. Numbers only; no customer id or value. */
export interface SnapshotManifest {
  version: 1;
  referenceDate: string;
  /** sha256 over the contents of the three Parquet files: same data, same hash. */
  dataHash: string;
  customers: { read: number; nullId: number; kept: number; withoutHoldings: number };
  products: { read: number; groups: number; onSale: number; classes: Readonly<Record<string, number>> };
  holdings: HoldingCounts;
  /** Rows in holdings.parquet by class of their product; every class of the products table is there. */
  holdingsByClass: Readonly<Record<string, number>>;
  /** Names (or codes) that holdings point at and the products table lacks, most frequent first; at most 1000 are listed. */
  unknownProducts: { distinct: number; listed: readonly { product: string; holdings: number }[] };
  /** One per rule, in the request's order. */
  rules: readonly RuleCounts[];
  /** Columns of customers.parquet after `customer` and `id`. */
  columns: readonly { name: string; kind: 'number' | 'text' | 'predicate' }[];
  /** Customers and holdings stayed in Hive: the folder has products.parquet alone. */
  inHive?: true;
}

/** Where every row of the holdings table went: `read` is the sum of `excludedByWhere`, the dropped ones and `kept`. */
export interface HoldingCounts {
  read: number;
  excludedByWhere: number;
  nullCustomer: number;
  nullProduct: number;
  unknownProduct: number;
  unknownCustomer: number;
  /** Rows in holdings.parquet. */
  kept: number;
  /** Of the kept: opened after the reference date. */
  afterReference: number;
  /** Of the kept: closed on or before the reference date (and not opened after it). */
  closed: number;
  /** Of the kept: without a date. */
  undated: number;
}

/** How many customers a rule's predicate is true, false or null for. */
export interface RuleCounts {
  reason: string;
  class: string | null;
  column: string;
  eligible: number;
  notEligible: number;
  unknown: number;
}
