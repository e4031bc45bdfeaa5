/**
 * Manifest of a snapshot, `manifest.json`: counts of extracted and excluded rows, by reason. It has numbers only, no customer id
 * or value.
 */
export interface SnapshotManifest {
  version: 1;
  referenceDate: string;
  /** sha256 over the hashes of the Parquet files, in their order. The same hash means the same data. */
  dataHash: string;
  /** sha256 over products and holdings, the training data of models. Absent in snapshots of earlier versions, and in Hive. */
  holdingsHash?: string;
  /** `joinedLater`: excluded customers, who joined after the reference date. Absent: none. */
  customers: { read: number; nullId: number; joinedLater?: number; kept: number; withoutHoldings: number };
  products: {
    read: number;
    groups: number;
    onSale: number;
    classes: Readonly<Record<string, number>>;
    /** Codes of the first ten products that share a name but are different products. Absent if there are none. */
    namesakes?: readonly string[];
  };
  holdings: HoldingCounts;
  /** Files of the holdings, in the order of their customers. Absent if holdings.parquet is the only one. */
  holdingsFiles?: readonly string[];
  /** Retained rows of holdings by class of their product, for every class of the products table. */
  holdingsByClass: Readonly<Record<string, number>>;
  /** Names (or codes) in holdings that the products table lacks. `unknown-products.csv` lists the most frequent 1000. */
  unknownProducts: { distinct: number };
  /** One entry per rule, in the request's order. */
  rules: readonly RuleCounts[];
  /** Columns of customers.parquet after `customer` and `id`. */
  columns: readonly { name: string; kind: 'number' | 'text' | 'predicate' }[];
  /** Columns of customers that look like consent, and that no rule uses. Absent if there are none. */
  consents?: readonly string[];
  /** Locations of the values of features, by date. Absent without features. */
  features?: SnapshotFeatures;
  /** Data for offers. Absent without offers. */
  offers?: SnapshotOffers;
  /** Customers and holdings stayed in Hive. The folder has only products.parquet. */
  inHive?: true;
}

/** Hash of the training data, which model files contain. */
export function trainedOn({ holdingsHash, dataHash }: Pick<SnapshotManifest, 'holdingsHash' | 'dataHash'>): string {
  return holdingsHash ?? dataHash;
}

/** Features of a snapshot's customers. */
export interface SnapshotFeatures {
  dates: readonly string[];
  /** Date of the customers table. */
  tableDate: string;
  columns: readonly {
    name: string;
    kind: 'number' | 'text';
    /** For each date, the column of customers.parquet or past.parquet with the values. Null if the past is unknown. */
    at: readonly ({ table: 'customers' | 'past'; column: string } | null)[];
  }[];
  /** Counts of the rows of the history, and the first and last date of the used rows. Absent if the history was not read. */
  history?: { read: number; withoutKey: number; afterReference: number; first: string; last: string };
  /** Counts of values from earlier runs. Absent if there are none. */
  kept?: readonly { date: string; asOf: string; columns: readonly string[] }[];
}

/** Data for offers in a snapshot. */
export interface SnapshotOffers {
  /** Value of each product, in order. Null for products that are not offered. Absent without a value column. */
  values?: readonly (number | null)[];
  /** Counts of contacts.parquet. `later`: rows after the reference date. `unknownProducts` also counts unknown campaigns. */
  contacts?: { read: number; later: number; unknownCustomers: number; unknownProducts: number; kept: number };
}

/** Counts of all rows of the holdings table. `read` is the sum of `excludedByWhere`, the dropped ones, `repeated` and `kept`. */
export interface HoldingCounts {
  read: number;
  excludedByWhere: number;
  nullCustomer: number;
  nullProduct: number;
  unknownProduct: number;
  unknownCustomer: number;
  /** Rows of customers who joined after the reference date. Absent if there are none. */
  joinedLater?: number;
  /**
   * Rows that repeat another row in customer, product, opening and closing. Repeated rows count once. Absent if not searched for.
   */
  repeated?: number;
  /** Rows in the files of the holdings, without the `repeated` ones. */
  kept: number;
  /** Retained rows opened after the reference date. */
  afterReference: number;
  /** Retained rows closed on or before the reference date, and not opened after it. */
  closed: number;
  /** Retained rows without a date. */
  undated: number;
}

/** Number of customers by value of a rule's predicate: true, false or null. */
export interface RuleCounts {
  reason: string;
  class: string | null;
  /** Codes of the only products that the rule is about. Absent: all of the class. */
  products?: readonly string[];
  column: string;
  eligible: number;
  notEligible: number;
  unknown: number;
}

/** Files of each table of a snapshot, without absent tables. */
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

/** Whether a value read from a file is a complete manifest of this version. */
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
  const hasProducts = hasAll && (value.products === undefined || isListOf(value.products, isText));
  return hasProducts && isText(value.reason) && isText(value.column) && (value.class === null || isText(value.class));
}
