import { isInside } from '../files/file-record.ts';

/**
 * Manifest of a snapshot, the file `manifest.json`. It has the numbers of extracted and of excluded rows, by reason, but no
 * customer ids or values.
 */
export interface SnapshotManifest {
  version: 1;
  referenceDate: string;
  /** sha256 over the hashes of the Parquet files, in the order of the files. Snapshots with the same hash have the same data. */
  dataHash: string;
  /**
   * sha256 over products and holdings, from which models are trained. Absent in snapshots of older versions, and with pushdown.
   */
  holdingsHash?: string;
  /**
   * Numbers of customers. `joinedLater`: customers left out because they joined after the reference date. `repeated`, here and below:
   * rows that equal another row in all columns that are read, and do not count. Both are absent if there are none.
   */
  customers: { read: number; nullId: number; joinedLater?: number; repeated?: number; kept: number; withoutHoldings: number };
  products: {
    read: number;
    repeated?: number;
    groups: number;
    onSale: number;
    classes: Readonly<Record<string, number>>;
    /**
     * Codes of the first ten products that share a name with a product of another equivalence group. Absent if there are none.
     */
    namesakes?: readonly string[];
  };
  holdings: HoldingCounts;
  /** Names of the files of holdings, in the order of the customers in them. Absent if holdings.parquet is the only one. */
  holdingsFiles?: readonly string[];
  /** Number of extracted holdings by class of their product, with every class of the products table. */
  holdingsByClass: Readonly<Record<string, number>>;
  /**
   * Number of distinct names (or codes) in holdings that name no product. The 1000 most frequent are in `unknown-products.csv`.
   */
  unknownProducts: { distinct: number };
  /** Counts for each rule, in the order of the request. */
  rules: readonly RuleCounts[];
  /** Columns of customers.parquet that follow `customer` and `id`. */
  columns: readonly { name: string; kind: 'number' | 'text' | 'predicate' }[];
  /**
   * Rows with a value, for each column that the run read, by the column's place: `tables.holdings.close_dt`. Absent in snapshots of
   * older versions.
   */
  filled?: FilledColumns;
  /** Newest day of opening, by the rule of `newestCertainDay`, up to the reference date. Absent without days. */
  newestDay?: string;
  /** Columns of holdings that may be a status, with rows that count as held. Absent if there are none. */
  statuses?: readonly UnnamedStatus[];
  /** Columns of customers that may say who may be contacted, and that no rule uses. Absent if there are none. */
  consents?: readonly ConsentColumn[];
  /** Where the values of features are, by date. Absent without features. */
  features?: SnapshotFeatures;
  /** Data for offers. Absent if the config has no offers. */
  offers?: SnapshotOffers;
  /** Whether customers and holdings stayed in Hive. The folder then has only products.parquet. */
  inHive?: true;
}

/** Numbers of rows with a value (`part`), and of all rows that were counted (`whole`), by the place of a column. */
export type FilledColumns = Readonly<Record<string, Readonly<Record<'part' | 'whole', number>>>>;

/** Column of holdings that may be a status, with values that the config does not name. */
export interface UnnamedStatus {
  column: string;
  /** Number of rows that count as held on the reference date. */
  held: number;
  /** Number of these rows with a value that the config does not name, and that is not the most frequent one. */
  unnamed: number;
}

/** Hash of the data that models are trained on. Model files have it, too. */
export function trainedOn({ holdingsHash, dataHash }: Pick<SnapshotManifest, 'holdingsHash' | 'dataHash'>): string {
  return holdingsHash ?? dataHash;
}

/** Column of customers that may say who may be contacted, and that no rule uses. */
export interface ConsentColumn {
  column: string;
  /** Meaning of yes in it: customers may be contacted, they may not, or its name leaves this open. */
  sense: 'says-yes' | 'says-no' | 'unsure';
  /** Predicates of possible rules, with the number of customers who pass: one if the sense is sure, both if it is not. */
  readings: readonly { require: string; customers: number }[];
  /** Whether a rule uses another such column. */
  isBeside?: true;
}

/** Features of the customers in a snapshot. */
export interface SnapshotFeatures {
  dates: readonly string[];
  /** Date of the state that the customers table has. */
  tableDate: string;
  columns: readonly {
    name: string;
    kind: 'number' | 'text';
    /** For each date, the file and column with the feature's values. Null if the past values are unknown. */
    at: readonly ({ table: 'customers' | 'past'; column: string } | null)[];
  }[];
  /** Counts of the history's rows, and the first and last date of the rows that were used. Absent if the history was not read. */
  history?: { read: number; withoutKey: number; afterReference: number; first: string; last: string };
  /** Counts of the values that earlier runs saved. Absent if there are none. */
  kept?: readonly { date: string; asOf: string; columns: readonly string[] }[];
}

/** Data for offers in a snapshot. */
export interface SnapshotOffers {
  /**
   * Value of each product, in the order of the products. Null for a product that is not offered. Absent if the config names no
   * column for values.
   */
  values?: readonly (number | null)[];
  /** Counts of the contacts' rows. `later`: rows after the reference date. `unknownProducts` includes unknown campaigns. */
  contacts?: { read: number; later: number; unknownCustomers: number; unknownProducts: number; kept: number };
}

/**
 * Counts of the rows of the holdings table. `read` is the sum of `excludedByWhere`, the dropped rows by reason, `repeated` and
 * `kept`.
 */
export interface HoldingCounts {
  read: number;
  excludedByWhere: number;
  nullCustomer: number;
  nullProduct: number;
  unknownProduct: number;
  unknownCustomer: number;
  /** Number of rows of customers who joined after the reference date. Absent if there are none. */
  joinedLater?: number;
  /**
   * Number of rows that do not count, because another row has the same customer, product, opening date and closing date. Absent if
   * the extraction did not search for such rows.
   */
  repeated?: number;
  /** Number of rows in the files of holdings, without the `repeated` ones. */
  kept: number;
  /** Number of rows in the files that were opened after the reference date. */
  afterReference: number;
  /** Number of rows in the files that were closed on or before the reference date, and not opened after it. */
  closed: number;
  /** Number of rows in the files without an opening date. */
  undated: number;
}

/** Number of customers by the result of a rule's predicate: true, false or null. */
export interface RuleCounts {
  reason: string;
  class: string | null;
  /** Codes of the products to which the rule applies. Absent: all products of the class. */
  products?: readonly string[];
  column: string;
  eligible: number;
  notEligible: number;
  unknown: number;
}

/** Names of the files of each table of a snapshot. Absent tables are left out. */
export function snapshotTables(manifest: SnapshotManifest): ReadonlyMap<string, readonly string[]> {
  const products = ['products', ['products.parquet']] as const;
  if (manifest.inHive) return new Map([products]);
  return new Map([
    ['customers', ['customers.parquet']],
    products,
    ['holdings', manifest.holdingsFiles ?? ['holdings.parquet']],
    ...(hasPast(manifest) ? [['past', ['past.parquet']] as const] : []),
    ...(hasContacts(manifest) ? [['contacts', ['contacts.parquet']] as const] : []),
  ]);
}

/** Whether a snapshot has the file past.parquet. */
function hasPast({ features }: SnapshotManifest): boolean {
  return features?.columns.some(({ at }) => at.some((cell) => cell?.table === 'past')) ?? false;
}

/** Whether a snapshot has the file contacts.parquet. */
export function hasContacts({ offers }: SnapshotManifest): boolean {
  return offers?.contacts !== undefined;
}

const customerCountKeys = ['read', 'nullId', 'kept', 'withoutHoldings'];
const productCounts = ['read', 'groups', 'onSale'];
const holdingCountKeys: readonly (keyof HoldingCounts)[] = [
  ...(['read', 'excludedByWhere', 'nullCustomer', 'nullProduct', 'unknownProduct', 'unknownCustomer'] as const),
  ...(['kept', 'afterReference', 'closed', 'undated'] as const),
];

type JsonFields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is JsonFields => typeof value === 'object' && value !== null && !Array.isArray(value);
const isCount = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0;
const isText = (value: unknown) => typeof value === 'string';
const hasCounts = (value: unknown, names: readonly string[]): value is JsonFields =>
  isFields(value) && names.every((name) => isCount(value[name]));
const isTally = (value: unknown) => isFields(value) && Object.values(value).every(isCount);
const isListOf = (value: unknown, isOne: (one: unknown) => boolean) => Array.isArray(value) && value.every(isOne);

/** Whether a value that was read from a file is a complete manifest of this version. */
export function isSnapshotManifest(value: unknown): value is SnapshotManifest {
  if (!isFields(value)) return false;
  const { version, referenceDate, dataHash, customers, products, holdings, unknownProducts, rules, columns, inHive } = value;
  return (
    version === 1 &&
    isText(referenceDate) &&
    isText(dataHash) &&
    hasCounts(customers, customerCountKeys) &&
    hasCounts(products, productCounts) &&
    isTally(products.classes) &&
    hasCounts(holdings, holdingCountKeys) &&
    isTally(value.holdingsByClass) &&
    (value.holdingsFiles === undefined || isListOf(value.holdingsFiles, isInside)) &&
    hasCounts(unknownProducts, ['distinct']) &&
    isListOf(rules, isRule) &&
    isListOf(columns, (one) => isFields(one) && isText(one.name) && isText(one.kind)) &&
    (inHive === undefined || inHive === true)
  );
}

function isRule(value: unknown): boolean {
  const hasAll = hasCounts(value, ['eligible', 'notEligible', 'unknown']);
  const hasProducts = hasAll && (value.products === undefined || isListOf(value.products, isText));
  return hasProducts && isText(value.reason) && isText(value.column) && (value.class === null || isText(value.class));
}
