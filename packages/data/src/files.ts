// Files and folders: entry point for code that needs neither SQL nor an engine.
export { type FileRecord, isAsRecorded, recordFile } from './files/file-record.ts';
export { hashFile } from './files/hash-file.ts';
export { ifThere, succeeds } from './files/if-there.ts';
export { makeFolder, makeLastingFolder, removePath } from './files/make-folder.ts';
export { readWhole } from './files/open-file.ts';
export { readJson, readShaped } from './files/read-json.ts';
export { removeUnfinished } from './files/remove-unfinished.ts';
export { resolveLinks } from './files/resolve-links.ts';
export {
  exactObject,
  listOf,
  nullable,
  numberShape,
  objectOf,
  oneOf,
  optional,
  recordOf,
  type Shape,
  shapeOf,
  textShape,
  type ValueOf,
} from './files/shape.ts';
export { syncNames, syncPath } from './files/sync-path.ts';
export { takeFiles } from './files/take-files.ts';
export { writeFailure } from './files/write-failure.ts';
export { jsonText, nameFinished, writeJson, writeWhole } from './files/write-whole.ts';
