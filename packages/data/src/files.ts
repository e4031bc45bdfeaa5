// Files and folders: entry point for code that needs neither SQL nor an engine.
export { hashFile } from './engine/hash-file.ts';
export { ifThere } from './engine/if-there.ts';
export { makeFolder, removePath, writeFailure } from './engine/make-folder.ts';
export { readWhole } from './engine/open-file.ts';
export { syncPath } from './engine/sync-path.ts';
