import type { Allocation } from './allocation.ts';
import type { BestOffers } from './best-offers.ts';
import { cellPrices, type OfferCells, type OfferProblem } from './offer-problem.ts';
import type { OfferPrices } from './prices.ts';

/** Markers in place of the number of the capacity with a limit of 0 that counts a pair of group and item: `open` for none, or `several`. */
const [open, several] = [-1, -2];

/**
 * Shadow prices of capacities, as reported. Above 0: value of one more offer. Below 0: cost of the last offer of a minimum.
 * Null: the minimum is not reached.
 * A price is reported as 0 if price x capacity is less than 1e-7 of the upper bound, because the search only comes close to 0.
 */
export function capacityPrices(
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
 * Value of the first offer of each capacity with a limit of 0, at the prices of the other capacities.
 * The search may end at any price above this value, because all of these prices prove the same bound. This value is reported.
 * @returns value by capacity, undefined for a capacity with a limit above 0; null if all limits are above 0
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
    const closedCapacities = cells.capacity
      .subarray(cells.start[cell]!, cells.start[cell + 1]!)
      .filter((g) => capacities[g]!.most === 0);
    return closedCapacities.length > 1 ? several : (closedCapacities[0] ?? open);
  });
  for (let cell = 0; cell < closed.length; cell++)
    closed[cell] = closedBy[cell] === open ? priced[cell]! : Number.POSITIVE_INFINITY;
  for (let classIndex = 0; classIndex < offered.length; classIndex++) {
    if (offered[classIndex] === 0) continue;
    let top: number | undefined;
    for (const entry of best.candidates(classIndex)) {
      const g = closedBy[group[classIndex]! * items.length + item[entry]!]!;
      if (g < 0 || !(worth[entry]! > gains[g]!)) continue;
      top ??= best.choose(classIndex, closed);
      gains[g] = Math.max(gains[g]!, best.choose(classIndex, closed, { forced: entry, held: [entry], priced }) - top);
    }
  }
  return gains;
}
