import { textDictionary } from './parquet-column.ts';
import type { Encode, RowGroupEncoder } from './row-group-encoder.ts';

/**
 * Source of the values of a column: a text of one of the bank's tables, or a value computed from customers, with or without their
 * holdings.
 */
export type ColumnOrigin = 'customer id' | 'product code' | 'product name' | 'customers' | 'customers and holdings';

/** Column of the recommendations or of the offers. */
export interface PublishedColumn {
  name: string;
  /** Meaning of the column, as a sentence for the reference of files. Other pages are named as `docs/PAGE.md`. */
  about: string;
  /** Source of the values in recommendations, for lineage catalogues. Absent: the config, or Basketwise itself. */
  from?: ColumnOrigin;
  /** Type in the Parquet file, as DuckDB names it. */
  parquet: 'VARCHAR' | 'INTEGER' | 'BIGINT' | 'FLOAT';
  hive: 'string' | 'int' | 'float';
  /** Whether the column is a partition of the table in Hive. */
  partition?: true;
  /** Whether the value is a text of the bank. All other texts come from the config or from Basketwise. */
  bankText?: true;
  /** Whether the value can be null. */
  nullable: boolean;
  /** Encodes the column, for all row groups at once. */
  encode(encoder: RowGroupEncoder): Promise<Encode[]> | Encode[];
}

/** Description of a probability of a purchase. */
export const purchaseProbabilityAbout = 'Probability of a purchase within the window, 0 to 1, see docs/method.md.';

/** Description of the column `campaign`. */
export const campaignAbout = 'Campaign, by its name in the config. A partition in Hive.';

/** Id of the customer. */
export const customer: PublishedColumn = {
  ...{ name: 'customer', parquet: 'VARCHAR', hive: 'string', bankText: true, nullable: false, from: 'customer id' },
  about: 'Id of the customer in the bank, with leading zeros. BIGINT with `output.parquet.integer_ids`.',
  encode: (encoder) => encoder.customers('customer'),
};

/** Id of the customer, as an integer. */
const integerCustomer: PublishedColumn = {
  ...customer,
  parquet: 'BIGINT',
  encode: (encoder) => encoder.integerCustomers('customer'),
};

/** The columns with the customer's id as an integer. All ids must be integers of 64 bits. */
export function withIntegerIds(columns: readonly PublishedColumn[]): PublishedColumn[] {
  return columns.map((column) => (column === customer ? integerCustomer : column));
}

/** SQL relation, in DuckDB, of results with integer ids, in which each id is the original text. */
export function textIds(from: string): string {
  return `(SELECT * REPLACE (CAST(customer AS VARCHAR) AS customer) FROM ${from})`;
}

/** Column with the position in the customer's list, counted from 1. */
export function placeColumn(name: string, about: string): PublishedColumn {
  return {
    ...{ name, about, parquet: 'INTEGER', hive: 'int', nullable: false, from: 'customers and holdings' },
    encode: (encoder) => encoder.ranks(name),
  };
}

export const productCode: PublishedColumn = {
  ...{ name: 'product_code', parquet: 'VARCHAR', hive: 'string', bankText: true, nullable: false, from: 'product code' },
  about: 'Code of the product. Of equivalent products, the one on sale.',
  encode: (encoder) => encoder.texts('product_code', encoder.entries('product'), encoder.lists.products.codes),
};

export const productName: PublishedColumn = {
  ...{ name: 'product_name', parquet: 'VARCHAR', hive: 'string', bankText: true, nullable: false, from: 'product name' },
  about: 'Name of the product, unchanged.',
  async encode(encoder) {
    return encoder.texts('product_name', await encoder.names(encoder.entries('product')), encoder.lists.products.names);
  },
};

/** Column with the number by which lists are sorted. */
export function score(name: string, about: string): PublishedColumn {
  return {
    ...{ name, about, parquet: 'FLOAT', hive: 'float', nullable: false, from: 'customers and holdings' },
    encode: (encoder) => encoder.floats(name, encoder.entries('score')),
  };
}

/**
 * Column with a probability, 0 to 1.
 * @param nullable whether the probability can be unknown
 */
export function probability(nullable: boolean, about: string): PublishedColumn {
  return {
    ...{ name: 'probability', parquet: 'FLOAT', hive: 'float', nullable, from: 'customers and holdings', about },
    encode: (encoder) => encoder.fractions('probability', encoder.optionalEntries('probability')),
  };
}

/** Column that says how an entry came into the list: one of the sources of lists. */
export function source(name: string, about: string): PublishedColumn {
  return {
    ...{ name, about, parquet: 'VARCHAR', hive: 'string', nullable: false, from: 'customers and holdings' },
    encode: (encoder) => encoder.texts(name, encoder.entries('source'), textDictionary(encoder.lists.results.units.sources)),
  };
}

/** Reason of the recommendation: the largest contribution to the score of the product. */
export const reason: PublishedColumn = {
  ...{ name: 'reason', parquet: 'VARCHAR', hive: 'string', nullable: true, from: 'customers and holdings' },
  about:
    'Term that adds most beyond the common part of the score: `holds NAME`, `FEATURE LEVEL`, `purchased by customers with the same products`, `purchased by customers without products`; `popular` if none adds a tenth.',
  encode: (encoder) =>
    encoder.optionalTexts('reason', encoder.optionalEntries('reason'), encoder.lists.results.units.reasons ?? []),
};

/**
 * Encodes the columns `wanted` for all row groups, in order. The result refers to kernel memory, and is valid until the caller
 * releases its mark.
 */
export async function encodeColumns(encoder: RowGroupEncoder, wanted: readonly PublishedColumn[]) {
  const columns: Encode[][] = [];
  for (const column of wanted) columns.push(await column.encode(encoder));
  return encoder.finish(columns);
}
