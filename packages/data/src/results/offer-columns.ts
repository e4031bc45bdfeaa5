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

/** The columns of the contact list, in order: those of the offers except the arm. */
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

/** The columns of the offers, in their order: of the files and of docs/offers.md. */
export const offerColumns: readonly PublishedColumn[] = [
  ...contactColumns,
  {
    ...{ name: 'arm', parquet: 'VARCHAR', hive: 'string', nullable: false },
    encode: (encoder) => encoder.texts('arm', encoder.entries('arm'), textDictionary(encoder.lists.results.units.arms ?? [])),
  },
];
