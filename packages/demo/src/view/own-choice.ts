import { isComplete } from '../engine/column-doubts.ts';
import { type ColumnRole, holdingRoles } from '../engine/column-roles.ts';
import type { ChosenColumns, ChosenFile, SeenFile } from '../engine/seen-file.ts';
import type { OwnCampaign } from '../engine/train-own.ts';

/** Choices before training: the dropped files with their columns, the reference date and the campaign. */
export interface OwnChoice {
  holdings: ChosenFile;
  products: ChosenFile | null;
  customers: ChosenFile | null;
  /** Reference date that the user entered, YYYY-MM-DD. Null: the latest day of the holdings is used. */
  date: string | null;
  campaign: OwnCampaign | null;
}

/** Kinds of optional files that belong to a file of holdings. */
export const beside = ['products', 'customers'] as const;

/** Kind of an optional file: products or customers. */
export type Beside = (typeof beside)[number];

/** For each kind of optional file, the column of the holdings that refers to the file's key. */
const keyOf: Record<Beside, ColumnRole> = { products: 'product', customers: 'customer' };

/** Function that inspects an optional file (see `seeBeside`). */
export type SeeBeside = (request: { file: File; as: Beside; holdings: ChosenColumns }) => Promise<SeenFile>;

/** Inspects an optional file, and returns it with the columns that were found. */
export async function seenBeside(
  see: SeeBeside,
  { file: holdingsFile, roles }: ChosenFile,
  as: Beside,
  file: File,
): Promise<ChosenFile> {
  const seen = await see({ file, as, holdings: { file: holdingsFile, roles } });
  return { file, seen, roles: seen.roles };
}

/**
 * Changes the chosen columns of the holdings. If the column of opening dates changed, the entered reference date is dropped. If the product or
 * customer column changed, the optional file that it refers to must be inspected again (`toInspect`). Until then that file has no columns, so that
 * training waits for it.
 */
export function withHoldings(before: OwnChoice, holdings: ChosenFile): { choice: OwnChoice; toInspect: [Beside, File][] } {
  const isChanged = (role: ColumnRole) => before.holdings.roles[role] !== holdings.roles[role];
  const changed = beside.flatMap((which): [Beside, ChosenFile][] => {
    const file = before[which];
    return file && isChanged(keyOf[which]) ? [[which, file]] : [];
  });
  const waiting = Object.fromEntries(changed.map(([which, file]) => [which, { ...file, roles: {} }]));
  const date = isChanged('opened') ? null : before.date;
  return { choice: { ...before, ...waiting, holdings, date }, toInspect: changed.map(([which, { file }]) => [which, file]) };
}

/** Meanings of columns in an optional file, by kind of file. */
export const besideRoles: Record<Beside, readonly ColumnRole[]> = { products: ['code', 'name', 'class'], customers: ['id'] };

/** Whether the needed columns of all files are chosen. */
export function isReady({ holdings, products, customers }: OwnChoice): boolean {
  const others = [
    products && isComplete(products.roles, besideRoles.products),
    customers && isComplete(customers.roles, besideRoles.customers),
  ];
  return isComplete(holdings.roles, holdingRoles) && !others.includes(false);
}
