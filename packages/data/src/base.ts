// Parts that need no engine's library: dialects, addresses of servers, files named in SQL. Commands that read no bank load only
// this entry point.
export { isEncoding } from './duckdb/encoding.ts';
export { fileState } from './duckdb/engine.ts';
export { filesOf, namedFiles, writeAheadLog } from './duckdb/named-files.ts';
export { type SqlFault, type SqlUses, sqlUses, storedPatterns, tableUses } from './duckdb/sql-uses.ts';
export { dateFormatFault } from './engine/date-format.ts';
export { duckdbDialect } from './engine/dialect.ts';
export { hiveDialect, sparkDialect } from './engine/hive-dialect.ts';
export { type PostgresSettings, parseAddress } from './engine/password.ts';
export { postgresDialect } from './engine/postgres-dialect.ts';
export { closingBracket, isName, isSign, isWord, namesIn, type SqlToken, sqlWords } from './engine/sql-tokens.ts';
export { withDate } from './extract/dated-sql.ts';
export { deriveLevels } from './extract/expression.ts';
export { undecidedIn } from './extract/undecided.ts';
