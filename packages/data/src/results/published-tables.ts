import { offerColumns } from './offer-columns.ts';
import { recommendationColumns } from './recommendation-columns.ts';

/** Tables that can be published to a database, each with its column for a customer's order. */
export const publishedTables = {
  recommendations: { columns: recommendationColumns, place: 'rank' },
  offers: { columns: offerColumns, place: 'order' },
} as const;

/** Kind of published rows. */
export type PublishedKind = keyof typeof publishedTables;
