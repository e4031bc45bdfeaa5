import type { ColumnRole, ColumnRoles } from './column-roles.ts';
import { fewestValues, fewProducts, hasUniqueValues, type SeenColumn, type SeenFile } from './seen-file.ts';

/** Reason why the user should check a chosen column. `column-texts.ts` has its text in both languages. */
export interface ColumnDoubt {
  key:
    | 'missing'
    | 'twice'
    | 'guessed'
    | 'unique'
    | 'few'
    | 'many'
    | 'empty'
    | 'notDates'
    | 'noDates'
    | 'otherDates'
    | 'garbled'
    | 'unknownProducts'
    | 'unmatched';
  /** Meaning for which the column was chosen. Null: the reason concerns the whole file. */
  role: ColumnRole | null;
  column: string;
  /** Number of rows or values with the fault; for `unknownProducts` and `unmatched`, their percentage. */
  count: number;
}

/** Meanings for which a column must be chosen; otherwise the file cannot be used. */
const needed: readonly ColumnRole[] = ['customer', 'product', 'code', 'id'];

/**
 * Reasons to check the chosen columns of a file. Reasons that prevent the use of the file come first. @param roles meanings that columns of the file
 * can have
 */
export function columnDoubts(seen: SeenFile, chosen: ColumnRoles, roles: readonly ColumnRole[]): ColumnDoubt[] {
  return [
    ...blockers(chosen, roles),
    ...(seen.isGarbled ? [doubt('garbled', null, '')] : []),
    ...roles.flatMap((role) => {
      const column = seen.columns.find(({ name }) => name === chosen[role]);
      return column ? doubtsOf(role, column, seen) : [];
    }),
    ...(roles.includes('opened') ? dateDoubts(seen, chosen) : []),
  ];
}

/** Whether a file can be used: a column is chosen for each needed meaning, and no column is chosen twice. */
export function isComplete(chosen: ColumnRoles, roles: readonly ColumnRole[]): boolean {
  return blockers(chosen, roles).length === 0;
}

/** Reasons that prevent the use of the file. One exception to `twice`: a column can be both the name and the code of a product. */
function blockers(chosen: ColumnRoles, roles: readonly ColumnRole[]): ColumnDoubt[] {
  const missing = roles.filter((role) => needed.includes(role) && chosen[role] === undefined);
  const twice = roles.filter(
    (role, i) =>
      role !== 'name' && chosen[role] !== undefined && roles.slice(0, i).some((other) => chosen[other] === chosen[role]),
  );
  return [...missing.map((role) => doubt('missing', role, '')), ...twice.map((role) => doubt('twice', role, chosen[role]!))];
}

function doubt(key: ColumnDoubt['key'], role: ColumnRole | null, column: string, count = 0): ColumnDoubt {
  return { key, role, column, count };
}

function doubtsOf(role: ColumnRole, column: SeenColumn, seen: SeenFile): ColumnDoubt[] {
  const { name, filled, distinct, readable, matched } = column;
  const doubts: ColumnDoubt[] = [];
  const add = (isSo: boolean, key: ColumnDoubt['key'], count = 0) => isSo && doubts.push(doubt(key, role, name, count));
  const isMany = filled >= fewestValues;
  add(seen.guessed.includes(role) && seen.roles[role] === name, 'guessed');
  if (role === 'customer') add(hasUniqueValues(column), 'unique');
  if (role === 'product') {
    add(matched !== null && matched <= 0.5, 'unknownProducts', Math.round(100 * (1 - (matched ?? 0))));
    add(isMany && distinct < fewProducts, 'few', distinct);
    add(isMany && distinct > filled / 2, 'many', distinct);
  }
  if (needed.includes(role)) add(filled < seen.inspected, 'empty', seen.inspected - filled);
  if (role === 'opened' || role === 'closed') add(readable < filled, 'notDates', filled - readable);
  if (role === 'code' || role === 'id') add((matched ?? 1) < 0.5, 'unmatched', Math.round(100 * matched!));
  return doubts;
}

function dateDoubts(seen: SeenFile, chosen: ColumnRoles): ColumnDoubt[] {
  if (chosen.opened === undefined) return [doubt('noDates', 'opened', '')];
  const taken = Object.values(chosen);
  const unusedDate = seen.columns.find(({ name, isDate }) => isDate && !taken.includes(name));
  return chosen.closed === undefined && unusedDate ? [doubt('otherDates', 'closed', unusedDate.name)] : [];
}
