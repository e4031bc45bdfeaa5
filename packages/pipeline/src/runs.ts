// Entry point for commands that read finished runs and need only the path of the output folder. Loads neither the schema of the
// config nor an engine.

export { ifThere, readJson } from '@basketwise/data/base';
export { openConfig } from './config/open-config.ts';
export { type ListedRun, listedRunsText, listRuns } from './report/run-history.ts';
export { rollback, successfulRun } from './run/latest.ts';
export { takeOutput } from './run/output-folder.ts';
