import type { TableSource } from '../engine/source.ts';

/** Request of an extraction: the parts of the config that locate customers, products and holdings and name the columns needed. */
export interface ExtractRequest {
  /** IANA zone that determines the day of a moment. Without it, columns of moments are refused. */
  timeZone?: string | undefined;
  /** ISO date. Determines products on sale, and closed and later holdings. */
  referenceDate: string;
  customers: TableSource & {
    id: string;
    /** Column with the day on which a customer joined, in the formats of holdings' dates. */
    since?: string | null | undefined;
  };
  products: TableSource & {
    code: string;
    name: string;
    class: string;
    /** First day of sale. After the reference date: not yet on sale. Null: no known start. */
    saleStart?: string | null | undefined;
    /** Last day of sale. Null or 99991231: no end. Before the reference date: ended. */
    saleEnd?: string | null | undefined;
    /** Column of an equivalence group. With `by: name`, products of one name are always one group. */
    group?: string | null | undefined;
  };
  holdings: TableSource & {
    customer: string;
    product: string;
    /** Content of `product`. */
    by: 'name' | 'code';
    /** Column of DATE, YYYY-MM-DD or YYYYMMDD (text or integer). Without it every holding's date is unknown. */
    date?: string | null | undefined;
    closed?: string | null | undefined;
    /** SQL predicate over the holdings table. Rows for which it is not true are excluded and counted. */
    where?: string | null | undefined;
  };
  /** Derived columns: name -> SQL over the customers table and earlier derived columns. */
  derive: Readonly<Record<string, string>>;
  /** Raw or derived customer columns that the job needs. `number` is stored as DOUBLE, `text` as VARCHAR. */
  columns: readonly { name: string; kind: 'number' | 'text' }[];
  /**
   * SQL predicates over raw and derived columns, such as a cluster's `where`. Each is stored as a column true | false | null of
   * its name.
   */
  predicates: readonly NamedPredicate[];
  /** Classes that the products table must have, each with the config key that names it. */
  classes?: readonly { name: string; place: string }[];
  /** Eligibility rules. Their results are stored as columns `rule_0`, `rule_1`, ... in this order. */
  rules: readonly {
    reason: string;
    class?: string | null | undefined;
    /** Codes of the only products that the rule is about. Absent: all of the class. */
    products?: readonly string[] | undefined;
    require: string;
  }[];
  /** Customer columns that models can rank by, as of several dates. */
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
  /** Column with the subject of the contact: code or name of a product, or a campaign. */
  what: string;
  by: 'code' | 'name' | 'campaign';
  /** Column of dates, in the formats of holdings' dates. */
  when: string;
  answer?: string | null | undefined;
};

/** Features, and the dates of the values requested. */
export interface FeatureRequest {
  /** ISO dates without duplicates. */
  dates: readonly string[];
  /** Date of the customers table. Only at this date does it have the values of changing features. */
  tableDate: string;
  items: readonly RequestedFeature[];
  /** Derived columns of the config. In a feature that uses one, `:date` is the date of the values. */
  derive: Readonly<Record<string, string>>;
  /** Earlier states of the customers table: a row for each customer and date. */
  history?: (TableSource & { id: string; date: string }) | undefined;
  /**
   * Saved values of changing features. For a date, a Parquet file has `id` and a column for each of some features, as of an
   * earlier day.
   */
  kept: readonly { date: string; asOf: string; file: string; columns: readonly string[] }[];
}

/** Feature: a column of the customers table, or SQL over it in which `:date` is the date of the values. */
export type RequestedFeature = ({ column: string } | { sql: string }) & {
  name: string;
  kind: 'number' | 'text';
  /** Whether it is the same at every date, except for `:date`. Other features are changing. */
  fixed: boolean;
  /** Whether only its past is requested. The past is unknown if the history lacks its columns. */
  past?: true;
  /** Config key, for messages. */
  place: string;
};

/** Predicate of the config, and the column of its result. `place` is its config key, for messages. */
export interface NamedPredicate {
  name: string;
  sql: string;
  place: string;
}
