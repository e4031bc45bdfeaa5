import type { TableSource } from '../engine/source.ts';

/** Request for an extraction, made from the config: where customers, products and holdings are, and which columns are needed. */
export interface ExtractRequest {
  /** IANA time zone that determines the day of a moment. Absent: columns of moments are refused. */
  timeZone?: string | undefined;
  /** Reference date (ISO). It determines which products are on sale, which holdings are closed, and which were opened later. */
  referenceDate: string;
  customers: TableSource & {
    id: string;
    /** Column with the day on which a customer joined. It can have the formats of the holdings' dates. */
    since?: string | null | undefined;
    /** Columns whose values several customers share, although rows with equal values look like versions of one person. */
    shared?: readonly string[] | undefined;
  };
  products: TableSource & {
    code: string;
    name: string;
    class: string;
    /**
     * Column with the first day of sale. A product whose day is later than the reference date is not on sale yet. Null: the start
     * is unknown.
     */
    saleStart?: string | null | undefined;
    /**
     * Column with the last day of sale. A product whose day is before the reference date is no longer on sale. Null or 99991231:
     * there is no end.
     */
    saleEnd?: string | null | undefined;
    /** Column with the equivalence group. With `by: name`, products of the same name are always in one group. */
    group?: string | null | undefined;
  };
  holdings: TableSource & {
    customer: string;
    product: string;
    /** Content of the column `product`: names or codes of products. */
    by: 'name' | 'code';
    /**
     * Column with the date of opening: DATE, or YYYY-MM-DD or YYYYMMDD as text or integer. Absent: the dates of all holdings are
     * unknown.
     */
    date?: string | null | undefined;
    closed?: string | null | undefined;
    /** SQL predicate over the holdings table. Rows for which it is false or null are left out, and counted. */
    where?: string | null | undefined;
  };
  /** Derived columns: SQL by name, over the customers table and earlier derived columns. */
  derive: Readonly<Record<string, string>>;
  /** Columns of customers that the job needs, including derived ones. `number` is stored as DOUBLE, `text` as VARCHAR. */
  columns: readonly { name: string; kind: 'number' | 'text' }[];
  /**
   * SQL predicates over raw and derived columns, such as a cluster's `where`. Each result (true, false or null) is stored as a
   * column of the predicate's name.
   */
  predicates: readonly NamedPredicate[];
  /** Classes that at least one product must have, each with the key of the config that names it. */
  classes?: readonly { name: string; place: string }[];
  /** Eligibility rules. The result of rule i is stored as the column `rule_<i>`. */
  rules: readonly {
    reason: string;
    class?: string | null | undefined;
    /** Codes of the products to which the rule applies. Absent: all products of the class. */
    products?: readonly string[] | undefined;
    require: string;
  }[];
  /** Features of customers by which models can rank, as of several dates. */
  features?: FeatureRequest | undefined;
  /** Columns for offers: values of products, and earlier contacts. */
  offers?: OfferRequest | undefined;
}

/** Columns of the bank's tables that offers need. */
interface OfferRequest {
  /** Column of the products table with the value of an accepted offer. */
  value?: string | undefined;
  /** Classes whose products are offered. */
  classes: readonly string[];
  campaigns: readonly string[];
  contacts?: ContactRequest | undefined;
}

/** Contacts table, with its columns for the customer, the product or campaign, the date and the answer. */
export type ContactRequest = TableSource & {
  customer: string;
  /** Column that says which offer the contact was about: the code or name of a product, or the name of a campaign. */
  what: string;
  by: 'code' | 'name' | 'campaign';
  /** Column with the date of the contact. It can have the formats of the holdings' dates. */
  when: string;
  answer?: string | null | undefined;
};

/** Features to extract, and the dates as of which their values are needed. */
export interface FeatureRequest {
  /** Dates (ISO), each once. */
  dates: readonly string[];
  /** Date of the state that the customers table has. For changing features, the table has only the values of this date. */
  tableDate: string;
  items: readonly RequestedFeature[];
  /** Derived columns of the config. If a feature uses one, `:date` in it is the date of the values. */
  derive: Readonly<Record<string, string>>;
  /** History: earlier states of the customers table, with a row for each customer and date. */
  history?: (TableSource & { id: string; date: string }) | undefined;
  /**
   * Values of changing features that earlier runs saved. For each date, a Parquet file has `id` and the columns of some features,
   * as of the day `asOf`.
   */
  kept: readonly { date: string; asOf: string; file: string; columns: readonly string[] }[];
}

/** Feature to extract: a column of the customers table, or SQL over it, in which `:date` is the date of the values. */
export type RequestedFeature = ({ column: string } | { sql: string }) & {
  name: string;
  kind: 'number' | 'text';
  /** Whether the feature has the same value at all dates, except for its use of `:date`. All others are changing features. */
  fixed: boolean;
  /** Whether only past values are needed. They are unknown if the history lacks the feature's columns. */
  past?: true;
  /** Key of the config, for messages. */
  place: string;
};

/** SQL predicate of the config, with the name of the column for its result. `place` is the key of the config, for messages. */
export interface NamedPredicate {
  name: string;
  sql: string;
  place: string;
}
