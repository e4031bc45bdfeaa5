// Finished runs of an output folder: entry point for commands that need only its path. Loads neither the config's schema nor an
// engine.

export { ifThere, readJson } from '@basketwise/data/files';
export { openConfig } from './config/open-config.ts';
export { type ListedRun, listedRunsText, listRuns } from './report/run-history.ts';
export { rollback, successfulRun } from './run/latest.ts';
export { takeOutput } from './run/output-folder.ts';
