import { textDictionary } from './parquet-column.ts';
import type { Encode, RowGroupEncoder } from './row-group-encoder.ts';

/** A column of the recommendations or of the offers. */
export interface PublishedColumn {
  name: string;
  /** Type in Parquet, as DuckDB names it. */
  parquet: 'VARCHAR' | 'INTEGER' | 'BIGINT' | 'FLOAT';
  hive: 'string' | 'int' | 'float';
  /** A partition of the Hive table, not a column. */
  partition?: true;
  /** Whether it is a text of the bank: the others come from the config or from Basketwise. */
  bankText?: true;
  /** Whether it may be null. */
  nullable: boolean;
  /** Encodes it, for all row groups at a time. */
  encode(encoder: RowGroupEncoder): Promise<Encode[]> | Encode[];
}

/** Id of the customer. */
export const customer: PublishedColumn = {
  ...{ name: 'customer', parquet: 'VARCHAR', hive: 'string', bankText: true, nullable: false },
  encode: (encoder) => encoder.customers('customer'),
};

/** The same as a number. */
const integerCustomer: PublishedColumn = {
  ...customer,
  parquet: 'BIGINT',
  encode: (encoder) => encoder.integerCustomers('customer'),
};

/** The columns with the customer's id as a number, for ids that are whole numbers of 64 bits. */
export function withIntegerIds(columns: readonly PublishedColumn[]): PublishedColumn[] {
  return columns.map((column) => (column === customer ? integerCustomer : column));
}

/** Relation of results with integer ids, in DuckDB's SQL, with each id as its original text. */
export function textIds(from: string): string {
  return `(SELECT * REPLACE (CAST(customer AS VARCHAR) AS customer) FROM ${from})`;
}

/** The position in the customer's list, from 1. */
export function placeColumn(name: string): PublishedColumn {
  return { name, parquet: 'INTEGER', hive: 'int', nullable: false, encode: (encoder) => encoder.ranks(name) };
}

/** Code of the product. */
export const productCode: PublishedColumn = {
  ...{ name: 'product_code', parquet: 'VARCHAR', hive: 'string', bankText: true, nullable: false },
  encode: (encoder) => encoder.texts('product_code', encoder.entries('product'), encoder.lists.products.codes),
};

/** Name of the product. */
export const productName: PublishedColumn = {
  ...{ name: 'product_name', parquet: 'VARCHAR', hive: 'string', bankText: true, nullable: false },
  async encode(encoder) {
    return encoder.texts('product_name', await encoder.names(encoder.entries('product')), encoder.lists.products.names);
  },
};

/** The number that lists are sorted by. */
export function score(name: string): PublishedColumn {
  return {
    ...{ name, parquet: 'FLOAT', hive: 'float', nullable: false },
    encode: (encoder) => encoder.floats(name, encoder.entries('score')),
  };
}

/** Probability that the customer purchases the product; `nullable`: absent if unknown. */
export function probability(nullable: boolean): PublishedColumn {
  return {
    ...{ name: 'probability', parquet: 'FLOAT', hive: 'float', nullable },
    encode: (encoder) => encoder.fractions('probability', encoder.optionalEntries('probability')),
  };
}

/** The one of the lists' sources that the row comes from. */
export function source(name: string): PublishedColumn {
  return {
    ...{ name, parquet: 'VARCHAR', hive: 'string', nullable: false },
    encode: (encoder) => encoder.texts(name, encoder.entries('source'), textDictionary(encoder.lists.results.units.sources)),
  };
}

/** The reason with the largest contribution to the product's score. */
export const reason: PublishedColumn = {
  ...{ name: 'reason', parquet: 'VARCHAR', hive: 'string', nullable: true },
  encode: (encoder) =>
    encoder.optionalTexts('reason', encoder.optionalEntries('reason'), encoder.lists.results.units.reasons ?? []),
};

/** Encodes row groups: some columns in order. Views of kernel memory, valid until its mark is released. */
export async function encodeColumns(encoder: RowGroupEncoder, wanted: readonly PublishedColumn[]) {
  const columns: Encode[][] = [];
  for (const column of wanted) columns.push(await column.encode(encoder));
  return encoder.finish(columns);
}
