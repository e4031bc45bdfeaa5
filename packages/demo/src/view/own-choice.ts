import { isComplete } from '../engine/column-doubts.ts';
import { type ColumnRole, holdingRoles } from '../engine/column-roles.ts';
import type { ChosenColumns, ChosenFile, SeenFile } from '../engine/seen-file.ts';
import type { OwnCampaign } from '../engine/train-own.ts';

/** Choices before training: the holdings, and the target customers. */
export interface OwnChoice {
  holdings: ChosenFile;
  products: ChosenFile | null;
  customers: ChosenFile | null;
  /** Reference day of the holdings, if the person has entered one. Null: their last day. */
  date: string | null;
  campaign: OwnCampaign | null;
}

/** Kinds of files beside the holdings. */
export const beside = ['products', 'customers'] as const;

/** Kind of a file beside the holdings. */
export type Beside = (typeof beside)[number];

/** Column of the holdings that the key of a file beside them is found by. */
const keyOf: Record<Beside, ColumnRole> = { products: 'product', customers: 'customer' };

/** Inspects a file beside the holdings. */
export type SeeBeside = (request: { file: File; as: Beside; holdings: ChosenColumns }) => Promise<SeenFile>;

/** File beside the holdings, with the columns found by the chosen column of the holdings. */
export async function seenBeside(see: SeeBeside, { file: of, roles }: ChosenFile, as: Beside, file: File): Promise<ChosenFile> {
  const seen = await see({ file, as, holdings: { file: of, roles } });
  return { file, seen, roles: seen.roles };
}

/**
 * Choice with other columns of the holdings. A day that the person has entered holds unless the column of days has changed.
 * A file beside them whose key was found by a changed column has no columns until it is inspected again, so that training waits.
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

/** Meanings of columns in a file beside the holdings. */
export const besideRoles: Record<Beside, readonly ColumnRole[]> = { products: ['code', 'name', 'class'], customers: ['id'] };

/** Whether the needed columns of all files are chosen. */
export function isReady({ holdings, products, customers }: OwnChoice): boolean {
  const others = [
    products && isComplete(products.roles, besideRoles.products),
    customers && isComplete(customers.roles, besideRoles.customers),
  ];
  return isComplete(holdings.roles, holdingRoles) && !others.includes(false);
}
