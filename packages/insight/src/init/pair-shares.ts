import { type Engine, queryRows } from '@basketwise/data';
import type { Survey } from './roles.ts';
import type { TableFacts } from './survey.ts';

/** Counts distinct pairs of two columns, each pair of columns once. */
export function pairShares(engine: Engine): Survey['pairShare'] {
  const { identifier } = engine.dialect;
  const counted = new WeakMap<TableFacts, Map<string, Promise<number>>>();
  const count = async (table: TableFacts, names: readonly string[]) => {
    const pairs = `(SELECT 1 AS one FROM ${table.from} t GROUP BY ${names.map(identifier).join(', ')}) pairs`;
    const [row] = await queryRows(engine, `SELECT CAST(count(*) AS DOUBLE) AS n FROM ${pairs}`);
    return Number(row!.n) / table.rows;
  };
  return (table, one, other) => {
    const ofTable = counted.get(table) ?? new Map<string, Promise<number>>();
    counted.set(table, ofTable);
    const names = [one.name, other.name].sort();
    const share = ofTable.get(names.join('\0')) ?? count(table, names);
    ofTable.set(names.join('\0'), share);
    return share;
  };
}
