import { closingBracket, type SqlToken, sqlWords } from '@basketwise/data/base';
import { driverOf } from '../drivers/drivers.ts';
import { checkRising } from './check-features.ts';
import { sqlOf } from './config-sql.ts';
import {
  type HiddenColumns,
  hiddenColumns,
  isName,
  isSign,
  isStar,
  isWord,
  setWords,
  withoutExcluded,
} from './hidden-columns.ts';
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

/** The reason why an expression reveals a protected column. */
function reasonIn(dialect: SqlDialect, sql: string, reasons: Reasons): string | undefined {
  const tokens = sqlWords(dialect, sql);
  const [name] = protectedIn(tokens, reasons);
  if (name !== undefined) return reasons.get(name);
  const hidden = hiddenColumns(tokens, false);
  return hidden && reasonOfHidden(hidden, reasons);
}

/** The reason why a part of an SQL text can reveal each protected column. */
function reasonOfHidden({ how }: HiddenColumns, reasons: Reasons): string {
  const [first] = reasons.values();
  return `${first}, and ${how}`;
}

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

/** Names of an item that reveal a protected column, if it becomes another one. */
function renamedIn(item: readonly SqlToken[], reasons: Reasons): string[] {
  const output = outputOf(item);
  return protectedIn(item, reasons).filter((name) => name !== output);
}

/** Names of the columns of a query by position; null with a `*`, or without a select list of its own. */
function outputsOf(tokens: readonly SqlToken[]): (string | undefined)[] | null {
  const open = tokens.findIndex((token) => !isWord(token, 'all', 'distinct'));
  if (isSign(tokens[open], '(') && closingBracket(tokens, open) === tokens.length - 1)
    return outputsOf(tokens.slice(open + 1, -1));
  if (isWord(tokens[open], 'values')) return [];
  const words = splitAt(tokens, (token) => isWord(token, 'select'));
  if (words.length === 1) return null;
  const from = words[0]!.length + 1;
  const items = itemsOf(tokens.slice(from, endOfList(tokens, from)));
  const isAny = (item: readonly SqlToken[]) =>
    item.some((token, i) => (isSign(token, '*') && isStar(item, i)) || (isWord(token, 'columns') && isSign(item[i + 1], '(')));
  return items.some(isAny) ? null : items.map(outputOf);
}

const isByName = (query: readonly SqlToken[]) =>
  isWord(
    query.find((token) => !isWord(token, 'all', 'distinct')),
    'by',
  );

/** Tokens, and those within each of their brackets. */
function levelsOf(tokens: readonly SqlToken[]): (readonly SqlToken[])[] {
  const levels = [tokens];
  for (const [i, token] of tokens.entries()) if (isSign(token, '(')) levels.push(tokens.slice(i + 1, closingBracket(tokens, i)));
  return levels;
}

/** Protected names of a set operation, if one of them can get another name by its position. Null among them: any name. */
function movedIn(tokens: readonly SqlToken[], reasons: Reasons): (string | null)[] {
  const queries = splitAt(tokens, (token) => isWord(token, ...setWords));
  const others = queries
    .slice(1)
    .filter((query) => !isByName(query))
    .map(outputsOf);
  const first = others.length === 0 ? null : outputsOf(queries[0]!);
  const isSame = (outputs: (string | undefined)[] | null) =>
    outputs?.every((name, i) => name === undefined || !reasons.has(name) || name === first?.[i]) === true;
  if (others.every(isSame)) return [];
  const names = protectedIn(tokens, reasons);
  return names.length > 0 ? names : [null];
}

/** Names of a query that reveal a protected column otherwise than as a column of the same name. */
function namesUsed(tokens: readonly SqlToken[], reasons: Reasons): string[] {
  const found: string[] = [];
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
      const reason = isQuery ? undefined : reasonIn(dialect, sql, reasons);
      const ofExpression = reason && `${reason}, so that no model may use it: leave it out`;
      const problem = isQuery ? problemOfQuery(sqlWords(dialect, sql), reasons) : ofExpression;
      if (problem !== undefined) report(path, problem);
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

/** The problem of a query that reveals a protected column under another name; undefined without one. */
function problemOfQuery(tokens: readonly SqlToken[], reasons: Reasons): string | undefined {
  const own = withoutExcluded(tokens);
  const [used] = [...namesUsed(own, reasons), ...levelsOf(own).flatMap((level) => movedIn(level, reasons))];
  if (typeof used === 'string') return `${reasons.get(used)}, so that no model may use it: select it only under its own name`;
  const hidden = used === null ? unnamedSet : hiddenColumns(own, true);
  return hidden && `${reasonOfHidden(hidden, reasons)}: ${hidden.instead}`;
}

const unnamedSet: HiddenColumns = {
  how: 'a set operation such as `UNION` can give it another name',
  instead: 'list the columns of each query, or write `UNION ALL BY NAME`',
};

/** The reason why a cluster scheme uses a protected column. */
function reasonOfScheme({ clusters }: Config, name: string, dialect: SqlDialect, reasons: Reasons): string | undefined {
  const scheme = clusters[name];
  if (scheme === undefined) return undefined;
  const column = [...scheme.numeric, ...scheme.categorical].find((one) => reasons.has(one.toLowerCase()));
  if (column !== undefined) return reasons.get(column.toLowerCase());
  return scheme.where === undefined ? undefined : reasonIn(dialect, scheme.where, reasons);
}
