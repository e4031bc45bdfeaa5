export { isEncoding } from './duckdb/encoding.ts';
export { type DuckdbEngine, fileState, openDuckdb } from './duckdb/engine.ts';
export { localRows } from './duckdb/local-rows.ts';
export { filesOf, namedFiles, writeAheadLog } from './duckdb/named-files.ts';
export { type SqlFault, type SqlUses, sqlUses, storedPatterns, tableUses } from './duckdb/sql-uses.ts';
export { type AppendColumn, appendColumns } from './duckdb/table-appender.ts';
export { dateFormatFault, formattedDate } from './engine/date-format.ts';
export { type Dialect, duckdbDialect, type TypeKind } from './engine/dialect.ts';
export {
  type ColumnBatch,
  type ColumnType,
  type ColumnValues,
  type Engine,
  interruption,
  type Relation,
  type RelationOptions,
  type StatementOptions,
} from './engine/engine.ts';
export { hiveDialect, sparkDialect } from './engine/hive-dialect.ts';
export {
  exposedPassword,
  isExposed,
  type Login,
  type PostgresSettings,
  parseAddress,
  placeName,
  withoutPassword,
} from './engine/password.ts';
export { foldedName, postgresDialect, quoted } from './engine/postgres-dialect.ts';
export { queryCounts, queryRows, type Scalar } from './engine/query-rows.ts';
export type { DuckdbOptions, TableSource } from './engine/source.ts';
export { closingBracket, isName, isSign, isWord, namesIn, type SqlToken, sqlWords, withoutValues } from './engine/sql-tokens.ts';
export { isRefusedCertificate, type TlsSettings, tlsOptions } from './engine/tls.ts';
export {
  type ConsentMeaning,
  consentMeaning,
  consentSense,
  listOf,
  statusWords,
  wordScore,
  wordsIn,
  yesOf,
} from './extract/consent-sense.ts';
export { countLater } from './extract/customer-ids.ts';
export { checkCustomerValues } from './extract/customer-values.ts';
export { countCustomers, judgeCustomers, selectIds } from './extract/customers.ts';
export { mentionsDate, withDate } from './extract/dated-sql.ts';
export { deriveLevels, withDerivedTexts } from './extract/expression.ts';
export { countProducts, type ExtractOptions, extractSnapshot, publishSnapshot, sourceQueries } from './extract/extract.ts';
export {
  type CheckedSources,
  type ChoiceSizes,
  checkSources,
  type DataFaults,
  findDataFaults,
  type SourceRows,
} from './extract/faults/data-faults.ts';
export { type DataFault, mostlyRepeated } from './extract/faults/fault.ts';
export { repeatedHint } from './extract/faults/holding-faults.ts';
export { addedColumns, featureColumn, sinceColumn } from './extract/features.ts';
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
export { daysQuery, newestCertainDay, newestDay } from './extract/newest-day.ts';
export { featuresInCustomers } from './extract/past.ts';
export { comparable, compareUtf8 } from './extract/product-groups.ts';
export { type KnownProduct, mapProducts, writeUnknownProducts } from './extract/product-texts.ts';
export { extractProducts, filledProducts } from './extract/products.ts';
export type { ExtractRequest, FeatureRequest, NamedPredicate } from './extract/request.ts';
export { checkServer, type SourceCheck } from './extract/server-check.ts';
export { countJoined, joinHoldings } from './extract/sorted-holdings.ts';
export type { SourceTable } from './extract/source-table.ts';
export { openSources } from './extract/sources.ts';
export {
  derivedFrom,
  farDay,
  joinedWhen,
  nameBeside,
  predicatesOf,
  ruleColumn,
  selectCustomers,
  selectHoldings,
} from './extract/statement.ts';
export { undecidedIn } from './extract/undecided.ts';
export { areKeysOfOne, findVersions } from './extract/versions.ts';
export { makePath } from './files/make-folder.ts';
export { type CampaignRows, countCampaigns, countsDiffer, type PublishedCounts } from './results/campaign-counts.ts';
export { writeJoinedResults } from './results/join-lists.ts';
export { type PublishedKind, publishedRelation, publishedTables, type WrittenStyle } from './results/offer-columns.ts';
export { recommendationColumns } from './results/recommendation-columns.ts';
export type { ColumnOrigin } from './results/result-columns.ts';
export type { CsvStyle, OfferResults, ResultOptions } from './results/results.ts';
export { csvRelation, formOfCsv, unescapedText, writeCsv } from './results/results-csv.ts';
export { writeOffers } from './results/write-offers.ts';
export { writeResults } from './results/write-results.ts';
export {
  type ConsentColumn,
  hasContacts,
  isSnapshotManifest,
  type SnapshotFeatures,
  type SnapshotManifest,
  snapshotTables,
  trainedOn,
  type UnnamedStatus,
} from './snapshot/manifest.ts';
export { openSnapshot } from './snapshot/open.ts';
export { openOn, type Snapshot, withCustomers } from './snapshot/snapshot.ts';
