import { textDictionary } from './parquet-column.ts';
import {
  campaignAbout,
  customer,
  type PublishedColumn,
  placeColumn,
  probability,
  productCode,
  productName,
  purchaseProbabilityAbout,
  reason,
  score,
  source,
} from './result-columns.ts';

/** Columns of the contact list, in order. These are the columns of the offers without the arm. */
export const contactColumns: readonly PublishedColumn[] = [
  customer,
  placeColumn('order', 'Position among the offers of the customer, from 1.'),
  { ...source('campaign', campaignAbout), partition: true },
  productCode,
  productName,
  probability(false, purchaseProbabilityAbout),
  score('value', 'Value of the accepted offer, in the unit of `offers.value`.'),
  reason,
];

/** Columns of the offers, in the order of the files and of docs/offers.md. */
export const offerColumns: readonly PublishedColumn[] = [
  ...contactColumns,
  {
    ...{ name: 'arm', parquet: 'VARCHAR', hive: 'string', nullable: false },
    about: '`offered` or `control`, with the name of the variant after it in an experiment, see docs/offers.md#the-control.',
    encode: (encoder) => encoder.texts('arm', encoder.entries('arm'), textDictionary(encoder.lists.results.units.arms ?? [])),
  },
];
