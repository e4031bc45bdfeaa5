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

/** Columns of the published recommendations, in order, as in the files, the Hive table and docs/tableau.md. */
export const recommendationColumns: readonly PublishedColumn[] = [
  customer,
  {
    ...{ name: 'campaign', parquet: 'VARCHAR', hive: 'string', partition: true, nullable: false },
    encode: (encoder) => encoder.constant('campaign', encoder.lists.results.campaign),
  },
  placeColumn('rank'),
  productCode,
  productName,
  score('score'),
  probability(true),
  source('source'),
  {
    ...{ name: 'cluster', parquet: 'INTEGER', hive: 'int', nullable: true },
    encode: (encoder) => encoder.clusters('cluster'),
  },
  reason,
];
