// Entry point for the packages of engines (hive, postgres). They also import from parts.ts.

export { makeFolder } from '@basketwise/data/files';
export { type Settings, settingsPath } from './config/load.ts';
export type { ClusterConfig } from './config/schema-clusters.ts';
export { writtenAs } from './config/written-as.ts';
export type { WorkTables } from './drivers/driver.ts';
export type { SourceConfig } from './drivers/drivers.ts';
export { addressOf, type HiveLike, type HiveServer, type HiveSource, membersOf, offersTableOf } from './drivers/hive-settings.ts';
export type { PostgresAccess } from './drivers/postgres-settings.ts';
export { serverSource } from './drivers/server-source.ts';
export { tlsSettings } from './drivers/tls-settings.ts';
export { codeSql } from './features/code-sql.ts';
export { hasFeatures } from './features/feature-plan.ts';
export type { FeatureSummary } from './features/feature-summary.ts';
export { type FeatureValues, fitCodingsOf } from './features/fit-codings.ts';
export { runName } from './run/identity.ts';
export type { StageResult } from './run/run-folder.ts';
export type { EngineModule, ResultTarget, WorkTable, WorkTableAction, WorkTableOptions } from './stages/engine-module.ts';
export { makeFeatures } from './stages/features.ts';
export { listCampaign } from './stages/learned-campaign.ts';
export { suppressedFile, writeSuppressed } from './stages/publish.ts';
export { publishedTable } from './stages/published-rows.ts';
export type { RunContext } from './stages/run-context.ts';
export { reportSegments } from './stages/segment.ts';
export type { JobBank, LearnedCampaign, Site } from './stages/site.ts';
