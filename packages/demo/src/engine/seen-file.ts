import { type ColumnRole, type ColumnRoles, columnNamed, columnsWithWord } from './column-roles.ts';
import { cellText, dayOfValue, openTableFile, PageError } from './table-file.ts';

/** Maximum number of rows that are inspected, and number of rows that are shown. */
const [inspectedRows, shownRows] = [5000, 5];

/** Properties of a column, from the first rows of its file. */
export interface SeenColumn {
  name: string;
  /** Number of rows that have a value. */
  filled: number;
  /** Number of distinct values. */
  distinct: number;
  /** Number of values that can be parsed as a date. */
  readable: number;
  /** Whether the column can have a meaning by its values alone: it holds no dates of any form, amounts, or facts about a person. */
  canBeKey: boolean;
  /** Whether all values look like dates. Numbers must begin with 19 or 20, so that amounts do not count. */
  isDate: boolean;
  /**
   * Share of values that match. In a file of holdings: share of the column's distinct values that are products of the sample bank. In other files:
   * share of the holdings' values that the column contains. Null: no comparison was made.
   */
  matched: number | null;
}

/** Result of inspecting a file, shown before the file is used. */
export interface SeenFile {
  columns: readonly SeenColumn[];
  /** First rows as texts, in the order of the columns. */
  rows: readonly (readonly string[])[];
  /** Number of rows that were inspected. */
  inspected: number;
  /** Whether the text contains bytes that are not UTF-8. */
  isGarbled: boolean;
  /** Column found for each meaning, by name or by values. */
  roles: ColumnRoles;
  /** Meanings whose column was found only by values. */
  guessed: readonly ColumnRole[];
}

/** File, with the columns that the user chose for each meaning. */
export interface ChosenColumns {
  file: File;
  roles: ColumnRoles;
}

/** File, with the result of its inspection and the columns chosen so far. */
export interface ChosenFile extends ChosenColumns {
  seen: SeenFile;
}

/**
 * Inspects a file of holdings.
 * @param bankProducts names and codes of the sample bank's products. Null: the holdings are of another bank
 * @throws PageError if the file cannot be read
 */
export async function seeHoldings(file: File, bankProducts: ReadonlySet<string> | null): Promise<SeenFile> {
  const { rows, columns } = await firstRows(file, null);
  const matchedOf = (texts: ReadonlySet<string>) =>
    bankProducts && [...texts].filter((text) => bankProducts.has(text.normalize('NFC'))).length / Math.max(1, texts.size);
  const seen = columns.map((name, at) => seenColumn(name, rows, at, matchedOf));
  return seenFile(seen, rows, guessHoldingRoles(seen));
}

/**
 * Inspects a file of products or customers that belongs to a file of holdings. The key is the column that contains most of the products or customers
 * in the holdings.
 * @throws PageError if the file cannot be read
 */
export async function seeBeside(file: File, as: 'products' | 'customers', holdings: ChosenColumns): Promise<SeenFile> {
  const values = await firstValues(holdings, as === 'products' ? 'product' : 'customer');
  const { rows, columns, matches } = await firstRows(file, values);
  const seen = columns.map((name, at) => seenColumn(name, rows, at, () => matches[at]!.size / Math.max(1, values.size)));
  const most = Math.max(...seen.map(({ matched }) => matched!));
  const key = most > 0 ? seen.find(({ matched }) => matched === most)!.name : undefined;
  if (as === 'customers') return seenFile(seen, rows, { roles: present({ id: key }), guessed: [] });
  const others = columns.filter((name) => name !== key);
  const [name, className] = [columnNamed(columns, 'name'), columnNamed(others, 'class')];
  const [byWord, classByWord] = [columnsWithWord(others, 'name')[0], columnsWithWord(others, 'class')[0]];
  const roles = present({ code: key, name: name ?? byWord, class: className ?? classByWord });
  return seenFile(seen, rows, { roles, guessed: [] });
}

/** Distinct values in the first rows of holdings, of the column with the given meaning. */
async function firstValues({ file, roles }: ChosenColumns, role: ColumnRole): Promise<ReadonlySet<string>> {
  const { rows, columns } = await firstRows(file, null);
  return distinctTexts(rows, columns.indexOf(roles[role] ?? ''));
}

function distinctTexts(rows: readonly (readonly unknown[])[], at: number): Set<string> {
  return new Set(rows.map((row) => cellText(row[at])).filter((text) => text !== ''));
}

/** Reads the first rows of a file. With `wanted`, reads the whole file, and returns the wanted values that each column contains (`matches`). */
async function firstRows(file: File, wanted: ReadonlySet<string> | null) {
  const table = await openTableFile(file);
  const rows: (readonly unknown[])[] = [];
  const matches = table.columns.map(() => new Set<string>());
  await table.read(table.columns, (row) => {
    if (rows.length < inspectedRows) rows.push(row);
    else if (!wanted) return false;
    for (const [at, value] of wanted ? row.entries() : []) {
      const text = cellText(value);
      if (wanted!.has(text)) matches[at]!.add(text);
    }
    return true;
  });
  if (rows.length === 0) throw new PageError('noRows');
  return { rows, matches, columns: table.columns };
}

/** @param matchedOf returns the share of the column's distinct values that match; null: no comparison is made */
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
  const canBeKey =
    !isDate && !isFact(name) && ![...texts].every((text) => /^[-+]?\d+[.,]\d+$|^\d{1,4}([./-])\d{1,2}\1\d{1,4}\b/.test(text));
  return { name, filled: values.length, distinct: texts.size, readable, isDate, canBeKey, matched: matchedOf(texts) };
}

const isFact = (name: string) => columnsWithWord([name], 'fact').length > 0;

const isDay = (value: unknown) => typeof dayOfValue(value) === 'number';

function isWrittenAsDate(value: unknown): boolean {
  const isNumber = typeof value === 'number' || typeof value === 'bigint';
  return isDay(value) && (!isNumber || /^(19|20)/.test(String(value)));
}

function seenFile(
  columns: readonly SeenColumn[],
  rows: readonly (readonly unknown[])[],
  guess: Pick<SeenFile, 'roles' | 'guessed'>,
): SeenFile {
  const texts = rows.slice(0, shownRows).map((row) => columns.map((_, at) => shownText(row[at])));
  const isGarbled = rows.some((row) => row.some((value) => typeof value === 'string' && value.includes('\uFFFD')));
  return { columns, rows: texts, inspected: rows.length, isGarbled, ...guess };
}

function shownText(value: unknown): string {
  const text = value instanceof Date && isDay(value) ? value.toISOString().slice(0, 10) : cellText(value);
  if (isPersonal(text) && !isDay(value)) return text.replaceAll(/[\p{L}\p{N}]/gu, '•');
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

/** Whether a value may be a number of a person, such as that of an identity card, a telephone or an account, or an e-mail address. */
function isPersonal(text: string): boolean {
  const isNumber = /^[\d ()+./-]+$/.test(text) && text.replaceAll(/\D/g, '').length >= 9;
  return (
    isNumber || /^[^\s@]+@\S+$|^([A-Z]{1,2}\d{6,8}[A-Z]?|\d{8}-?[A-Z]|\d{6}[-+A]\d{3}\w|[A-Z]{2}\d{2}[\dA-Z ]{11,})$/i.test(text)
  );
}

function present(roles: { [Role in ColumnRole]?: string | undefined }): ColumnRoles {
  return Object.fromEntries(Object.entries(roles).filter(([, name]) => name !== undefined));
}

/** Guesses the columns of a file of holdings: first by known names, then by words in the names, then by values. */
function guessHoldingRoles(columns: readonly SeenColumn[]): Pick<SeenFile, 'roles' | 'guessed'> {
  const names = columns.map(({ name }) => name);
  const roles: ColumnRoles = {};
  const isFree = ({ name }: SeenColumn) => !Object.values(roles).includes(name);
  const take = (role: ColumnRole, column: string | undefined) => {
    if (roles[role] === undefined && column !== undefined) roles[role] = column;
  };
  for (const role of ['customer', 'product', 'opened', 'closed'] as const) take(role, columnNamed(names, role));
  const matching = columns.filter(({ matched }) => (matched ?? 0) > 0.5).sort((a, b) => b.matched! - a.matched!);
  if (matching.length > 0) roles.product = matching[0]!.name;
  for (const role of ['opened', 'closed', 'customer', 'product'] as const) {
    const wantsDate = role === 'opened' || role === 'closed';
    const worded = columnsWithWord(names, role).map((name) => columns.find((column) => column.name === name)!);
    const fitting = worded.filter(
      (column) => isFree(column) && (wantsDate ? column.isDate && !isFact(column.name) : column.canBeKey && column.distinct > 1),
    );
    take(role, fitting.sort((a, b) => b.distinct - a.distinct)[0]?.name);
  }
  const named = new Set(Object.keys(roles));
  take('opened', columns.find((column) => isFree(column) && column.isDate && !isFact(column.name))?.name);
  take('customer', guessCustomer(columns.filter(isFree)));
  take('product', guessProduct(columns.filter(isFree)));
  return { roles, guessed: (Object.keys(roles) as ColumnRole[]).filter((role) => !named.has(role)) };
}

/** Columns that could be a key, by falling number of distinct values. */
function keyColumns(columns: readonly SeenColumn[]): SeenColumn[] {
  return columns.filter(({ canBeKey, distinct }) => canBeKey && distinct > 1).sort((a, b) => b.distinct - a.distinct);
}

/** Minimum number of values for conclusions from the number of distinct values. */
export const fewestValues = 50;

/** Whether nearly every row has a different value, as with contract numbers. */
export function hasUniqueValues({ filled, distinct }: SeenColumn): boolean {
  return filled >= fewestValues && distinct > 0.98 * filled;
}

/** Minimum number of distinct values of a column of products. A column with fewer is probably a status. */
export const fewProducts = 5;

/**
 * Guesses the customer column: the column with the most distinct values. Columns with a different value in each row are chosen only if there is no
 * other column.
 */
function guessCustomer(columns: readonly SeenColumn[]): string | undefined {
  const keys = keyColumns(columns);
  return (keys.find((column) => !hasUniqueValues(column)) ?? keys[0])?.name;
}

/** Guesses the product column: the column with the fewest distinct values that repeat, at least `fewProducts` if possible. */
function guessProduct(columns: readonly SeenColumn[]): string | undefined {
  const keys = keyColumns(columns)
    .filter(({ filled, distinct }) => filled < fewestValues || distinct <= filled / 2)
    .reverse();
  return (keys.find(({ distinct }) => distinct >= fewProducts) ?? keys[0])?.name;
}
