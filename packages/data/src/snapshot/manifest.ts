/** Counts of what was extracted, what was left out and why: `manifest.json` of a snapshot. Numbers only; no customer id or value. */
export interface SnapshotManifest {
  version: 1;
  referenceDate: string;
  /** sha256 over those of the Parquet files, in their order: same hash, same data. */
  dataHash: string;
  /** The same over products and holdings, which models are trained on. Absent in snapshots of earlier versions, and in Hive. */
  holdingsHash?: string;
  /** `joinedLater`: customers who joined after the reference date, and are left out; absent: none. */
  customers: { read: number; nullId: number; joinedLater?: number; kept: number; withoutHoldings: number };
  products: {
    read: number;
    groups: number;
    onSale: number;
    classes: Readonly<Record<string, number>>;
    /** Codes of products that have the name of another and are no one product with it, the first ten; absent without. */
    namesakes?: readonly string[];
  };
  holdings: HoldingCounts;
  /** Files of the holdings, in the order of their customers, where there are more than holdings.parquet. */
  holdingsFiles?: readonly string[];
  /** Kept rows of holdings by class of their product; every class of the products table is there. */
  holdingsByClass: Readonly<Record<string, number>>;
  /** Names (or codes) that holdings point at and the products table lacks; `unknown-products.csv` lists the most frequent 1000. */
  unknownProducts: { distinct: number };
  /** One per rule, in the request's order. */
  rules: readonly RuleCounts[];
  /** Columns of customers.parquet after `customer` and `id`. */
  columns: readonly { name: string; kind: 'number' | 'text' | 'predicate' }[];
  /** Where the values of features are, by date; absent without features. */
  features?: SnapshotFeatures;
  /** Data that offers need; absent without offers. */
  offers?: SnapshotOffers;
  /** Customers and holdings stayed in Hive: the folder has products.parquet alone. */
  inHive?: true;
}

/** Hash of what models are trained on, which their files name. */
export function trainedOn({ holdingsHash, dataHash }: Pick<SnapshotManifest, 'holdingsHash' | 'dataHash'>): string {
  return holdingsHash ?? dataHash;
}

/** Features of a snapshot's customers. */
export interface SnapshotFeatures {
  dates: readonly string[];
  /** The date that the customers table is as of. */
  tableDate: string;
  columns: readonly {
    name: string;
    kind: 'number' | 'text';
    /** One per date: which column of customers.parquet or past.parquet has the values; null where no past is known. */
    at: readonly ({ table: 'customers' | 'past'; column: string } | null)[];
  }[];
  /** Counts of the rows of the history, and the first and last date of those used; absent where it was not read. */
  history?: { read: number; withoutKey: number; afterReference: number; first: string; last: string };
  /** Counts of what was known from earlier runs; absent without. */
  kept?: readonly { date: string; asOf: string; columns: readonly string[] }[];
}

/** Data of a snapshot that offers need. */
export interface SnapshotOffers {
  /** Worth of each product, in their order; null of those that are not offered. Absent where no column has it. */
  values?: readonly (number | null)[];
  /** Counts of contacts.parquet: rows of customers who are none, of what is no product (or campaign), after the reference date. */
  contacts?: { read: number; later: number; unknownCustomers: number; unknownProducts: number; kept: number };
}

/** Where every row of the holdings table went: `read` is the sum of `excludedByWhere`, the dropped ones, `repeated` and `kept`. */
export interface HoldingCounts {
  read: number;
  excludedByWhere: number;
  nullCustomer: number;
  nullProduct: number;
  unknownProduct: number;
  unknownCustomer: number;
  /** Rows of customers who joined after the reference date; absent where none did. */
  joinedLater?: number;
  /** Equal to another row in customer, product, opening and closing: they count once. Absent where none was looked for. */
  repeated?: number;
  /** Rows in the files of the holdings, each of the `repeated` left out. */
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

/** Files of each table of a snapshot; tables that it does not have are left out. */
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

/** Whether a snapshot has past.parquet. */
function hasPast({ features }: SnapshotManifest): boolean {
  return features?.columns.some(({ at }) => at.some((cell) => cell?.table === 'past')) ?? false;
}

/** Whether a snapshot has contacts.parquet. */
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

/** Whether a value read from a file is a manifest of this version, whole. */
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
    (value.holdingsFiles === undefined || isListOf(value.holdingsFiles, isText)) &&
    hasCounts(unknownProducts, ['distinct']) &&
    isListOf(rules, isRule) &&
    isListOf(columns, (one) => isFields(one) && isText(one.name) && isText(one.kind)) &&
    (inHive === undefined || inHive === true)
  );
}

function isRule(value: unknown): boolean {
  const hasAll = hasCounts(value, ['eligible', 'notEligible', 'unknown']);
  return hasAll && isText(value.reason) && isText(value.column) && (value.class === null || isText(value.class));
}
