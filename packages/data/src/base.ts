// Parts that need no engine's library: dialects, addresses of servers, files. Commands that read no bank load only this entry point.
export { isEncoding } from './duckdb/encoding.ts';
export { fileState } from './duckdb/file-state.ts';
export { filesOf, namedFiles, writeAheadLog } from './duckdb/named-files.ts';
export { type SqlFault, type SqlUses, sqlUses, storedPatterns, tableUses } from './duckdb/sql-uses.ts';
export { duckdbDialect } from './engine/dialect.ts';
export { hashFile } from './engine/hash-file.ts';
export { hiveDialect, sparkDialect } from './engine/hive-dialect.ts';
export { ifThere } from './engine/if-there.ts';
export { makeFolder, removePath, writeFailure } from './engine/make-folder.ts';
export { readWhole } from './engine/open-file.ts';
export { postgresDialect } from './engine/postgres-dialect.ts';
export { type PostgresSettings, parseAddress } from './engine/postgres-settings.ts';
export { namesIn } from './engine/sql-tokens.ts';
export { syncPath } from './engine/sync-path.ts';
export { withDate } from './extract/dated-sql.ts';
export { deriveLevels } from './extract/expression.ts';
export { undecidedIn } from './extract/undecided.ts';
