export { isEncoding } from './duckdb/encoding.ts';
export { type DuckdbEngine, openDuckdb } from './duckdb/engine.ts';
export { fileState } from './duckdb/file-state.ts';
export { localRows } from './duckdb/local-rows.ts';
export { filesOf, namedFiles, writeAheadLog } from './duckdb/named-files.ts';
export { type SqlFault, type SqlUses, sqlUses, storedPatterns, tableUses, type WrittenSql } from './duckdb/sql-uses.ts';
export { type AppendColumn, appendColumns } from './duckdb/table-appender.ts';
export { type Dialect, duckdbDialect, type TypeKind } from './engine/dialect.ts';
export type { ColumnBatch, Engine, Relation, StatementOptions } from './engine/engine.ts';
export { hashFile } from './engine/hash-file.ts';
export { ifThere } from './engine/if-there.ts';
export { makeFolder, removePath, writeFailure } from './engine/make-folder.ts';
export { readWhole } from './engine/open-file.ts';
export { postgresDialect } from './engine/postgres-dialect.ts';
export { type PostgresSettings, parseAddress } from './engine/postgres-settings.ts';
export { queryCounts, queryRows, type Scalar } from './engine/query-rows.ts';
export type { DuckdbOptions, TableSource } from './engine/source.ts';
export { syncPath } from './engine/sync-path.ts';
export type { TlsSettings } from './engine/tls.ts';
export { type CheckedSources, checkSources, type SourceRows } from './extract/check-sources.ts';
export { consentWords, refusalWords, wordScore, wordsIn } from './extract/column-words.ts';
export { mentionsDate, withDate } from './extract/dated-sql.ts';
export { withDerivedTexts } from './extract/expression.ts';
export { type ExtractOptions, extractSnapshot } from './extract/extract.ts';
export { type DataFaults, findDataFaults } from './extract/faults/data-faults.ts';
export type { DataFault } from './extract/faults/fault.ts';
export { sinceColumn } from './extract/features.ts';
export { comparable, compareUtf8 } from './extract/product-groups.ts';
export type { ExtractRequest, FeatureRequest, NamedPredicate } from './extract/request.ts';
export { undecidedIn } from './extract/undecided.ts';
export { bringRows } from './hive/bring.ts';
export { basketColumns, condenseInHive, countHoldersInHive, productClasses } from './hive/condense.ts';
export { hiveDialect, sparkDialect } from './hive/dialect.ts';
export { HiveEngine, type HiveStatementOptions } from './hive/engine.ts';
export {
  type HivePublication,
  type PublishStep,
  publishedColumns,
  publishRowsToHive,
  publishToHive,
  type RowsToPublish,
} from './hive/publish.ts';
export { customerCounts, purchaseCounts } from './hive/purchase-counts.ts';
export { RunTables } from './hive/run-tables.ts';
export { type HiveSettings, serverName } from './hive/settings.ts';
export {
  acquiredCells,
  clustersText,
  firstOpened,
  type LearningDates,
  makeAcquired,
  type WindowDates,
  windowCells,
} from './hive/window-cells.ts';
export {
  createWorkTables,
  dropWorkTables,
  fromWorkTables,
  planWorkTables,
  type WorkTable,
  type WorkTables,
} from './hive/work-tables.ts';
export type { PublishedCounts } from './results/campaign-counts.ts';
export { type UnitLists, writeJoinedResults } from './results/join-lists.ts';
export { publishedRelation, type WrittenStyle } from './results/read-results.ts';
export { recommendationColumns } from './results/recommendation-columns.ts';
export type { CsvStyle, OfferResults, ResultOptions } from './results/results.ts';
export { writeOffers } from './results/write-offers.ts';
export { writeResults } from './results/write-results.ts';
export { hasContacts, type SnapshotFeatures, type SnapshotManifest, snapshotTables, trainedOn } from './snapshot/manifest.ts';
export { openSnapshot } from './snapshot/open.ts';
export { openOn } from './snapshot/open-on.ts';
export type { Snapshot } from './snapshot/snapshot.ts';
export { withCustomers } from './snapshot/some-customers.ts';
