import { join } from 'node:path';
import type { Dialect } from '../engine/dialect.ts';
import { textDictionary } from './parquet-column.ts';
import { recommendationColumns } from './recommendation-columns.ts';
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
  textIds,
} from './result-columns.ts';
import { csvRelation, unescapedText } from './results-csv.ts';

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

/** Tables that can be published to a database. Each names the column that orders the rows of a customer. */
export const publishedTables = {
  recommendations: { columns: recommendationColumns, place: 'rank' },
  offers: { columns: offerColumns, place: 'order' },
} as const;

/** Which rows are published: recommendations or offers. */
export type PublishedKind = keyof typeof publishedTables;

/** How a run wrote its results: the keys of the config's `output` that a reader needs. */
export interface WrittenStyle {
  formats: readonly ('parquet' | 'csv')[];
  escape_formulas: boolean;
  csv?: { delimiter: string } | undefined;
  parquet?: { integer_ids: boolean } | undefined;
}

const columnsOfResults = { recommendations: recommendationColumns, offers: offerColumns };

/** SQL relation, in DuckDB, of a results file of a run. Integer ids are texts again, and escaped texts are restored. */
export function publishedRelation(
  { text, identifier }: Pick<Dialect, 'text' | 'identifier'>,
  folder: string,
  { formats, escape_formulas: isEscaped, csv, parquet }: WrittenStyle,
  name: keyof typeof columnsOfResults = 'recommendations',
): string {
  if (formats.includes('parquet')) {
    const file = `read_parquet(${text(join(folder, `${name}.parquet`))})`;
    return parquet?.integer_ids ? textIds(file) : file;
  }
  const columns = columnsOfResults[name];
  const read = csvRelation({ text, identifier }, join(folder, `${name}.csv`), { delimiter: csv?.delimiter ?? ',' }, columns);
  const bankTexts = columns.filter(({ bankText }) => bankText).map((column) => `${unescapedText(column.name)} AS ${column.name}`);
  return isEscaped ? `(SELECT * REPLACE (${bankTexts.join(', ')}) FROM ${read})` : read;
}
