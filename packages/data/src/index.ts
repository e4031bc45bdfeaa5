export type { Dialect, TypeKind } from './dialect.ts';
export { type DuckdbEngine, openDuckdb } from './duckdb.ts';
export type { ColumnBatch, ColumnType, ColumnValues, Engine, Relation, RelationOptions, StatementOptions } from './engine.ts';
export { type ExtractOptions, extractSnapshot } from './extract.ts';
export type { ExtractRequest, NamedPredicate } from './extract-request.ts';
export { checkSources, type SourceRows } from './extract-sources.ts';
export { bringRows } from './hive/bring.ts';
export { basketColumns, type CondenseRequest, condenseInHive, countHolders, productClasses } from './hive/condense.ts';
export { HiveEngine, type HiveStatementOptions } from './hive/engine.ts';
export {
  type HivePublication,
  type PublishedCampaign,
  type PublishOptions,
  type PublishStep,
  publishedColumns,
  publishRowsToHive,
  publishToHive,
  type RowsToPublish,
} from './hive/publish.ts';
export { RunTables } from './hive/run-tables.ts';
export type { HiveSettings } from './hive/settings.ts';
export {
  createWorkTables,
  dropWorkTables,
  fromWorkTables,
  planWorkTables,
  type WorkTable,
  type WorkTables,
} from './hive/work-tables.ts';
export { type JoinedLists, writeJoinedResults } from './join-lists.ts';
export { openSnapshot } from './open-snapshot.ts';
export { comparable, compareUtf8 } from './product-groups.ts';
export { queryRows, type Scalar } from './query-rows.ts';
export {
  type CampaignResults,
  type ResultOptions,
  recommendationColumns,
  type UnitRecommendations,
  type WrittenResults,
} from './results.ts';
export type { HoldingBatch, Product, Snapshot } from './snapshot.ts';
export { undated } from './snapshot.ts';
export type { HoldingCounts, RuleCounts, SnapshotManifest } from './snapshot-manifest.ts';
export type { DuckdbOptions, TableSource } from './source.ts';
export { stage as stageQuery } from './stage.ts';
export { type AppendColumn, appendColumns } from './table-appender.ts';
export { writeResults } from './write-results.ts';
