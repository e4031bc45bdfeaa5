import { closingBracket, type duckdbDialect, isName, isSign, isWord, type SqlToken, sqlWords } from '@basketwise/data';
import { driverOf } from '../drivers/drivers.ts';
import { checkRising } from './check-features.ts';
import { sqlOf } from './config-sql.ts';
import type { ReportProblem } from './problems.ts';
import type { Config } from './schema.ts';
import { protectedColumns } from './schema-validation.ts';

/** Reason why no model may use a column, by its name in lower case: it is protected, or derived from protected columns. */
type ColumnReasons = ReadonlyMap<string, string>;
type SqlDialect = Pick<typeof duckdbDialect, 'lexis' | 'quote'>;

function reasonsOf({ validation, derive }: Config, dialect: SqlDialect): ColumnReasons {
  const reasons = new Map(protectedColumns(validation).map(({ column }) => [column.toLowerCase(), `\`${column}\` is protected`]));
  let before = 0;
  while (before < reasons.size) {
    before = reasons.size;
    for (const [name, sql] of Object.entries(derive)) {
      const reason = reasonIn(dialect, sql, reasons);
      if (reason !== undefined && !reasons.has(name.toLowerCase()))
        reasons.set(name.toLowerCase(), `\`${name}\` is derived, and ${reason}`);
    }
  }
  return reasons;
}

/** Names of second columns: if a table has two columns `sex`, DuckDB names the second `sex_1` or `sex:1`. */
const copyName = /^(.+)[_:][1-9]$/;

/** Reason why a model may not use a column, which can be a second one of a protected name. Undefined if it may. */
function reasonOf(name: string, reasons: ColumnReasons): string | undefined {
  const first = copyName.exec(name.toLowerCase())?.[1];
  const reason = reasons.get(name.toLowerCase());
  if (reason !== undefined || first === undefined) return reason;
  const ofFirst = reasonOf(first, reasons);
  return ofFirst && `${ofFirst}, and \`${name}\` can be a second one`;
}

/** Reason why a model may not use an expression over a table: it names a protected column, or it has all columns. */
function reasonIn(dialect: SqlDialect, sql: string, reasons: ColumnReasons, table = 'customers'): string | undefined {
  const tokens = sqlWords(dialect, sql);
  const [name] = protectedIn(tokens, reasons);
  if (name !== undefined) return reasonOf(name, reasons);
  const whole = tokens.find(
    (token, i) =>
      (isSign(token, '*') && isSign(tokens[i - 1], '(', ',', '.') && !isWord(tokens[i - 2], 'count')) ||
      (isWord(token, 'columns') && isSign(tokens[i + 1], '(')) ||
      (isName(token) && token.value.toLowerCase() === table && !isSign(tokens[i - 1], '.') && !isSign(tokens[i + 1], '.')),
  );
  const [first] = reasons.values();
  return whole && `${first}, and \`${whole.value}\` has all columns (name the columns that you need)`;
}

/** Names of protected columns among the tokens. */
function protectedIn(tokens: readonly SqlToken[], reasons: ColumnReasons): string[] {
  return tokens.flatMap((token) =>
    isName(token) && reasonOf(token.value, reasons) !== undefined ? [token.value.toLowerCase()] : [],
  );
}

/**
 * Name of a protected column from which a select list, or the REPLACE of a `*`, makes a column of another name. Undefined if there
 * is none. A query can also rename columns that it does not name, such as those of a `*` by their position in a UNION.
 */
function renamedIn(dialect: SqlDialect, sql: string, reasons: ColumnReasons): string | undefined {
  const tokens = sqlWords(dialect, sql);
  for (const [i, token] of tokens.entries()) {
    const isReplace = isWord(token, 'replace') && isSign(tokens[i - 1], '*');
    if (!isReplace && !isWord(token, 'select')) continue;
    const from = isReplace ? i + 2 : i + 1;
    for (const item of itemsOf(tokens.slice(from, isReplace ? closingBracket(tokens, i + 1) : endOfList(tokens, from)))) {
      const renamed = protectedIn(item, reasons).find((name) => name !== outputOf(item));
      if (renamed !== undefined) return renamed;
    }
  }
  return undefined;
}

/** Position of the FROM after a select list, or of the end of its query. */
function endOfList(tokens: readonly SqlToken[], from: number): number {
  let at = from;
  for (; at < tokens.length && !isSign(tokens[at], ')'); at++) {
    if (isSign(tokens[at], '(')) at = closingBracket(tokens, at);
    else if (isWord(tokens[at], 'union', 'except', 'intersect') && !isSign(tokens[at - 1], '*')) return at;
    else if (isWord(tokens[at], 'from') && !isWord(tokens[at - 1], 'distinct')) return at;
  }
  return at;
}

/** Items of a select list. Columns that a `*` leaves out, and those of its REPLACE, belong to no item. */
function itemsOf(tokens: readonly SqlToken[]): SqlToken[][] {
  const items: SqlToken[][] = [[]];
  for (let i = 0; i < tokens.length; i++) {
    const end = isSign(tokens[i], '(') ? closingBracket(tokens, i) : i;
    const isOfStar = isSign(tokens[i - 1], '*') && isWord(tokens[i], 'exclude', 'except', 'replace');
    if (isOfStar) i = isSign(tokens[i + 1], '(') ? closingBracket(tokens, i + 1) : i + 1;
    else if (isSign(tokens[i], ',')) items.push([]);
    else {
      items.at(-1)!.push(...tokens.slice(i, end + 1));
      i = end;
    }
  }
  return items;
}

/** Name of the column that an item of a select list makes, in lower case. Undefined if the item names none. */
function outputOf(item: readonly SqlToken[]): string | undefined {
  const [last, before] = [item.at(-1), item.at(-2)];
  const isPlain = before === undefined || isSign(before, '.') || isWord(before, 'as', 'distinct', 'all');
  return isName(last) && isPlain ? last!.value.toLowerCase() : undefined;
}

/**
 * Reports every use of a protected column by a model. Features and the cluster schemes of campaigns must not use a protected
 * column, even through derived columns. The SQL of a table may return a protected column only under its own name. Rules and
 * segments may use protected columns, because they change no score.
 */
export function checkProtected(config: Config, report: ReportProblem): void {
  checkProtectedColumns(config, report);
  const { dialect } = driverOf(config.source);
  const reasons = reasonsOf(config, dialect);
  if (reasons.size === 0) return;
  for (const { path, sql, isQuery } of sqlOf(config)) {
    if (path[0] !== 'features' && path[0] !== 'tables') continue;
    const renamed = isQuery ? renamedIn(dialect, sql, reasons) : undefined;
    const reason = isQuery ? undefined : reasonIn(dialect, sql, reasons, path[1] === 'holdings' ? 'holdings' : 'customers');
    if (renamed !== undefined)
      report(path, `${reasonOf(renamed, reasons)}, so that no model may use it: select it only under its own name`);
    if (reason !== undefined) report(path, `${reason}, so that no model may use it: leave it out`);
  }
  for (const [name, feature] of Object.entries(config.features ?? {})) {
    const reason = 'column' in feature ? reasonOf(feature.column, reasons) : undefined;
    if (reason !== undefined)
      report(['features', name, 'column'], `${reason}, so that no model may rank by it: leave the feature out`);
  }
  for (const [name, { by_cluster: scheme }] of Object.entries(config.campaigns)) {
    const reason = scheme === undefined ? undefined : reasonOfScheme(config, scheme, dialect, reasons);
    if (reason !== undefined)
      report(
        ['campaigns', name, 'by_cluster'],
        `clusters of \`${scheme}\` use a protected column: ${reason}. Name another scheme`,
      );
  }
}

/** Reports columns that `validation.protected` lists twice, and bounds that do not rise. */
function checkProtectedColumns({ validation }: Config, report: ReportProblem): void {
  const columns = protectedColumns(validation);
  for (const [i, { column, bands }] of columns.entries()) {
    const path = ['validation', 'protected', i];
    if (columns.slice(0, i).some((other) => other.column.toLowerCase() === column.toLowerCase()))
      report(path, `column \`${column}\` is listed twice`);
    if (bands !== null) checkRising(bands, [...path, 'bands'], report);
  }
}

/** Reason why a cluster scheme uses a protected column; undefined if it uses none. */
function reasonOfScheme({ clusters }: Config, name: string, dialect: SqlDialect, reasons: ColumnReasons): string | undefined {
  const scheme = clusters[name];
  if (scheme === undefined) return undefined;
  for (const column of [...scheme.numeric, ...scheme.categorical]) {
    const reason = reasonOf(column, reasons);
    if (reason !== undefined) return reason;
  }
  return scheme.where === undefined ? undefined : reasonIn(dialect, scheme.where, reasons);
}
