// Entry point for code that needs neither SQL nor an engine: files and folders, and numbers of customers that can be published.
export { type FileRecord, isAsRecorded, isFileRecord, isInside, recordFile } from './files/file-record.ts';
export { makeFolder, makeLastingFolder, removePath, resolveLinks } from './files/make-folder.ts';
export { hashFile, ifThere, readWhole, succeeds } from './files/open-file.ts';
export {
  exactObject,
  listOf,
  nullable,
  numberShape,
  objectOf,
  oneOf,
  optional,
  readJson,
  readShaped,
  recordOf,
  type Shape,
  shapeOf,
  textShape,
  type ValueOf,
} from './files/shape.ts';
export { syncNames, syncPath, writeFailure } from './files/sync-path.ts';
export { jsonText, nameFinished, removeUnfinished, takeFiles, writeJson, writeWhole } from './files/write-whole.ts';
export {
  countText,
  countWords,
  dash,
  hideBeside,
  type PublishedCount,
  percent,
  percentOf,
  publishedCount,
  publishedMiddle,
  publishedParts,
  publishedRange,
  publishedRecord,
  publishedShare,
  publishedShares,
  publishedValue,
  smallestPublished,
} from './published/published-count.ts';
