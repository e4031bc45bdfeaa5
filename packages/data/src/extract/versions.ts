import { AppError } from '@basketwise/core';
import type { ColumnType, Engine, StatementOptions } from '../engine/engine.ts';
import { queryCounts } from '../engine/query-rows.ts';
import { wordsIn } from './consent-sense.ts';
import type { ExtractRequest } from './request.ts';
import type { SourceTable } from './source-table.ts';
import { farDay } from './statement.ts';

/** Matches names of columns with the last day on which a row of a data warehouse is valid. */
const lastDayName =
  /(valid|eff|row|record|rec|version|scd|dwh?)[a-z]*[_ -]?(to|until|thru|through|end|exp)|expir|^(to|end|until|bis|do|hasta|ate|até)$|(end|to|exp)_?(date|dt|day|dte)|_(to|bis|do|tot|hasta|ate|até)$|(fin|hasta|fim)_?vig|vig\w*_?(fin|hasta|fim)|종료|終了/i;
/** Matches names of flags of the row that is valid now. */
const currentName = /curr|latest|newest|is_?last|aktuell|actual|vigente|courant|corrent|atual|최신|현재|最新/i;
/** Values of a flag that mean yes. */
const yes = ['y', 'yes', 't', 'true', '1', 's', 'si', 'sí', 'sim', 'j', 'ja', 'o', 'oui', 'current'];

/** A key is repeated if at least this share of rows repeats one of its values, and it has at most so many rows per value. */
const repeated = { least: 0.05, rowsPerKey: 50 };
/** Of the values with several rows, these shares must have at most one row, and exactly one row, that is valid now. */
const current = { atMostOne: 0.98, exactlyOne: 0.5, fewest: 10 };

/**
 * Column with ids of persons who have several rows, and the column by which at most one of these rows is valid now. Without such a
 * column, the name of the key says that it is another key of the same persons.
 */
export interface Versions {
  key: string;
  mark?: string;
}

/** Matches words, and ends of words, that say in the name of a column that it is a key. */
const keyWord = /^(id|no|nr|num|nbr|number|code|cd|sk|key|surrogate|nk|bk|hk|uuid|guid|pk)$|(nummer|nr|number|key|번호)$/;

/** Whether the names of two columns name keys of the same objects, such as customer_sk and customer_id. */
export function areKeysOfOne(one: string, other: string): boolean {
  const [a, b] = [one, other].map((name) =>
    wordsIn(name)
      .map((word) => word.replace(keyWord, ''))
      .filter(Boolean)
      .join(' '),
  );
  return a !== '' && b !== '' && (a === b || [`${b}n`, `${b}s`].includes(a!) || [`${a}n`, `${a}s`].includes(b!));
}

/**
 * Looks for a column of a customers table by which its rows are evidently versions of one person. Values of this column repeat. It is
 * another key of the same persons by its name, or at most one row of each value is valid now, by an end or a flag. Only tables that
 * have such columns, by their names, are read.
 * @param shared columns whose values several customers share
 */
export async function findVersions(
  engine: Engine,
  from: string,
  columns: readonly ColumnType[],
  { id, shared = [] }: { id: string; shared?: readonly string[] | undefined },
  options: StatementOptions = {},
): Promise<Versions | undefined> {
  const { dialect } = engine;
  const marks = columns.flatMap(({ name, type }) => {
    const kind = dialect.kindOf(type);
    const [value, text] = [dialect.identifier(name), dialect.asText(dialect.identifier(name))];
    if (currentName.test(name)) return [{ name, isCurrent: `lower(trim(${text})) IN (${yes.map(dialect.text).join(', ')})` }];
    if (!lastDayName.test(name) || (kind !== 'date' && kind !== 'text' && kind !== 'integer')) return [];
    const isFar = `${dialect.asDate(value, kind)} >= ${dialect.date(farDay)} OR ${dialect.matches(text, '.*9999.*')}`;
    return [{ name, isCurrent: `${value} IS NULL OR trim(${text}) = '' OR ${isFar}` }];
  });
  const taken = [id, ...shared, ...marks.map(({ name }) => name)].map((name) => name.toLowerCase());
  const keys = columns.filter(
    ({ name, type }) =>
      ['text', 'integer'].includes(dialect.kindOf(type)) &&
      !taken.includes(name.toLowerCase()) &&
      (marks.length > 0 || areKeysOfOne(id, name)),
  );
  if (keys.length === 0) return undefined;
  const of = (i: number) => dialect.identifier(keys[i]!.name);
  const counts = keys.flatMap((_, i) => [
    [`rows ${i}`, `count(${of(i)})`],
    [`values ${i}`, `count(DISTINCT ${of(i)})`],
  ]);
  const found = await queryCounts<string>(engine, { rows: 'count(*)', ...Object.fromEntries(counts) }, `${from} c`, options);
  for (const [i, { name: key }] of keys.entries()) {
    const [rows, values] = [found[`rows ${i}`]!, found[`values ${i}`]!];
    if (rows - values < repeated.least * found.rows! || values * repeated.rowsPerKey < rows) continue;
    if (areKeysOfOne(id, key)) return { key };
    for (const { name: mark, isCurrent } of marks) {
      const valid = `sum(CASE WHEN ${isCurrent} THEN 1 ELSE 0 END) AS valid`;
      const groups = `(SELECT ${valid} FROM ${from} c WHERE ${of(i)} IS NOT NULL GROUP BY ${of(i)} HAVING count(*) > 1) g`;
      const aggregates = {
        all: 'count(*)',
        atMostOne: 'count(CASE WHEN valid <= 1 THEN 1 END)',
        exactlyOne: 'count(CASE WHEN valid = 1 THEN 1 END)',
      };
      const { all, atMostOne, exactlyOne } = await queryCounts(engine, aggregates, groups, options);
      if (all >= current.fewest && atMostOne >= current.atMostOne * all && exactlyOne >= current.exactlyOne * all)
        return { key, mark };
    }
  }
  return undefined;
}

/**
 * Refuses a customers table whose rows are evidently versions of one person.
 * @throws AppError bad-data
 */
export async function refuseVersions(
  engine: Engine,
  { from, label }: Pick<SourceTable, 'from' | 'label'>,
  columns: readonly ColumnType[],
  { customers }: ExtractRequest,
  options: StatementOptions,
): Promise<void> {
  const versions = await findVersions(engine, from, columns, customers, options);
  if (!versions) return;
  const { key, mark } = versions;
  throw new AppError(
    'bad-data',
    `tables.customers: rows of ${label} are evidently versions of one person: ${key} repeats, and ${mark === undefined ? `${customers.id} is a key of single versions` : `by ${mark} at most one row of each is valid`}`,
    `Select the version of the reference date with \`sql\`, and take ${key} for the \`id\` (docs/tables.md). If several customers share a ${key}, set tables.customers.shared: [${key}].`,
  );
}
