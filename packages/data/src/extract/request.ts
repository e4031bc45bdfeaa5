import type { TableSource } from '../engine/source.ts';

/** Request of an extraction: the parts of the config that locate customers, products and holdings and name the columns needed. */
export interface ExtractRequest {
  /** IANA zone that determines the day of a moment; without it, columns of such a type are refused. */
  timeZone?: string | undefined;
  /** ISO date. Determines products on sale, and closed and later holdings. */
  referenceDate: string;
  customers: TableSource & {
    id: string;
    /** The day on which a customer joined: in the formats of holdings' dates. */
    since?: string | null | undefined;
  };
  products: TableSource & {
    code: string;
    name: string;
    class: string;
    /** After the reference date: not yet on sale. Null: on sale since ever. */
    saleStart?: string | null | undefined;
    /** Null or 99991231: on sale; before the reference date: ended. */
    saleEnd?: string | null | undefined;
    /** Column of an equivalence group; with `by: name` products of one name are one group in any case. */
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
    /** SQL predicate over the holdings table; rows for which it is not true are excluded and counted. */
    where?: string | null | undefined;
  };
  /** Name of a derived column -> SQL over the customers table and earlier derived columns. */
  derive: Readonly<Record<string, string>>;
  /** Raw or derived customer columns that the job needs. `number`: stored as DOUBLE, `text`: stored as VARCHAR. */
  columns: readonly { name: string; kind: 'number' | 'text' }[];
  /** SQL predicates over raw and derived columns, stored as columns true | false | null of that name (a cluster's `where`). */
  predicates: readonly NamedPredicate[];
  /** Classes that the products table must have, each with the config key that names it. */
  classes?: readonly { name: string; place: string }[];
  /** Eligibility rules: their outcome is stored as columns `rule_0`, `rule_1`, ... in this order. */
  rules: readonly { reason: string; class?: string | null | undefined; require: string }[];
  /** Columns of customers by which models may rank, as of several dates. */
  features?: FeatureRequest | undefined;
  /** Values of products, and earlier contacts. */
  offers?: OfferRequest | undefined;
}

/** Columns of the bank's tables for offers. */
interface OfferRequest {
  /** Column of the products table: value of an accepted offer. */
  value?: string | undefined;
  /** Classes with offered products. */
  classes: readonly string[];
  campaigns: readonly string[];
  contacts?: ContactRequest | undefined;
}

/** Contacts: the customers, the subjects, and the answers. */
export type ContactRequest = TableSource & {
  customer: string;
  /** The subject of the contact: code or name of a product, or a campaign. */
  what: string;
  by: 'code' | 'name' | 'campaign';
  /** Dates, in the formats of holdings' dates. */
  when: string;
  answer?: string | null | undefined;
};

/** Features, and the dates of the values requested. */
export interface FeatureRequest {
  /** ISO dates, each once. */
  dates: readonly string[];
  /** The date of the customers table: features that change have its values at that date alone. */
  tableDate: string;
  items: readonly RequestedFeature[];
  /** Derived columns of the config: in a feature that uses one, `:date` is the date of the values. */
  derive: Readonly<Record<string, string>>;
  /** Earlier states of the customers table: a row for each customer and date. */
  history?: (TableSource & { id: string; date: string }) | undefined;
  /**
   * Saved values of features that change: for a date, a Parquet file with `id` and a column for each of some features, as of an earlier
   * day.
   */
  kept: readonly { date: string; asOf: string; file: string; columns: readonly string[] }[];
}

/** A feature: a column of the customers table, or SQL over it in which `:date` is the date of the values. */
export type RequestedFeature = ({ column: string } | { sql: string }) & {
  name: string;
  kind: 'number' | 'text';
  /** It is the same at every date, except for `:date`. Others change. */
  fixed: boolean;
  /** Only its past is requested, and it is unknown if the history lacks its columns. */
  past?: true;
  /** Its config key, for messages. */
  place: string;
};

/** A predicate of the config and the column name of its outcome; `place` is its config key, for messages. */
export interface NamedPredicate {
  name: string;
  sql: string;
  place: string;
}
