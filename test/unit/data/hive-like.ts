import { AppError } from '@basketwise/core';
import { closingBracket, type DuckdbEngine, type Engine, hiveDialect, type SqlToken, sqlWords } from '@basketwise/data';

/**
 * DuckDB behind Hive's dialect: refuses what Hive refuses by default, or with the checks that a bank can set, and runs the rest.
 * Files have their columns, and rows have no order.
 */
export function hiveLike(duckdb: DuckdbEngine): Engine {
  return {
    dialect: hiveDialect,
    query: (sql, options) => duckdb.query(inDuckdb(sql), options),
    run: (sql, options) => duckdb.run(inDuckdb(sql), options),
    tables: () => duckdb.tables(),
    async columns(from, options) {
      const columns = await duckdb.columns(inDuckdb(from), options);
      return columns.map(({ name, type }) => ({ name, type: hiveType(type) }));
    },
    async relation(source, options) {
      const { from, label } = await duckdb.relation(source, options);
      // DuckDB's SQL that reads the file is a table of Hive's.
      const table = `TABLE_${tables.size}`;
      tables.set(table, from);
      return { from: table, label };
    },
    close: () => duckdb.close(),
  };
}

/** Relations of DuckDB, by their names in Hive. */
const tables = new Map<string, string>();

function hiveType(type: string): string {
  if (type === 'VARCHAR') return 'string';
  return type === 'HUGEINT' ? 'decimal(38,0)' : type.toLowerCase();
}

/** Statement of Hive in DuckDB's SQL. @throws AppError bad-data for what Hive refuses */
function inDuckdb(sql: string): string {
  const words = sqlWords(hiveDialect, sql);
  const refused = words.map((_, i) => refusalAt(words, i)).find((reason) => reason !== undefined);
  if (refused !== undefined) throw new AppError('bad-data', `Hive refuses ${refused}: ${sql}`, '');
  const parts = words.map(({ kind, value, start, end }, i) => {
    if (kind === 'name') return `"${value.replaceAll('"', '""')}"`;
    if (kind === 'text') return `'${value.replaceAll("'", "''")}'`;
    const word = value.toUpperCase();
    if (kind === 'word' && word === 'CAST') return 'TRY_CAST';
    if (kind === 'word' && word === 'RLIKE') return '~';
    if (kind === 'word' && word === 'STRING' && wordAt(words, i - 1) === 'AS') return 'VARCHAR';
    return tables.get(value) ?? sql.slice(start, end);
  });
  // A sign may be part of an operator.
  return parts.map((part, i) => (words[i]!.end === words[i + 1]?.start ? part : `${part} `)).join('');
}

function refusalAt(words: readonly SqlToken[], i: number): string | undefined {
  const word = wordAt(words, i);
  if (word === 'BY' && ['GROUP', 'ORDER'].includes(wordAt(words, i - 1)) && hasPosition(words, i + 1))
    return 'positions of columns';
  if (word === 'CROSS' && wordAt(words, i + 1) === 'JOIN') return 'a cross join';
  if (['FILTER', 'QUALIFY', 'EXCLUDE', 'SAMPLE'].includes(word)) return word;
  if (words[i]!.value === ':' && words[i + 1]?.value === ':') return 'a cast by colons';
  const isTable = ['FROM', 'JOIN'].includes(wordAt(words, i - 1)) && words[i]!.value === '(';
  const after = isTable ? words[closingBracket(words, i) + 1] : undefined;
  if (isTable && after?.kind !== 'word') return 'a query in FROM without a name';
  return undefined;
}

/** Whether an item of GROUP BY or ORDER BY, which begin at `first`, is a number. */
function hasPosition(words: readonly SqlToken[], first: number): boolean {
  for (let i = first; i < words.length; i++) {
    if (words[i]!.kind === 'number') return true;
    while (i < words.length && words[i]!.value !== ',') {
      if (words[i]!.value === ')') return false;
      i = words[i]!.value === '(' ? closingBracket(words, i) + 1 : i + 1;
    }
  }
  return false;
}

function wordAt(words: readonly SqlToken[], i: number): string {
  return words[i]?.kind === 'word' ? words[i]!.value.toUpperCase() : '';
}
