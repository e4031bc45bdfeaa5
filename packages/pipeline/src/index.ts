// Main entry point: the batch job, its config, its runs and their results.

export { publishedOutcomes } from '@basketwise/offers';
export { loadConfig, parseConfig, type Settings, settingsPath } from './config/load.ts';
export { type Config, configJsonSchema } from './config/schema.ts';
export { type JobListener, type JobOptions, jobStages, runJob } from './job.ts';
export { contactsOf } from './outcomes/contact-file.ts';
export { readEarlierRuns } from './outcomes/read-earlier-runs.ts';
export { publicSummary, type RunReport } from './report/run-report.ts';
export { rollback } from './run/latest.ts';
export { StageReached } from './run/run-folder.ts';
export type { StageState } from './run/run-state.ts';
export type { WorkTableAction } from './stages/engine-module.ts';
export { runWorkTables } from './stages/load-engine.ts';
export { runResultsJsonSchema } from './telling/run-results.ts';
