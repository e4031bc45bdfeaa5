import { AppError } from '@basketwise/core/base';
import type { Dialect } from '../engine/dialect.ts';
import type { Engine, StatementOptions } from '../engine/engine.ts';
import { namesIn } from '../engine/sql-tokens.ts';
import type { NamedPredicate } from './request.ts';

/** SQL expression of the config, with its key in the config. */
interface Expression {
  sql: string;
  place: string;
}

/**
 * Checks that an SQL text is one scalar expression over `from`. The engine prepares the expression, but does not run it. Returns
 * the type of the expression. The text must be valid with and without parentheses. Texts such as `a, b` and `a) OR (b` are valid
 * in only one of the two forms, and would change their meaning within other SQL.
 */
export async function checkExpression(
  engine: Engine,
  from: string,
  { sql, place }: Expression,
  options: StatementOptions = {},
): Promise<string> {
  const statementOptions = { ...options, place };
  if (sql.trim() === '')
    throw new AppError('config', `${place}: the expression is empty`, 'Give an SQL expression, or leave the key out.');
  const bare = await engine.columns(`(SELECT\n${sql}\nAS checked FROM ${from}) checked`, statementOptions);
  const wrapped = await engine.columns(`(SELECT *, (\n${sql}\n) AS checked FROM ${from}) checked`, statementOptions);
  if (bare.length !== 1)
    throw new AppError('config', `${place}: this is ${bare.length} expressions, not one`, 'Give one SQL expression.');
  return wrapped.at(-1)!.type;
}

/** Same as `checkExpression`, for an expression that must be a predicate. */
export async function checkPredicate(
  engine: Engine,
  from: string,
  expression: Expression,
  options?: StatementOptions,
): Promise<void> {
  const type = await checkExpression(engine, from, expression, options);
  if (engine.dialect.kindOf(type) !== 'boolean') {
    throw new AppError(
      'config',
      `${expression.place}: this is ${type}, not true or false`,
      'Give a predicate, such as AGE >= 18.',
    );
  }
}

/**
 * Divides derived columns into levels. The SQL of a column uses only columns of the table, and derived columns of earlier levels.
 * Names are compared without case, as in SQL.
 */
export function deriveLevels(dialect: Dialect, derive: Readonly<Record<string, string>>): readonly (readonly NamedPredicate[])[] {
  const levels: NamedPredicate[][] = [[]];
  for (const [name, sql] of Object.entries(derive)) {
    const last = levels.at(-1)!;
    const used = namesIn(dialect, sql);
    const next = { name, sql, place: `derive.${name}` };
    if (last.some((other) => used.has(other.name.toLowerCase()))) levels.push([next]);
    else last.push(next);
  }
  return levels;
}

/**
 * The SQL text, then the SQL of all derived columns that it uses directly or indirectly, the later columns first.
 * @param sql SQL over raw and derived columns
 */
export function withDerivedTexts(dialect: Dialect, sql: string, derive: Readonly<Record<string, string>>): string[] {
  const texts = [sql];
  const used = new Set(namesIn(dialect, sql));
  for (const [name, text] of Object.entries(derive).reverse()) {
    if (!used.has(name.toLowerCase())) continue;
    texts.push(text);
    for (const other of namesIn(dialect, text)) used.add(other);
  }
  return texts;
}
