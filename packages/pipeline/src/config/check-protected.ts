import { closingBracket, namesIn, type SqlToken, sqlWords } from '@basketwise/data/base';
import { driverOf } from '../drivers/drivers.ts';
import { sqlOf } from './config-sql.ts';
import type { ReportProblem } from './problems.ts';
import type { Config } from './schema.ts';
import { protectedColumns } from './schema-validation.ts';

type SqlDialect = Parameters<typeof sqlWords>[0];

/** Names that reveal a protected column, in lower case, with the way to it in words. */
type Ways = ReadonlyMap<string, string>;

/** Protected columns, and derived columns that use them. */
function waysOf({ validation, derive }: Config, dialect: SqlDialect): Ways {
  const ways = new Map(protectedColumns(validation).map(({ column }) => [column.toLowerCase(), `\`${column}\` is protected`]));
  for (const [name, sql] of Object.entries(derive)) {
    const way = wayIn(dialect, sql, ways);
    if (way !== undefined && !ways.has(name.toLowerCase())) ways.set(name.toLowerCase(), `\`${name}\` is derived, and ${way}`);
  }
  return ways;
}

/** The way of the first name in an SQL text that reveals a protected column. */
function wayIn(dialect: SqlDialect, sql: string, ways: Ways): string | undefined {
  for (const name of namesIn(dialect, sql)) if (ways.has(name)) return ways.get(name);
  return undefined;
}

const isSign = (token: SqlToken | undefined, sign: string) => token?.kind === 'sign' && token.value === sign;
const isWord = (token: SqlToken | undefined, ...words: readonly string[]) =>
  token?.kind === 'word' && words.includes(token.value.toLowerCase());
const isName = (token: SqlToken | undefined) => token?.kind === 'word' || token?.kind === 'name';

/** Splits tokens at commas outside brackets. */
function itemsOf(tokens: readonly SqlToken[]): SqlToken[][] {
  const items: SqlToken[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (isSign(token, '(')) depth++;
    if (isSign(token, ')')) depth--;
    if (depth === 0 && isSign(token, ',')) items.push([]);
    else items.at(-1)!.push(token);
  }
  return items;
}

/** Name of the column that an item of a select list becomes, in lower case; undefined if it has none of its own. */
function outputOf(item: readonly SqlToken[]): string | undefined {
  const [last, before] = [item.at(-1), item.at(-2)];
  const isPlain = before === undefined || isSign(before, '.') || isWord(before, 'as', 'distinct', 'select', 'all');
  return isName(last) && isPlain ? last!.value.toLowerCase() : undefined;
}

/** Names of an item that reveal a protected column, if it becomes another one. */
function renamedIn(item: readonly SqlToken[], ways: Ways): string[] {
  const used = item.flatMap((token) => (isName(token) && ways.has(token.value.toLowerCase()) ? [token.value.toLowerCase()] : []));
  const output = outputOf(item);
  return used.filter((name) => name !== output);
}

/** Names of a query that reveal a protected column otherwise than as a column of the same name. */
function namesUsed(tokens: readonly SqlToken[], ways: Ways): string[] {
  const found: string[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    if (isWord(token, 'select')) {
      const end = endOfList(tokens, i + 1);
      for (const item of itemsOf(tokens.slice(i + 1, end))) found.push(...renamedIn(item, ways));
      i = end - 1;
    } else if (isSign(token, '(')) {
      const end = closingBracket(tokens, i);
      found.push(...namesUsed(tokens.slice(i + 1, end), ways));
      i = end;
    } else if (isName(token) && ways.has(token.value.toLowerCase())) found.push(token.value.toLowerCase());
  }
  return found;
}

/** Position after a select list: its FROM, or the end of its query. */
function endOfList(tokens: readonly SqlToken[], from: number): number {
  let depth = 0;
  for (let i = from; i < tokens.length; i++) {
    if (isSign(tokens[i], '(')) depth++;
    if (isSign(tokens[i], ')')) depth--;
    if (depth === 0 && isWord(tokens[i], 'from', 'union', 'except', 'intersect')) return i;
  }
  return tokens.length;
}

/**
 * Refuses a config in which a model can use a protected column: as a feature, by derived columns, in the clusters of a campaign, or in the SQL
 * of a table, which may pass it on under its own name alone. Rules and segments may name it, as they change no score.
 */
export function checkProtected(config: Config, report: ReportProblem): void {
  const { dialect } = driverOf(config.source);
  const ways = waysOf(config, dialect);
  if (ways.size === 0) return;
  for (const { path, sql, isQuery } of sqlOf(config)) {
    if (path[0] === 'features' || path[0] === 'tables') {
      const used = isQuery ? namesUsed(sqlWords(dialect, sql), ways)[0] : undefined;
      const way = isQuery ? used && ways.get(used) : wayIn(dialect, sql, ways);
      const may = isQuery ? 'select it under its own name only' : 'leave it out';
      if (way !== undefined) report(path, `${way}, so that no model may use it: ${may}`);
    }
  }
  for (const [name, feature] of Object.entries(config.features ?? {})) {
    const way = 'column' in feature ? ways.get(feature.column.toLowerCase()) : undefined;
    if (way !== undefined) report(['features', name, 'column'], `${way}, so that no model may rank by it: leave the feature out`);
  }
  for (const [name, { by_cluster: scheme }] of Object.entries(config.campaigns)) {
    const way = scheme === undefined ? undefined : wayOfScheme(config, scheme, dialect, ways);
    if (way !== undefined)
      report(
        ['campaigns', name, 'by_cluster'],
        `clusters of \`${scheme}\` use it, and ${way}, so that no model may: name another scheme`,
      );
  }
}

/** The way from a cluster scheme to a protected column. */
function wayOfScheme({ clusters }: Config, name: string, dialect: SqlDialect, ways: Ways): string | undefined {
  const scheme = clusters[name];
  if (scheme === undefined) return undefined;
  const column = [...scheme.numeric, ...scheme.categorical].find((one) => ways.has(one.toLowerCase()));
  if (column !== undefined) return ways.get(column.toLowerCase());
  return scheme.where === undefined ? undefined : wayIn(dialect, scheme.where, ways);
}
