import { textDictionary } from './parquet-column.ts';
import {
  customer,
  type PublishedColumn,
  placeColumn,
  probability,
  productCode,
  productName,
  reason,
  score,
  source,
} from './result-columns.ts';

/** Columns of the contact list, in order: the columns of the offers except the arm. */
export const contactColumns: readonly PublishedColumn[] = [
  customer,
  placeColumn('order'),
  { ...source('campaign'), partition: true },
  productCode,
  productName,
  probability(false),
  score('value'),
  reason,
];

/** Columns of the offers, in order, as in the files and in docs/offers.md. */
export const offerColumns: readonly PublishedColumn[] = [
  ...contactColumns,
  {
    ...{ name: 'arm', parquet: 'VARCHAR', hive: 'string', nullable: false },
    encode: (encoder) => encoder.texts('arm', encoder.entries('arm'), textDictionary(encoder.lists.results.units.arms ?? [])),
  },
];
