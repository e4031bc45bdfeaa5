import { type ColumnRole, type ColumnRoles, columnNamed, columnsWithWord } from './column-roles.ts';
import { dayOfValue } from './holding-collector.ts';
import { cellText } from './own-bank.ts';
import { PageError } from './page-error.ts';
import { openTableFile } from './table-file.ts';

/** Largest number of rows inspected, and largest number of rows shown. */
const [inspectedRows, shownRows] = [5000, 5];

/** Column of a file, from its first rows. */
export interface SeenColumn {
  name: string;
  /** Number of rows with a value. */
  filled: number;
  /** Number of distinct values. */
  distinct: number;
  /** Number of values that can be read as a date. */
  readable: number;
  /** Whether all values have the form of a date. A number such as an amount has not. */
  isDate: boolean;
  /**
   * Share of values that match. Holdings: share of the column's values that the sample bank has. Other files: share of the
   * holdings' values that the column has. Null: not compared.
   */
  matched: number | null;
}

/** Contents of a file, shown before the file is used. */
export interface SeenFile {
  columns: readonly SeenColumn[];
  /** Values of the first rows as text, in the order of the columns. */
  rows: readonly (readonly string[])[];
  /** Number of inspected rows. */
  inspected: number;
  /** Whether the text has characters that are not UTF-8. */
  isGarbled: boolean;
  /** Columns by meaning, found from names and values. */
  roles: ColumnRoles;
  /** Meanings found only from values, not from names. */
  guessed: readonly ColumnRole[];
}

/** File with the columns that the person chose. */
export interface ChosenColumns {
  file: File;
  roles: ColumnRoles;
}

/** File with its first rows, and the columns chosen so far. */
export interface ChosenFile extends ChosenColumns {
  seen: SeenFile;
}

/**
 * Inspects a file of holdings.
 * @param known names and codes of the sample bank's products, if the holdings are of these products
 * @throws PageError if it cannot be read
 */
export async function seeHoldings(file: File, known: ReadonlySet<string> | null): Promise<SeenFile> {
  const { rows, columns } = await firstRows(file, null);
  const matchedOf = (texts: ReadonlySet<string>) =>
    known && [...texts].filter((text) => known.has(text.normalize('NFC'))).length / Math.max(1, texts.size);
  const seen = columns.map((name, at) => seenColumn(name, rows, at, matchedOf));
  return seenFile(seen, rows, guessHoldingRoles(seen));
}

/**
 * Inspects a file of products or customers that belongs to a file of holdings. Its key is the column that contains most of the
 * values in the holdings.
 * @throws PageError if it cannot be read
 */
export async function seeBeside(file: File, as: 'products' | 'customers', holdings: ChosenColumns): Promise<SeenFile> {
  const values = await firstValues(holdings, as === 'products' ? 'product' : 'customer');
  const { rows, columns, found } = await firstRows(file, values);
  const seen = columns.map((name, at) => seenColumn(name, rows, at, () => found[at]!.size / Math.max(1, values.size)));
  const most = Math.max(...seen.map(({ matched }) => matched!));
  const key = most > 0 ? seen.find(({ matched }) => matched === most)!.name : undefined;
  if (as === 'customers') return seenFile(seen, rows, { roles: present({ id: key }), guessed: [] });
  const others = columns.filter((name) => name !== key);
  const [name, of] = [columnNamed(columns, 'name'), columnNamed(others, 'class')];
  const [byWord, classByWord] = [columnsWithWord(others, 'name')[0], columnsWithWord(others, 'class')[0]];
  const roles = present({ code: key, name: name ?? byWord, class: of ?? classByWord });
  return seenFile(seen, rows, { roles, guessed: [] });
}

/** Values of a column in the first rows of holdings. */
async function firstValues({ file, roles }: ChosenColumns, role: ColumnRole): Promise<ReadonlySet<string>> {
  const { rows, columns } = await firstRows(file, null);
  return distinctTexts(rows, columns.indexOf(roles[role] ?? ''));
}

function distinctTexts(rows: readonly (readonly unknown[])[], at: number): Set<string> {
  return new Set(rows.map((row) => cellText(row[at])).filter((text) => text !== ''));
}

/** First rows of a file. With `wanted`, reads the whole file to find which wanted values each column has. */
async function firstRows(file: File, wanted: ReadonlySet<string> | null) {
  const table = await openTableFile(file);
  const rows: (readonly unknown[])[] = [];
  const found = table.columns.map(() => new Set<string>());
  await table.read(table.columns, (row) => {
    if (rows.length < inspectedRows) rows.push(row);
    else if (!wanted) return false;
    for (const [at, value] of wanted ? row.entries() : []) {
      const text = cellText(value);
      if (wanted!.has(text)) found[at]!.add(text);
    }
    return true;
  });
  if (rows.length === 0) throw new PageError('noRows');
  return { rows, found, columns: table.columns };
}

/** @param matchedOf share of the column's distinct values that match; null: not compared */
function seenColumn(
  name: string,
  rows: readonly (readonly unknown[])[],
  at: number,
  matchedOf: (texts: ReadonlySet<string>) => number | null,
): SeenColumn {
  const values = rows.map((row) => row[at]).filter((value) => cellText(value) !== '');
  const readable = values.filter(isDay).length;
  const isDate = values.length > 0 && values.every(isWrittenAsDate);
  const texts = distinctTexts(rows, at);
  return { name, filled: values.length, distinct: texts.size, readable, isDate, matched: matchedOf(texts) };
}

const isDay = (value: unknown) => typeof dayOfValue(value) === 'number';

function isWrittenAsDate(value: unknown): boolean {
  const isNumber = typeof value === 'number' || typeof value === 'bigint';
  return isDay(value) && (!isNumber || /^(19|20)/.test(String(value)));
}

function seenFile(
  columns: readonly SeenColumn[],
  rows: readonly (readonly unknown[])[],
  found: Pick<SeenFile, 'roles' | 'guessed'>,
): SeenFile {
  const texts = rows.slice(0, shownRows).map((row) => columns.map((_, at) => shownText(row[at])));
  const isGarbled = rows.some((row) => row.some((value) => typeof value === 'string' && value.includes('\uFFFD')));
  return { columns, rows: texts, inspected: rows.length, isGarbled, ...found };
}

function shownText(value: unknown): string {
  const text = value instanceof Date && isDay(value) ? value.toISOString().slice(0, 10) : cellText(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

function present(roles: { [Role in ColumnRole]?: string | undefined }): ColumnRoles {
  return Object.fromEntries(Object.entries(roles).filter(([, name]) => name !== undefined));
}

/** Guesses the columns of holdings: by name, then by a word in the name, then by values. */
function guessHoldingRoles(columns: readonly SeenColumn[]): Pick<SeenFile, 'roles' | 'guessed'> {
  const names = columns.map(({ name }) => name);
  const roles: ColumnRoles = {};
  const isFree = ({ name }: SeenColumn) => !Object.values(roles).includes(name);
  const take = (role: ColumnRole, column: string | undefined) => {
    if (roles[role] === undefined && column !== undefined) roles[role] = column;
  };
  for (const role of ['customer', 'product', 'opened', 'closed'] as const) take(role, columnNamed(names, role));
  const known = columns.filter(({ matched }) => (matched ?? 0) > 0.5).sort((a, b) => b.matched! - a.matched!);
  if (known.length > 0) roles.product = known[0]!.name;
  for (const role of ['opened', 'closed', 'customer', 'product'] as const) {
    const wantsDate = role === 'opened' || role === 'closed';
    const worded = columnsWithWord(names, role).map((name) => columns.find((column) => column.name === name)!);
    const fitting = worded.filter(
      (column) => isFree(column) && column.isDate === wantsDate && (wantsDate || column.distinct > 1),
    );
    take(role, fitting.sort((a, b) => b.distinct - a.distinct)[0]?.name);
  }
  const named = new Set(Object.keys(roles));
  take('opened', columns.find((column) => isFree(column) && column.isDate)?.name);
  take('customer', guessCustomer(columns.filter(isFree)));
  take('product', guessProduct(columns.filter(isFree)));
  return { roles, guessed: (Object.keys(roles) as ColumnRole[]).filter((role) => !named.has(role)) };
}

/** Columns that can be a key, with most distinct values first. */
function keyColumns(columns: readonly SeenColumn[]): SeenColumn[] {
  return columns.filter(({ isDate, distinct }) => !isDate && distinct > 1).sort((a, b) => b.distinct - a.distinct);
}

/** Fewest values of a column from whose number of distinct ones anything follows. */
export const fewestValues = 50;

/** Whether nearly every row has a different value, such as a contract number. */
export function hasUniqueValues({ filled, distinct }: SeenColumn): boolean {
  return filled >= fewestValues && distinct > 0.98 * filled;
}

/** Fewest distinct values of a column of products. A column with fewer is more likely a status. */
export const fewProducts = 5;

/** Column with most distinct values. Skips columns with a different value in each row, if others remain. */
function guessCustomer(columns: readonly SeenColumn[]): string | undefined {
  const keys = keyColumns(columns);
  return (keys.find((column) => !hasUniqueValues(column)) ?? keys[0])?.name;
}

/** Column with the fewest distinct values. Skips columns with as few as a status has, if others remain. */
function guessProduct(columns: readonly SeenColumn[]): string | undefined {
  const keys = keyColumns(columns).reverse();
  return (keys.find(({ distinct }) => distinct >= fewProducts) ?? keys[0])?.name;
}
