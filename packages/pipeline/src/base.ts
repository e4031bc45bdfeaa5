// Config and run folders: entry point for commands that read no bank. Loads no engine.
export { isPlainDate } from '@basketwise/core/kinds';
export { loadConfig, type Settings, settingsPath } from './config/load.ts';
export { selectCampaigns } from './config/select-campaigns.ts';
export { ifThere, makeFolder, readJson, writeFailure, writeJson, writeWhole } from './run/files.ts';
export { rollback } from './run/latest.ts';
export { takeOutput } from './run/output-folder.ts';
