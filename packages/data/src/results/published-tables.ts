import { offerColumns } from './offer-columns.ts';
import { recommendationColumns } from './recommendation-columns.ts';

/** Tables that can be published to a database. Each names the column that orders the rows of a customer. */
export const publishedTables = {
  recommendations: { columns: recommendationColumns, place: 'rank' },
  offers: { columns: offerColumns, place: 'order' },
} as const;

/** Which rows are published: recommendations or offers. */
export type PublishedKind = keyof typeof publishedTables;
