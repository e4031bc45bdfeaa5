export type { ColumnBatch, ColumnValues, Engine, StatementOptions } from './engine.ts';
export type { ExtractRequest, NamedPredicate } from './extract-request.ts';
export type { CampaignResults, UnitRecommendations, WrittenResults } from './results.ts';
export type { HoldingBatch, Product, Snapshot } from './snapshot.ts';
export { undated } from './snapshot.ts';
export type { HoldingCounts, RuleCounts, SnapshotManifest } from './snapshot-manifest.ts';
export type { DuckdbOptions, TableSource } from './source.ts';
