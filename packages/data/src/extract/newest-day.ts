import { AppError, dayMilliseconds } from '@basketwise/core';
import type { Dialect } from '../engine/dialect.ts';
import type { Engine, StatementOptions } from '../engine/engine.ts';
import { queryRows, type Scalar } from '../engine/query-rows.ts';
import { openRelation } from './formatted-columns.ts';
import type { ExtractRequest } from './request.ts';
import { typeLookup } from './source-table.ts';
import { checkDate } from './sources.ts';
import { dateColumn, farDay } from './statement.ts';

/** Largest number of days that are looked at. Of hundreds of days, the newest 1/2000 of the rows are a part. */
const mostDays = 400;

/**
 * Query that counts the rows of the newest days, newest first. Columns: `day` (ISO), `n`, the number of its rows, and `total`, that of all days.
 * @param day SQL of the date of a row
 * @param from SQL to put after FROM
 */
export function daysQuery(dialect: Dialect, day: string, from: string): string {
  const days = `SELECT ${day} AS day FROM ${from} t WHERE ${day} < ${dialect.date(farDay)}`;
  const counted = `SELECT day, count(*) AS n FROM (${days}) d GROUP BY day`;
  return `SELECT ${dialect.asText('day')} AS day, n, CAST(sum(n) OVER () AS BIGINT) AS total FROM (${counted}) c ORDER BY c.day DESC LIMIT ${mostDays}`;
}

/** Largest share of rows whose days may be too late by an error. */
const fewMistakes = 1 / 2000;
/**
 * Largest number of days without rows before a day that counts, and number of earlier days with which the rows of a day are
 * compared.
 */
const [longestGap, compared] = [31, 60];
/** Smallest number of rows of a day that counts, as a share of the median of the earlier days. */
const leastRows = 0.1;

/**
 * Newest day in the result of `daysQuery`. Later days that are probably errors of the data are ignored. Undefined if there are no days.
 * The newest 1/2000 of the rows may be such errors. In long histories, a normal day also has fewer than 1/2000 of the rows.
 * A day among these newest rows therefore counts if two conditions hold:
 * - it is at most 31 days after the previous day with rows
 * - it has at least a tenth of the median number of rows of the 60 days before it
 */
export function newestCertainDay(rows: readonly Readonly<Record<string, Scalar>>[]): string | undefined {
  const days = rows.map(({ day, n }) => ({ day: String(day), n: Number(n) })).reverse();
  const total = Number(rows[0]?.total ?? 0);
  let [last, after] = [days.length, 0];
  while (last > 0 && after <= fewMistakes * total) after += days[--last]!.n;
  const usual = days.slice(Math.max(0, last + 1 - compared), last + 1).map(({ n }) => n);
  const least = leastRows * (usual.sort((a, b) => a - b)[usual.length >> 1] ?? 0);
  for (let i = last + 1; i < days.length; i++) {
    const gap = (Date.parse(days[i]!.day) - Date.parse(days[i - 1]!.day)) / dayMilliseconds;
    if (gap > longestGap) break;
    if (days[i]!.n >= least) last = i;
  }
  return days[last]?.day;
}

/**
 * Newest day on which a holding was opened, as an ISO date.
 * @throws AppError config if holdings have no column of days, missing-input if no holding has a day
 */
export async function newestDay(engine: Engine, { holdings }: ExtractRequest, options: StatementOptions = {}): Promise<string> {
  const statement = { ...options, place: 'tables.holdings' };
  if (!holdings.date)
    throw new AppError(
      'config',
      'tables.holdings.date: not set, so the newest day is unknown',
      'Set it, or give a day in place of `latest`.',
    );
  const relation = await openRelation(engine, holdings, statement);
  const columns = await engine.columns(`${relation.from} t`, statement);
  const typeOf = typeLookup(engine, columns, 'tables.holdings', relation.label, [holdings.date]);
  checkDate({ typeOf, label: relation.label }, 'holdings', holdings.date);
  const { date } = dateColumn(engine.dialect, holdings.date, typeOf);
  const day = newestCertainDay(await queryRows(engine, daysQuery(engine.dialect, date, relation.from), statement));
  if (day !== undefined) return day;
  throw new AppError(
    'missing-input',
    `tables.holdings: no row of ${relation.label} has a day in ${holdings.date}`,
    'Deliver the table again.',
  );
}
