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

/** Columns of the published recommendations, in the order of the files, of the Hive table and of docs/integrations.md. */
export const recommendationColumns: readonly PublishedColumn[] = [
  customer,
  {
    ...{ name: 'campaign', parquet: 'VARCHAR', hive: 'string', partition: true, nullable: false, about: campaignAbout },
    encode: (encoder) => encoder.constant('campaign', encoder.lists.results.campaign),
  },
  placeColumn('rank', 'Position in the list of the customer, from 1, at most `top_n`.'),
  productCode,
  productName,
  score('score', 'Number that the list of the customer is sorted by. Not comparable between campaigns, clusters or sources.'),
  probability(
    true,
    `${purchaseProbabilityAbout} Without dates: of being the customer's next product. Null with \`calibrate: false\`; without dates also with pushdown, or if few targets hold two products.`,
  ),
  source('source', "Kind of the model of the campaign; `popularity`: backfill by last year's purchases."),
  {
    ...{ name: 'cluster', parquet: 'INTEGER', hive: 'int', nullable: true, from: 'customers' },
    about: 'Cluster of the customer in the scheme of the campaign. Null without a scheme or a cluster.',
    encode: (encoder) => encoder.clusters('cluster'),
  },
  reason,
];
