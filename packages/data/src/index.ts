export { type DuckdbEngine, openDuckdb } from './duckdb/engine.ts';
export { localRows } from './duckdb/local-rows.ts';
export { type AppendColumn, appendColumns } from './duckdb/table-appender.ts';
export { type Dialect, duckdbDialect, type TypeKind } from './engine/dialect.ts';
export type { ColumnBatch, Engine, Relation, StatementOptions } from './engine/engine.ts';
export { hiveDialect, sparkDialect } from './engine/hive-dialect.ts';
export { type PostgresSettings, parseAddress } from './engine/password.ts';
export { postgresDialect } from './engine/postgres-dialect.ts';
export { queryCounts, queryRows, type Scalar } from './engine/query-rows.ts';
export type { DuckdbOptions, TableSource } from './engine/source.ts';
export type { TlsSettings } from './engine/tls.ts';
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
export { mentionsDate, withDate } from './extract/dated-sql.ts';
export { withDerivedTexts } from './extract/expression.ts';
export { type ExtractOptions, extractSnapshot } from './extract/extract.ts';
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
export { sinceColumn } from './extract/features.ts';
export { daysQuery, newestCertainDay, newestDay } from './extract/newest-day.ts';
export { comparable, compareUtf8 } from './extract/product-groups.ts';
export type { ExtractRequest, FeatureRequest, NamedPredicate } from './extract/request.ts';
export { farDay } from './extract/statement.ts';
export { areKeysOfOne, findVersions } from './extract/versions.ts';
export type { PublishedCounts } from './results/campaign-counts.ts';
export { writeJoinedResults } from './results/join-lists.ts';
export { publishedRelation, type WrittenStyle } from './results/offer-columns.ts';
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
