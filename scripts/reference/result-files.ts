import { publishedTables } from '@basketwise/data';
import type { DescribedColumn, DescribedFile, DescribedFiles } from './described-file.ts';

type PublishedColumns = (typeof publishedTables)[keyof typeof publishedTables]['columns'];

const published = (columns: PublishedColumns): DescribedColumn[] =>
  columns.map(({ name, parquet, hive, about }) => [name, `${parquet} (Hive: ${hive})`, about]);

const { recommendations, offers } = publishedTables;
const contactColumns = offers.columns.filter(({ name }) => name !== 'arm');

const customerId: DescribedColumn = ['customer', 'VARCHAR', 'Id of the customer in the bank.'];
const campaignName: DescribedColumn = ['campaign', 'VARCHAR', 'Campaign, by its name in the config.'];

/** The CSV file beside a Parquet file. @param of key of the config without which neither is written */
const csvOf = (name: string, of?: string): DescribedFile => ({
  file: `${name}.csv`,
  meaning: 'The same rows and columns as CSV, in the form of `output.csv`.',
  when: `${of === undefined ? '' : `${of}, and `}output.formats has csv`,
});

/** Columns of an arm: customers, and buyers among them. */
const arm = (name: string, meaning: string): DescribedColumn[] => [
  [name, 'DOUBLE', meaning],
  [`${name}_bought`, 'DOUBLE', 'Number of these with a purchase in the window.'],
];

/** Columns of an estimate with its interval. */
const estimate = (name: string, meaning: string): DescribedColumn[] => [
  [name, 'DOUBLE', meaning],
  [`${name}_low`, 'DOUBLE', 'Lower end of its 95 % interval.'],
  [`${name}_high`, 'DOUBLE', 'Upper end of its 95 % interval.'],
];

/** Files with the results of a run, per customer: readable by their owner alone. */
export const resultFiles: DescribedFiles = {
  heading: 'Results',
  folder: 'run',
  meaning: 'Tables for the users of a run. Their columns in Tableau and joins: docs/integrations.md.',
  files: [
    {
      file: 'recommendations.parquet',
      meaning: 'A row per campaign, customer and rank: campaigns as in the config, customers by the bytes of their id.',
      when: 'output.formats has parquet',
      columns: published(recommendations.columns),
    },
    csvOf('recommendations'),
    {
      file: 'offers.parquet',
      meaning: 'A row per customer and offer, of both arms.',
      when: 'offers, and output.formats has parquet',
      columns: published(offers.columns),
    },
    csvOf('offers', 'offers'),
    {
      file: 'contact-list.parquet',
      meaning: 'Offers to contact, without the control: columns of `offers.parquet` except `arm`.',
      when: 'offers, and output.formats has parquet',
      columns: published(contactColumns),
      isLikeAbove: true,
    },
    {
      file: 'contact-list.csv',
      meaning: 'The same rows as CSV, highest expected value first, with a further column `expected_value`: value x probability.',
      when: 'offers',
    },
    {
      file: 'clusters.parquet',
      meaning: 'A row per scheme and customer of the scheme.',
      columns: [
        customerId,
        ['scheme', 'VARCHAR', 'Scheme, by its name in the config.'],
        ['cluster', 'INTEGER', 'Cluster, 0 to k - 1. Cluster 0 is the largest.'],
      ],
    },
    {
      file: 'segments.parquet',
      meaning: 'A row per customer, with a column per segment of the config.',
      columns: [
        customerId,
        [
          '<segment>',
          'VARCHAR',
          'Label of the segment: a band, flags joined by `+`, or crossed labels. Null where no band fits.',
        ],
      ],
    },
    {
      file: 'suppressed.parquet',
      meaning: 'A row per campaign and reason. A customer who fails two rules counts in both.',
      columns: [
        campaignName,
        ['reason', 'VARCHAR', '`reason` of a rule, or `NO_PRODUCT_LEFT`: no product on sale that the customer lacks.'],
        ['customers', 'BIGINT', 'Number of target customers, rounded down to tens. Null from 1 to 9.'],
      ],
    },
    {
      file: 'suppressed-customers.parquet',
      meaning: 'A row per target customer, campaign and reason.',
      when: 'output.suppressed_customers',
      columns: [customerId, campaignName, ['reason', 'VARCHAR', '`reason` of a failed rule, or `NO_PRODUCT_LEFT`.']],
    },
    {
      file: 'outcomes.parquet',
      meaning: 'Purchases of earlier runs, offered against control: a row per run and group of customers, with exact numbers.',
      when: 'offers',
      columns: [
        ['run', 'VARCHAR', 'Evaluated run; `all`: all runs with the control of the last run together.'],
        [
          'grouped_by',
          'VARCHAR',
          'Grouping: `all`, `campaign`, `product`, `rank`, `model`, `cluster`, `variant`, `experiment` or `effect`.',
        ],
        ['grouped_value', 'VARCHAR', 'Group, empty for all customers.'],
        ['is_proof', 'BOOLEAN', 'Whether the arms were drawn, so that the difference is an effect of the contact.'],
        ['proven', 'BOOLEAN', 'Whether the interval of the difference lies above 0.'],
        ...arm('offered', 'Number of customers with an offer.'),
        ...arm(
          'control',
          'Number of customers of the control; in groups `experiment` and `effect`, of contacted customers of `base`.',
        ),
        ...estimate('difference', 'Difference of the shares of customers with a purchase.'),
        ...estimate(
          'lift',
          'Ratio of the shares, less 1. Null if no control customer purchased; `lift_high`: null without an upper bound.',
        ),
        ['customers_missing', 'DOUBLE', 'Approximate number of customers still needed for a proof; null if no number suffices.'],
        ['estimand', 'VARCHAR', '`first contact` or `listed`: the effect that the row estimates, see docs/offers.md.'],
      ],
    },
    {
      file: 'offered-before.parquet',
      meaning:
        'Customers of offers of earlier runs, of those in the customers table of this run. The file remains when `output.keep` removes these runs.',
      when: 'offers',
      columns: [
        ['salt', 'VARCHAR', 'Salt of the control or of the experiment under which the customer had an offer.'],
        customerId,
      ],
    },
    {
      file: 'features.parquet',
      meaning: 'Values at the reference date of features that change, for later runs.',
      when: 'features without fixed',
      columns: [
        ['id', 'VARCHAR', 'Id of the customer in the bank.'],
        ['<feature>', 'VARCHAR or DOUBLE', 'Value of the feature; DOUBLE with `bands`.'],
      ],
    },
  ],
};

/** Files of the snapshot: the extracted tables of the bank. */
export const snapshotFiles: DescribedFiles = {
  heading: 'Snapshot',
  folder: 'run',
  meaning: 'Tables of the bank as extracted. `customer` and `product` are positions, valid within one run only.',
  files: [
    {
      file: 'snapshot/customers.parquet',
      meaning: 'A row per customer, with the columns that the config needs.',
      columns: [
        ['customer', 'INTEGER', 'Position of the customer, from 0.'],
        ['id', 'VARCHAR', 'Id of the customer in the bank.'],
        ['<number>', 'DOUBLE', 'Column used as a number.'],
        ['<category>', 'VARCHAR', 'Column used as a category.'],
        ['since', 'DATE', 'Date since when the customer is one, with `tables.customers.since`.'],
        ['in_scheme_<scheme>', 'BOOLEAN', 'Whether the customer is in the scheme, for schemes with `where`.'],
        ['rule_<number>', 'BOOLEAN', 'Result of the rule at this position of the config, from 0. Null: unknown.'],
        [
          'feature_<number>',
          'VARCHAR or DOUBLE',
          'Value of the feature at this position of the config, from 0, if it is the same at all dates.',
        ],
        [
          'feature_<number>_<date>',
          'VARCHAR or DOUBLE',
          'Value of a feature at a date, by its position in `features.dates` of `snapshot/manifest.json`.',
        ],
      ],
    },
    {
      file: 'snapshot/products.parquet',
      meaning: 'A row per product.',
      columns: [
        ['product', 'INTEGER', 'Position of the product, from 0.'],
        ['code', 'VARCHAR', 'Code of the product in the bank.'],
        ['name', 'VARCHAR', 'Name of the product.'],
        ['class', 'VARCHAR', 'Class of the product, in words of the bank.'],
        ['group_key', 'VARCHAR', 'Key of equivalent products: code of the first.'],
        ['on_sale', 'BOOLEAN', 'Whether it is on sale on the reference date.'],
        ['upcoming', 'BOOLEAN', 'Whether its sale begins after the reference date.'],
        ['representative', 'INTEGER', 'Position of the product recommended for its group. Null if none is on sale.'],
      ],
    },
    {
      file: 'snapshot/holdings.parquet',
      meaning:
        'A row per valid holding, closed and later ones included. Above 25 million customers also `holdings-1.parquet` and so on.',
      columns: [
        ['customer', 'INTEGER', 'Position of the customer.'],
        ['product', 'INTEGER', 'Position of the product.'],
        ['opened', 'DATE', 'Date of opening. Null: unknown.'],
        ['closed', 'DATE', 'Date of closing. Null: open.'],
      ],
    },
    {
      file: 'snapshot/past.parquet',
      meaning: 'Earlier values of features that change, in order of customers.',
      when: 'features without fixed, with known earlier values',
      columns: [
        ['customer', 'INTEGER', 'Position of the customer.'],
        ['feature_<number>_<date>', 'VARCHAR or DOUBLE', 'Value of a feature at a date, as in `snapshot/customers.parquet`.'],
      ],
    },
    {
      file: 'snapshot/contacts.parquet',
      meaning: 'A row per earlier contact of a known customer with a known product or campaign.',
      when: 'tables.contacts',
      columns: [
        ['customer', 'INTEGER', 'Position of the customer.'],
        ['product', 'INTEGER', 'Position of the product. Null for a contact by campaign.'],
        ['campaign', 'VARCHAR', 'Campaign. Null for a contact by product.'],
        ['contacted', 'DATE', 'Date of the contact.'],
        ['answer', 'VARCHAR', 'Answer of the customer. Null without `answer` in the config.'],
      ],
    },
    {
      file: 'snapshot/unknown-products.csv',
      meaning: 'The 1,000 most frequent texts in holdings that the products table lacks. Not for others: see docs/security.md.',
      columns: [
        ['product', 'text', 'Name or code in the holdings.'],
        ['holdings', 'number', 'Number of holdings with it.'],
      ],
    },
    {
      file: 'snapshot/queries.sql',
      meaning: 'Statements that read the tables of a server.',
      when: 'source.hive, source.spark or source.postgres',
    },
    {
      file: 'snapshot/manifest.json',
      meaning: 'Counts of extracted and excluded rows. Exact: not for others.',
    },
  ],
};
