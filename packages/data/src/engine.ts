// What the packages of engines take besides the front door.
export type { ColumnType, ColumnValues, RelationOptions } from './engine/engine.ts';
export { interruption } from './engine/interruption.ts';
export { foldedName, quoted } from './engine/postgres-dialect.ts';
export { placeName } from './engine/postgres-settings.ts';
export { isRefusedCertificate, tlsOptions } from './engine/tls.ts';
export { withoutValues } from './engine/without-values.ts';
export { countCampaigns, countsDiffer } from './results/campaign-counts.ts';
export { type PublishedKind, publishedTables } from './results/published-tables.ts';
