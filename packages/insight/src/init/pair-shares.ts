import { type Engine, queryRows } from '@basketwise/data';
import type { Survey } from './roles.ts';
import type { TableFacts } from './survey.ts';

/** Largest number of rows of a table whose pairs are all counted. In a larger table, about this number of rows is used. */
const mostRows = 250_000;

/**
 * Makes a function that counts the distinct pairs of values of two columns, once for each two columns. In a large table, it counts
 * only the pairs whose first value a hash selects.
 */
export function pairShares(engine: Engine): Survey['pairShare'] {
  const { identifier } = engine.dialect;
  const counted = new WeakMap<TableFacts, Map<string, Promise<number>>>();
  const count = async (table: TableFacts, names: readonly string[]) => {
    const columns = names.map(identifier).join(', ');
    const every = Math.ceil(table.rows / mostRows);
    const rows = `(SELECT ${columns} FROM ${table.from} t WHERE hash(${identifier(names[0]!)}) % ${every} = 0)`;
    const pairs = `(SELECT count(*) AS n FROM ${rows} r GROUP BY ${columns}) pairs`;
    const [row] = await queryRows(engine, `SELECT CAST(count(*) AS DOUBLE) AS pairs, CAST(sum(n) AS DOUBLE) AS n FROM ${pairs}`);
    return Number(row!.n) === 0 ? 1 : Number(row!.pairs) / Number(row!.n);
  };
  return (table, one, other) => {
    const ofTable = counted.get(table) ?? new Map<string, Promise<number>>();
    counted.set(table, ofTable);
    const names = [one.name, other.name];
    const share = ofTable.get(names.join('\0')) ?? count(table, names);
    ofTable.set(names.join('\0'), share);
    return share;
  };
}
