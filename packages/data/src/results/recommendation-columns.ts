import { nowhere } from '@basketwise/core';
import { textDictionary } from './parquet-column.ts';
import type { Encode, RowGroupEncoder } from './row-group-encoder.ts';

/** A column of the published recommendations. */
export interface RecommendationColumn {
  name: string;
  /** Type in Parquet, as DuckDB names it. */
  parquet: 'VARCHAR' | 'INTEGER' | 'FLOAT';
  hive: 'string' | 'int' | 'float';
  /** A partition of the Hive table, not a column. */
  partition?: true;
  /** A text of the bank's: the others are named by the config, or by us. */
  bankText?: true;
  /** Whether a row may have none. */
  nullable: boolean;
  /** Fills it, for all row groups at a time. */
  encode(encoder: RowGroupEncoder): Promise<Encode[]> | Encode[];
}

/** The columns of the published recommendations, in their order: of the files, the Hive table and docs/tableau.md. */
export const recommendationColumns: readonly RecommendationColumn[] = [
  {
    ...{ name: 'customer', parquet: 'VARCHAR', hive: 'string', bankText: true, nullable: false },
    encode: (encoder) => encoder.customers('customer'),
  },
  {
    ...{ name: 'campaign', parquet: 'VARCHAR', hive: 'string', partition: true, nullable: false },
    encode: (encoder) => encoder.constant('campaign', encoder.lists.results.campaign),
  },
  {
    ...{ name: 'rank', parquet: 'INTEGER', hive: 'int', nullable: false },
    encode: (encoder) => encoder.ranks('rank'),
  },
  {
    ...{ name: 'product_code', parquet: 'VARCHAR', hive: 'string', bankText: true, nullable: false },
    async encode(encoder) {
      const { product, products } = encoder.lists;
      return encoder.texts('product_code', await encoder.gatherWords(product), products.codes);
    },
  },
  {
    ...{ name: 'product_name', parquet: 'VARCHAR', hive: 'string', bankText: true, nullable: false },
    async encode(encoder) {
      const { product, nameOf, products } = encoder.lists;
      return encoder.texts('product_name', await encoder.gatherWords(product, nameOf), products.names);
    },
  },
  {
    ...{ name: 'score', parquet: 'FLOAT', hive: 'float', nullable: false },
    encode: async (encoder) => encoder.floats('score', await encoder.gatherWords(encoder.lists.score)),
  },
  {
    ...{ name: 'probability', parquet: 'FLOAT', hive: 'float', nullable: true },
    async encode(encoder) {
      const { probability } = encoder.lists;
      return encoder.fractions('probability', probability !== nowhere ? await encoder.gatherWords(probability) : undefined);
    },
  },
  {
    ...{ name: 'source', parquet: 'VARCHAR', hive: 'string', nullable: false },
    async encode(encoder) {
      const { source, results } = encoder.lists;
      return encoder.texts('source', await encoder.gatherBytes(source), textDictionary(results.units.sources));
    },
  },
  {
    ...{ name: 'cluster', parquet: 'INTEGER', hive: 'int', nullable: true },
    encode: (encoder) => encoder.clusters('cluster'),
  },
  {
    ...{ name: 'reason', parquet: 'VARCHAR', hive: 'string', nullable: true },
    async encode(encoder) {
      const { reason, results } = encoder.lists;
      const values = reason !== nowhere ? await encoder.gatherWords(reason) : undefined;
      return encoder.optionalTexts('reason', values, results.units.reasons ?? []);
    },
  },
];

/** Encodes row groups: some columns in order. Views of kernel memory, good until its mark is released. */
export async function encodeColumns(encoder: RowGroupEncoder, wanted: readonly RecommendationColumn[]) {
  const columns: Encode[][] = [];
  for (const column of wanted) columns.push(await column.encode(encoder));
  return encoder.finish(columns);
}
