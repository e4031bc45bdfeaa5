import type { ColumnRole } from '../engine/column-roles.ts';
import type { ChosenColumns, ChosenFile, SeenFile } from '../engine/seen-file.ts';
import type { OwnCampaign } from '../engine/train-own.ts';

/** Choices before training: the holdings, and the target customers. */
export interface OwnChoice {
  holdings: ChosenFile;
  products: ChosenFile | null;
  customers: ChosenFile | null;
  /** Reference day of the holdings. */
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
 * Choice with other columns of the holdings. Their last day is read again.
 * A file beside them whose key was found by a changed column is left out, and listed to be inspected again.
 */
export function withHoldings(before: OwnChoice, holdings: ChosenFile): { choice: OwnChoice; again: [Beside, File][] } {
  const again = beside.flatMap((which): [Beside, File][] => {
    const isChanged = before.holdings.roles[keyOf[which]] !== holdings.roles[keyOf[which]];
    return isChanged && before[which] ? [[which, before[which].file]] : [];
  });
  const leftOut = Object.fromEntries(again.map(([which]) => [which, null]));
  return { choice: { ...before, ...leftOut, holdings, date: null }, again };
}
