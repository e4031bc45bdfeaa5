// Entry point for the packages of engines (hive, postgres). They also import from parts.ts.

export { makeFolder } from '@basketwise/data/files';
export { type Settings, settingsPath } from './config/load.ts';
export type { ClusterConfig } from './config/schema-clusters.ts';
export { writtenAs } from './config/written-as.ts';
export type { WorkTables } from './drivers/driver.ts';
export { type SourceConfig, serverSource } from './drivers/drivers.ts';
export {
  addressOf,
  type HiveLike,
  type HiveServer,
  type HiveSource,
  membersOf,
  offersTableOf,
  type PostgresAccess,
  protectionSettings,
} from './drivers/server-settings.ts';

export { codeSql } from './features/codes.ts';
export type { FeatureSummary } from './features/feature-file.ts';
export { hasFeatures } from './features/feature-plan.ts';
export { type FeatureValues, fitCodingsOf } from './features/fit-codings.ts';
export { runName } from './run/identity.ts';
export type { StageResult } from './run/run-folder.ts';
export type { EngineModule, ResultTarget, WorkTable, WorkTableAction, WorkTableOptions } from './stages/engine-module.ts';
export { makeFeatures } from './stages/features.ts';
export { publishedTable, suppressedFile, writeSuppressed } from './stages/publish.ts';

export type { RunContext } from './stages/run-context.ts';
export { reportSegments } from './stages/segment.ts';
export type { JobBank, LearnedCampaign, Site } from './stages/site.ts';
export { listCampaign } from './stages/train.ts';
