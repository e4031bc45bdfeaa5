import { nowhere } from '@basketwise/core';
import { textDictionary } from './parquet-column.ts';
import type { RecommendationColumn } from './recommendation-columns.ts';

/** Arms as the output names them. */
const arms = ['offered', 'control'] as const;

/** The columns of the contact list, in their order: those of the offers but for the arm. */
export const contactColumns: readonly RecommendationColumn[] = [
  {
    ...{ name: 'customer', parquet: 'VARCHAR', hive: 'string', bankText: true, nullable: false },
    encode: (encoder) => encoder.customers('customer'),
  },
  {
    ...{ name: 'order', parquet: 'INTEGER', hive: 'int', nullable: false },
    encode: (encoder) => encoder.ranks('order'),
  },
  {
    ...{ name: 'campaign', parquet: 'VARCHAR', hive: 'string', nullable: false },
    async encode(encoder) {
      const { source, results } = encoder.lists;
      return encoder.texts('campaign', await encoder.gatherBytes(source), textDictionary(results.units.sources));
    },
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
    ...{ name: 'probability', parquet: 'FLOAT', hive: 'float', nullable: false },
    async encode(encoder) {
      const { probability } = encoder.lists;
      return encoder.fractions('probability', probability !== nowhere ? await encoder.gatherWords(probability) : undefined);
    },
  },
  {
    ...{ name: 'value', parquet: 'FLOAT', hive: 'float', nullable: false },
    encode: async (encoder) => encoder.floats('value', await encoder.gatherWords(encoder.lists.score)),
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

/** The columns of the offers, in their order: of the files and of docs/offers.md. */
export const offerColumns: readonly RecommendationColumn[] = [
  ...contactColumns,
  {
    ...{ name: 'arm', parquet: 'VARCHAR', hive: 'string', nullable: false },
    encode: async (encoder) => encoder.texts('arm', await encoder.gatherBytes(encoder.lists.arm), textDictionary(arms)),
  },
];
