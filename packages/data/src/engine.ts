// Entry point for the packages of engines: parts that the front door does not export.
export { formattedDate } from './engine/date-format.ts';
export { type ColumnType, type ColumnValues, interruption, type RelationOptions } from './engine/engine.ts';

export { exposedPassword, isExposed, type Login, placeName, withoutPassword } from './engine/password.ts';
export { foldedName, quoted } from './engine/postgres-dialect.ts';
export { withoutValues } from './engine/sql-tokens.ts';
export { isRefusedCertificate, tlsOptions } from './engine/tls.ts';
export { countLater } from './extract/customer-ids.ts';
export { checkCustomerValues } from './extract/customer-values.ts';
export { countCustomers, judgeCustomers, selectIds } from './extract/customers.ts';
export { countProducts, publishSnapshot, sourceQueries } from './extract/extract.ts';
export { addedColumns, featureColumn } from './extract/features.ts';
export { narrowText, openRelation, refuseFaulty } from './extract/formatted-columns.ts';
export {
  failOnDates,
  filledHoldings,
  type HeldCounts,
  heldCounts,
  heldCountsOf,
  holdingCounts,
  newestOpened,
} from './extract/holdings.ts';
export { featuresInCustomers } from './extract/past.ts';
export { type KnownProduct, mapProducts, writeUnknownProducts } from './extract/product-texts.ts';
export { extractProducts, filledProducts } from './extract/products.ts';
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

export { makePath } from './files/make-folder.ts';
export { type CampaignRows, countCampaigns, countsDiffer } from './results/campaign-counts.ts';

export { type PublishedKind, publishedTables } from './results/offer-columns.ts';
