import type { TableSource } from '../engine/source.ts';

/** An extraction that is asked for: the parts of the config that say where customers, products and holdings are and which columns are needed. */
export interface ExtractRequest {
  /** IANA zone in which a moment has its day; without it, columns of such a type cannot be used. */
  timeZone?: string | undefined;
  /** ISO date. Products on sale, closed and later holdings are judged by it. */
  referenceDate: string;
  customers: TableSource & {
    id: string;
    /** The day on which somebody became a customer: as the dates of holdings. */
    since?: string | null | undefined;
  };
  products: TableSource & {
    code: string;
    name: string;
    class: string;
    /** Null or 99991231: on sale; before the reference date: ended. */
    saleEnd?: string | null | undefined;
    /** Column of an equivalence group; with `by: name` products of one name are one anyway. */
    group?: string | null | undefined;
  };
  holdings: TableSource & {
    customer: string;
    product: string;
    /** Content of `product`. */
    by: 'name' | 'code';
    /** DATE, YYYY-MM-DD or YYYYMMDD (text or integer); without it every holding's date is unknown. */
    date?: string | null | undefined;
    closed?: string | null | undefined;
    /** SQL predicate over the holdings table; rows for which it is not true are left out and counted. */
    where?: string | null | undefined;
  };
  /** Name of a derived column -> SQL over the customers table and earlier derived columns. */
  derive: Readonly<Record<string, string>>;
  /** Raw or derived customer columns that the job needs. `number`: kept as DOUBLE, `text`: kept as VARCHAR. */
  columns: readonly { name: string; kind: 'number' | 'text' }[];
  /** SQL predicates over raw and derived columns, kept as columns true | false | null of that name (a cluster's `where`). */
  predicates: readonly NamedPredicate[];
  /** Classes that the products table must have, each with the config key that names it. */
  classes?: readonly { name: string; place: string }[];
  /** Eligibility rules: their outcome is kept as columns `rule_0`, `rule_1`, ... in this order. */
  rules: readonly { reason: string; class?: string | null | undefined; require: string }[];
  /** Columns of customers by which models may rank, as of several dates. */
  features?: FeatureRequest | undefined;
  /** Values of products, and earlier contacts. */
  offers?: OfferRequest | undefined;
}

/** Columns of the bank's tables that offers need. */
interface OfferRequest {
  /** Column of the products table: what an accepted offer is worth. */
  value?: string | undefined;
  /** Classes of which products are offered. */
  classes: readonly string[];
  campaigns: readonly string[];
  contacts?: ContactRequest | undefined;
}

/** Who was contacted about what, and what they answered. */
export type ContactRequest = TableSource & {
  customer: string;
  /** The subject of the contact: code or name of a product, or a campaign. */
  what: string;
  by: 'code' | 'name' | 'campaign';
  /** Dates, as those of holdings. */
  when: string;
  answer?: string | null | undefined;
};

/** Features, and the dates as of which their values are wanted. */
export interface FeatureRequest {
  /** ISO dates, each once. */
  dates: readonly string[];
  /** The date that the customers table is as of: features that change are as in it at that date alone. */
  tableDate: string;
  items: readonly RequestedFeature[];
  /** Derived columns as the config has them: `:date` in one is the date that is asked about, in a feature that uses it. */
  derive: Readonly<Record<string, string>>;
  /** Earlier states of the customers table: a row for each customer and date. */
  history?: (TableSource & { id: string; date: string }) | undefined;
  /** Kept values of features that change: for a date, a Parquet file with `id` and a column for each of some features, as of a day before. */
  kept: readonly { date: string; asOf: string; file: string; columns: readonly string[] }[];
}

/** A feature: a column of the customers table, or SQL over it in which `:date` is the date that is asked about. */
export type RequestedFeature = ({ column: string } | { sql: string }) & {
  name: string;
  kind: 'number' | 'text';
  /** It is the same at every date, but for `:date`. Others change. */
  fixed: boolean;
  /** Its past alone is asked for, and a history that lacks its columns tells nothing of it. */
  past?: true;
  /** Its config key, for messages. */
  place: string;
};

/** A predicate of the config under the column name that keeps its outcome; `place` is its config key, for messages. */
export interface NamedPredicate {
  name: string;
  sql: string;
  place: string;
}
