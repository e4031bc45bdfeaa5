import { type PublishedCount, publishedCount, publishedShare, smallestPublished } from './published-count.ts';

/** Of a small number at least so many values must stay possible for whoever knows all that is published. */
const leastPossible = 5;
/** A published number stands for itself up to this much more. */
const unknown = smallestPublished - 1;
/** Passes of an attacker's reasoning; bounds settle after two or three. */
const mostPasses = 20;

/** Numbers that add up to a total that is published: by their places in a list of numbers. */
export interface PartsOf {
  places: readonly number[];
  total: number;
  /** The total is none of the small ones, and is hidden all the same. */
  isHidden?: boolean;
}

/** Range of a number for an attacker who knows what is published, and of hidden numbers whether they are small. */
interface Bounds {
  low: Float64Array;
  high: Float64Array;
}

/**
 * Publishes numbers of customers that add up. Small ones are hidden; where totals less the other numbers would tell a hidden one too closely,
 * others are hidden too, the smallest first (secondary suppression). Too closely is what interval arithmetic over all of the totals narrows
 * down to fewer than five values.
 * @param groups which of the numbers add up to which total; a number may be part of several
 */
export function publishedCells(counts: readonly number[], groups: readonly PartsOf[]): PublishedCount[] {
  const shown = counts.map(publishedCount);
  for (const group of groups) {
    // the sum of its parts would tell a hidden total
    if (group.isHidden && group.places.every((place) => shown[place] !== null))
      hide(shown, largestOf(counts, shown, group.places));
  }
  for (;;) {
    const told = firstTold(counts, boundsOf(counts, shown, groups));
    if (told === undefined) return shown;
    const beside = groups.filter(({ places }) => places.includes(told)).flatMap(({ places }) => places);
    const next = smallestOf(counts, shown, beside);
    if (next === undefined) return shown;
    hide(shown, next);
  }
}

/** The parts of one total. */
export function publishedParts(parts: readonly number[], total: number): PublishedCount[] {
  return publishedCells(parts, [{ places: [...parts.keys()], total }]);
}

/** Parts of their own sum: customers by cluster. */
export function publishedSizes(sizes: readonly number[]): PublishedCount[] {
  return publishedParts(
    sizes,
    sizes.reduce((sum, size) => sum + size, 0),
  );
}

/** Shares of some of the values of a group, of published numbers; those of too few customers are left out. */
export function publishedShares<T>(counts: readonly { of: T; count: number }[], total: number): { of: T; share: number }[] {
  const shown = publishedParts(
    counts.map(({ count }) => count),
    total,
  );
  return counts.flatMap(({ of }, i) => {
    const share = publishedShare(shown[i]!, publishedCount(total));
    return share === null || share === 0 ? [] : [{ of, share }];
  });
}

/** The same of parts by name. */
export function publishedRecord<Name extends string>(
  parts: Readonly<Record<Name, number>>,
  total: number,
): Record<Name, PublishedCount> {
  const shown = publishedParts(Object.values(parts), total);
  return Object.fromEntries(Object.keys(parts).map((name, i) => [name, shown[i]!])) as Record<Name, PublishedCount>;
}

function hide(shown: PublishedCount[], place: number | undefined): void {
  if (place !== undefined) shown[place] = null;
}

/** Places of numbers that are shown and more than none. */
function left(shown: readonly PublishedCount[], places: readonly number[]): number[] {
  return places.filter((place) => (shown[place] ?? 0) > 0);
}

function smallestOf(counts: readonly number[], shown: readonly PublishedCount[], places: readonly number[]): number | undefined {
  return left(shown, places).sort((a, b) => counts[a]! - counts[b]! || a - b)[0];
}

function largestOf(counts: readonly number[], shown: readonly PublishedCount[], places: readonly number[]): number | undefined {
  return left(shown, places).sort((a, b) => counts[b]! - counts[a]! || a - b)[0];
}

const isSmall = (count: number) => count > 0 && count < smallestPublished;

/** The first small number of which too few values are possible, where somebody else's is not at stake already: a total of one part is told. */
function firstTold(counts: readonly number[], { low, high }: Bounds): number | undefined {
  const told = counts.findIndex((count, place) => isSmall(count) && high[place]! - low[place]! + 1 < leastPossible);
  return told < 0 ? undefined : told;
}

/** Narrows what every number can be by every total, until nothing changes. */
function boundsOf(counts: readonly number[], shown: readonly PublishedCount[], groups: readonly PartsOf[]): Bounds {
  const low = Float64Array.from(counts, (count, place) => shown[place] ?? (isSmall(count) ? 1 : smallestPublished));
  const high = Float64Array.from(counts, (count, place) => {
    const own = shown[place];
    if (own === null || own === undefined) return isSmall(count) ? unknown : Number.POSITIVE_INFINITY;
    return own === 0 ? 0 : own + unknown;
  });
  for (let pass = 0, isStable = false; !isStable && pass < mostPasses; pass++) {
    isStable = groups.every((group) => !narrow({ low, high }, group));
  }
  return { low, high };
}

/** Narrows the parts of a total; whether anything changed. */
function narrow({ low, high }: Bounds, { places, total, isHidden }: PartsOf): boolean {
  const whole = isHidden ? null : publishedCount(total);
  const least = isHidden ? smallestPublished : (whole ?? 1);
  const most = isHidden ? Number.POSITIVE_INFINITY : whole === 0 ? 0 : (whole ?? 0) + unknown;
  let [lows, highs, endless] = [0, 0, 0];
  for (const place of places) {
    lows += low[place]!;
    if (Number.isFinite(high[place]!)) highs += high[place]!;
    else endless++;
  }
  let isChanged = false;
  for (const place of places) {
    const isEndless = !Number.isFinite(high[place]!);
    const others = endless - Number(isEndless) > 0 ? Number.POSITIVE_INFINITY : highs - (isEndless ? 0 : high[place]!);
    const [lowest, highest] = [Math.max(low[place]!, least - others), Math.min(high[place]!, most - (lows - low[place]!))];
    if (lowest === low[place] && highest === high[place]) continue;
    isChanged = true;
    lows += lowest - low[place]!;
    if (!isEndless) highs += highest - high[place]!;
    else if (Number.isFinite(highest)) {
      endless--;
      highs += highest;
    }
    low[place] = lowest;
    high[place] = highest;
  }
  return isChanged;
}
