import { closingBracket, namesIn, type SqlToken, sqlWords } from '@basketwise/data/base';
import { driverOf } from '../drivers/drivers.ts';
import { checkRising } from './check-features.ts';
import { sqlOf } from './config-sql.ts';
import type { ReportProblem } from './problems.ts';
import type { Config } from './schema.ts';
import { protectedColumns } from './schema-validation.ts';

type SqlDialect = Parameters<typeof sqlWords>[0];

/** Names that reveal a protected column, in lower case, with the reason in words. */
type Reasons = ReadonlyMap<string, string>;

/** Protected columns, and derived columns that use them. */
function reasonsOf({ validation, derive }: Config, dialect: SqlDialect): Reasons {
  const reasons = new Map(protectedColumns(validation).map(({ column }) => [column.toLowerCase(), `\`${column}\` is protected`]));
  let known = 0;
  while (known < reasons.size) {
    known = reasons.size;
    for (const [name, sql] of Object.entries(derive)) {
      const reason = reasonIn(dialect, sql, reasons);
      if (reason !== undefined && !reasons.has(name.toLowerCase()))
        reasons.set(name.toLowerCase(), `\`${name}\` is derived, and ${reason}`);
    }
  }
  return reasons;
}

/** The reason of the first name in an SQL text that reveals a protected column. */
function reasonIn(dialect: SqlDialect, sql: string, reasons: Reasons): string | undefined {
  for (const name of namesIn(dialect, sql)) if (reasons.has(name)) return reasons.get(name);
  return undefined;
}

const isSign = (token: SqlToken | undefined, sign: string) => token?.kind === 'sign' && token.value === sign;
const isWord = (token: SqlToken | undefined, ...words: readonly string[]) =>
  token?.kind === 'word' && words.includes(token.value.toLowerCase());
const isName = (token: SqlToken | undefined) => token?.kind === 'word' || token?.kind === 'name';

/** Words of set operations: the columns of all their queries get the names of the first, by position. */
const setWords = ['union', 'except', 'intersect'];
/** Words between a bracket and a list of names that are no alias of a query. */
const noAlias =
  /^(and|or|not|in|using|on|over|filter|within|where|having|by|when|then|else|like|values|select|from|join|lateral)$/i;

/** Splits tokens at some outside brackets. */
function splitAt(tokens: readonly SqlToken[], isMark: (token: SqlToken) => boolean): SqlToken[][] {
  const parts: SqlToken[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (isSign(token, '(')) depth++;
    if (isSign(token, ')')) depth--;
    if (depth === 0 && isMark(token)) parts.push([]);
    else parts.at(-1)!.push(token);
  }
  return parts;
}

const itemsOf = (tokens: readonly SqlToken[]) => splitAt(tokens, (token) => isSign(token, ','));

/** Name of the column that an item of a select list becomes, in lower case; undefined if it has none of its own. */
function outputOf(item: readonly SqlToken[]): string | undefined {
  const [last, before] = [item.at(-1), item.at(-2)];
  const isPlain = before === undefined || isSign(before, '.') || isWord(before, 'as', 'distinct', 'select', 'all');
  return isName(last) && isPlain ? last!.value.toLowerCase() : undefined;
}

/** Names among tokens that reveal a protected column. */
function protectedIn(tokens: readonly SqlToken[], reasons: Reasons): string[] {
  return tokens.flatMap((token) => (isName(token) && reasons.has(token.value.toLowerCase()) ? [token.value.toLowerCase()] : []));
}

/** Names of an item that reveal a protected column, if it becomes another one. `COLUMNS` can rename any column. */
function renamedIn(item: readonly SqlToken[], reasons: Reasons): string[] {
  const any = item.findIndex((token, i) => isWord(token, 'columns') && isSign(item[i + 1], '('));
  if (any > 0 || (any === 0 && closingBracket(item, 1) < item.length - 1)) return [...reasons.keys()];
  const output = outputOf(item);
  return protectedIn(item, reasons).filter((name) => name !== output);
}

/** Names of the columns of a query by position; null with a `*`, or without a select list of its own. */
function outputsOf(tokens: readonly SqlToken[]): (string | undefined)[] | null {
  const words = splitAt(tokens, (token) => isWord(token, 'select'));
  if (words.length === 1) return null;
  const from = words[0]!.length + 1;
  const items = itemsOf(tokens.slice(from, endOfList(tokens, from)));
  return items.some((item) => item.some((token) => isSign(token, '*'))) ? null : items.map(outputOf);
}

/** Protected names of a set operation, if one of them can get another name by its position. */
function movedIn(tokens: readonly SqlToken[], reasons: Reasons): string[] {
  const [first, ...others] = splitAt(tokens, (token) => isWord(token, ...setWords)).map(outputsOf);
  const isSame = (outputs: (string | undefined)[] | null) =>
    outputs?.every((name, i) => name === undefined || !reasons.has(name) || name === first?.[i]) === true;
  return others.every(isSame) ? [] : protectedIn(tokens, reasons);
}

/** Whether names after an alias rename the columns of a query: `(SELECT ...) q(id, g)`, `t AS q(id, g)` or `WITH q(id, g) AS`. */
function hasAliasList(tokens: readonly SqlToken[]): boolean {
  return tokens.some((token, i) => {
    const alias = tokens[i - 1];
    if (!isSign(token, '(') || !isName(alias) || (alias!.kind === 'word' && noAlias.test(alias!.value))) return false;
    const end = closingBracket(tokens, i);
    const names = tokens.slice(i + 1, end);
    const isList = names.length > 0 && names.every((one, at) => (at % 2 === 0 ? isName(one) : isSign(one, ',')));
    return isList && (isSign(tokens[i - 2], ')') || isWord(tokens[i - 2], 'as') || isWord(tokens[end + 1], 'as'));
  });
}

/** Names of a query that reveal a protected column otherwise than as a column of the same name. */
function namesUsed(tokens: readonly SqlToken[], reasons: Reasons): string[] {
  const found = movedIn(tokens, reasons);
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    if (isWord(token, 'select')) {
      const end = endOfList(tokens, i + 1);
      for (const item of itemsOf(tokens.slice(i + 1, end))) found.push(...renamedIn(item, reasons));
      i = end - 1;
    } else if (isSign(token, '(')) {
      const end = closingBracket(tokens, i);
      found.push(...namesUsed(tokens.slice(i + 1, end), reasons));
      i = end;
    } else if (isName(token) && reasons.has(token.value.toLowerCase())) found.push(token.value.toLowerCase());
  }
  return found;
}

/** Position after a select list: its FROM, or the end of its query. */
function endOfList(tokens: readonly SqlToken[], from: number): number {
  let depth = 0;
  for (let i = from; i < tokens.length; i++) {
    if (isSign(tokens[i], '(')) depth++;
    if (isSign(tokens[i], ')')) depth--;
    if (depth === 0 && isWord(tokens[i], 'from', ...setWords)) return i;
  }
  return tokens.length;
}

/**
 * Refuses a config in which a model can use a protected column: as a feature, by derived columns, in the clusters of a campaign, or in the SQL
 * of a table, which may pass it on only under its own name. Rules and segments may name it, as they change no score.
 */
export function checkProtected(config: Config, report: ReportProblem): void {
  checkColumns(config, report);
  const { dialect } = driverOf(config.source);
  const reasons = reasonsOf(config, dialect);
  if (reasons.size === 0) return;
  for (const { path, sql, isQuery } of sqlOf(config)) {
    if (path[0] === 'features' || path[0] === 'tables') {
      const reason = isQuery ? reasonOfQuery(sqlWords(dialect, sql), reasons) : reasonIn(dialect, sql, reasons);
      const may = isQuery ? 'select it only under its own name' : 'leave it out';
      if (reason !== undefined) report(path, `${reason}, so that no model may use it: ${may}`);
    }
  }
  for (const [name, feature] of Object.entries(config.features ?? {})) {
    const reason = 'column' in feature ? reasons.get(feature.column.toLowerCase()) : undefined;
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

/** Reports columns that are protected twice, and bounds that do not rise. */
function checkColumns({ validation }: Config, report: ReportProblem): void {
  const columns = protectedColumns(validation);
  for (const [i, { column, bands }] of columns.entries()) {
    const path = ['validation', 'protected', i];
    if (columns.slice(0, i).some((other) => other.column.toLowerCase() === column.toLowerCase()))
      report(path, `column \`${column}\` is listed twice`);
    if (bands !== null) checkRising(bands, [...path, 'bands'], report);
  }
}

/** The reason of the first name of a query that reveals a protected column under another name. */
function reasonOfQuery(tokens: readonly SqlToken[], reasons: Reasons): string | undefined {
  const used = hasAliasList(tokens) ? protectedIn(tokens, reasons) : namesUsed(tokens, reasons);
  return used[0] === undefined ? undefined : reasons.get(used[0]);
}

/** The reason why a cluster scheme uses a protected column. */
function reasonOfScheme({ clusters }: Config, name: string, dialect: SqlDialect, reasons: Reasons): string | undefined {
  const scheme = clusters[name];
  if (scheme === undefined) return undefined;
  const column = [...scheme.numeric, ...scheme.categorical].find((one) => reasons.has(one.toLowerCase()));
  if (column !== undefined) return reasons.get(column.toLowerCase());
  return scheme.where === undefined ? undefined : reasonIn(dialect, scheme.where, reasons);
}
