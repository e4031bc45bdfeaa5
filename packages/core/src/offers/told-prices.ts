import type { Allocation } from './allocation.ts';
import type { BestOffers } from './best-offers.ts';
import { cellPrices, type OfferCells, type OfferProblem } from './offer-problem.ts';
import type { OfferPrices } from './prices.ts';

/** In place of the capacity that closes a pair of group and item: none does, or several do. */
const [open, severally] = [-1, -2];

/**
 * Prices of capacities as they are told: what one more offer is worth, or costs. Null where a minimum is not reached: no price would reach it. Steps of prices end near 0,
 * not at it: a price is 0 where all of the capacity at this price is next to nothing of the whole.
 */
export function toldPrices(
  { problem, cells, best }: Allocation,
  { prices, bound }: OfferPrices,
  unreached: readonly number[],
): (number | null)[] {
  const gains = gainsOfFirst(problem, cells, best, prices);
  return problem.capacities.map(({ least, most }, g) => {
    if (unreached.includes(g)) return null;
    const price = gains?.[g] ?? prices[g]!;
    return Math.abs(price) * (price > 0 ? Math.max(1, most) : least) < bound * 1e-7 ? 0 : price;
  });
}

/**
 * Most that one offer would gain at the prices of the other capacities, of each capacity that allows none: any price that keeps all customers away proves the same bound, and the least
 * of them is what an offer is worth.
 * @returns by capacity; undefined of those that allow offers, null where all do
 */
function gainsOfFirst(
  problem: OfferProblem,
  cells: OfferCells,
  best: BestOffers,
  prices: Float64Array,
): (number | undefined)[] | null {
  const { capacities, offered, group, items, item, worth } = problem;
  if (capacities.every(({ most }) => most > 0)) return null;
  const gains: (number | undefined)[] = capacities.map(({ most }) => (most > 0 ? undefined : 0));
  const [priced, closed] = [new Float64Array(cells.start.length - 1), new Float64Array(cells.start.length - 1)];
  cellPrices(
    cells,
    prices.map((price, g) => (capacities[g]!.most > 0 ? price : 0)),
    priced,
  );
  const closedBy = Int32Array.from(priced, (_, cell) => {
    const own = cells.capacity.subarray(cells.start[cell]!, cells.start[cell + 1]!).filter((g) => capacities[g]!.most === 0);
    return own.length > 1 ? severally : (own[0] ?? open);
  });
  for (let cell = 0; cell < closed.length; cell++)
    closed[cell] = closedBy[cell] === open ? priced[cell]! : Number.POSITIVE_INFINITY;
  for (let of = 0; of < offered.length; of++) {
    if (offered[of] === 0) continue;
    let top: number | undefined;
    for (const entry of best.candidates(of)) {
      const g = closedBy[group[of]! * items.length + item[entry]!]!;
      if (g < 0 || !(worth[entry]! > gains[g]!)) continue;
      top ??= best.choose(of, closed);
      gains[g] = Math.max(gains[g]!, best.choose(of, closed, { forced: entry, held: [entry], priced }) - top);
    }
  }
  return gains;
}
