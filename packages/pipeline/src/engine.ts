// What the packages of engines take of the job.
export { type Settings, settingsPath } from './config/load.ts';
export type { SourceConfig } from './drivers/drivers.ts';
export type { PostgresAccess } from './drivers/postgres-settings.ts';
export { checkServer } from './drivers/server-check.ts';
export { serverSource } from './drivers/server-source.ts';
export { tlsSettings } from './drivers/tls-settings.ts';
export type { EngineModule, ResultTarget } from './stages/engine-module.ts';
export { publishedTable } from './stages/published-rows.ts';
export type { RunContext } from './stages/run-context.ts';
