import { offerColumns } from './offer-columns.ts';
import { recommendationColumns } from './recommendation-columns.ts';

/** Each table that can be published to a database, and the column of a customer's order in it. */
export const publishedTables = {
  recommendations: { columns: recommendationColumns, place: 'rank' },
  offers: { columns: offerColumns, place: 'order' },
} as const;

/** Kinds of rows that are published. */
export type PublishedKind = keyof typeof publishedTables;
