// Entry point for the packages of engines: parts that the front door does not export.
export { formattedDate } from './engine/date-format.ts';
export type { ColumnType, ColumnValues, RelationOptions } from './engine/engine.ts';
export { interruption } from './engine/interruption.ts';
export { foldedName, quoted } from './engine/postgres-dialect.ts';
export { placeName } from './engine/postgres-settings.ts';
export { isRefusedCertificate, tlsOptions } from './engine/tls.ts';
export { withoutValues } from './engine/without-values.ts';
export { countLater } from './extract/customer-ids.ts';
export { checkCustomerValues } from './extract/customer-values.ts';
export { countCustomers, judgeCustomers, selectIds } from './extract/customers.ts';
export { countProducts, publishSnapshot, sourceQueries } from './extract/extract.ts';
export { addedColumns, featureColumn } from './extract/features.ts';
export { openRelation, refuseFaulty } from './extract/formatted-columns.ts';
export { failOnDates, type HeldCounts, heldCounts, heldCountsOf, holdingCounts } from './extract/holdings.ts';
export { featuresInCustomers } from './extract/past.ts';
export { type KnownProduct, mapProducts } from './extract/product-texts.ts';
export { extractProducts } from './extract/products.ts';
export { checkServer, type SourceCheck } from './extract/server-check.ts';
export { countJoined, joinHoldings } from './extract/sorted-holdings.ts';
export type { SourceTable } from './extract/source-table.ts';
export { openSources } from './extract/sources.ts';
export {
  derivedFrom,
  joinedWhen,
  nameBeside,
  predicatesOf,
  ruleColumn,
  selectCustomers,
  selectHoldings,
} from './extract/statement.ts';
export { writeUnknownProducts } from './extract/unknown-products.ts';
export { makePath } from './files/make-path.ts';
export type { CampaignRows } from './results/campaign-counts.ts';
export { countCampaigns, countsDiffer } from './results/campaign-counts.ts';
export { type PublishedKind, publishedTables } from './results/published-tables.ts';
