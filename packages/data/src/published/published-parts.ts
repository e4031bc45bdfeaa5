import { type PublishedCount, publishedCount, publishedShare, smallestPublished } from './published-count.ts';

/** Fewest values of a small number that must remain possible, given all published ones. */
const leastPossible = 5;
/** Greatest difference between a number and its published one. */
const unknown = smallestPublished - 1;
/** Most iterations of an attacker's reasoning. Bounds converge after two or three. */
const mostPasses = 20;

/** Positions of numbers that sum to a published total. */
export interface PartsOf {
  places: readonly number[];
  total: number;
  /** Whether the total is hidden although it is not small. */
  isHidden?: boolean;
  /** Whether the exact total is known, not only its tens. Such a total is a limit of the config. */
  isExact?: boolean;
}

/** Range of each number for an attacker who knows all published numbers, and which hidden numbers are small. */
interface Bounds {
  low: Float64Array;
  high: Float64Array;
}

/**
 * Publishes numbers of customers that sum to totals. Small numbers are hidden.
 * A hidden number can be narrowed down from totals and other numbers, by interval arithmetic. With fewer than five possible
 * values, others are hidden too.
 * The smallest are hidden first (secondary suppression). If all others are hidden, a zero is hidden.
 * @param groups sums among the numbers; a number can be part of several
 * @param unpublished positions of numbers that only connect the others
 */
export function publishedCells(
  counts: readonly number[],
  groups: readonly PartsOf[],
  unpublished: ReadonlySet<number> = new Set(),
): PublishedCount[] {
  const shown = counts.map((count, place) => (unpublished.has(place) ? null : publishedCount(count)));
  for (const { places, isHidden, isExact } of groups) {
    // The sum of its parts would reveal a hidden total.
    if (isHidden && places.every((place) => shown[place] !== null)) hide(shown, largestOf(shown, places));
    // Beside small parts of an exact total another one is always hidden. Otherwise the hiding would reveal their size.
    if (isExact && places.some((place) => shown[place] === null)) hide(shown, smallestOf(shown, places));
  }
  for (;;) {
    const revealed = firstRevealed(counts, boundsOf(counts, shown, groups, unpublished), unpublished);
    if (revealed === undefined) return shown;
    const beside = groups.filter(({ places }) => places.includes(revealed)).flatMap(({ places }) => places);
    const next = smallestOf(shown, beside) ?? beside.find((place) => shown[place] === 0);
    if (next === undefined) return shown;
    hide(shown, next);
  }
}

/** Publishes the parts of one total. @param isExact whether the exact total is known, not only its tens */
export function publishedParts(parts: readonly number[], total: number, isExact = false): PublishedCount[] {
  return publishedCells(parts, [{ places: [...parts.keys()], total, isExact }]);
}

/** Publishes parts whose sum is the total, such as customers by cluster. */
export function publishedSizes(sizes: readonly number[]): PublishedCount[] {
  return publishedParts(
    sizes,
    sizes.reduce((sum, size) => sum + size, 0),
  );
}

/** Shares of some of the values of a group, from published numbers. Values of too few customers are omitted. */
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

/**
 * Publishes named parts of a total.
 * @param each most rows of one customer: numbers are rounded down to the rows of ten customers
 */
export function publishedRecord<Name extends string>(
  parts: Readonly<Record<Name, number>>,
  total: number,
  each = 1,
): Record<Name, PublishedCount> {
  const ofCustomers = Object.values<number>(parts).map((part) => part / each);
  const shown = publishedParts(ofCustomers, total / each).map((part) => part && part * each);
  return Object.fromEntries(Object.keys(parts).map((name, i) => [name, shown[i]!])) as Record<Name, PublishedCount>;
}

function hide(shown: PublishedCount[], place: number | undefined): void {
  if (place !== undefined) shown[place] = null;
}

/** Positions of shown numbers above 0. */
function shownPlaces(shown: readonly PublishedCount[], places: readonly number[]): number[] {
  return places.filter((place) => (shown[place] ?? 0) > 0);
}

/** Position of the smallest shown number. Compares published numbers: a choice by exact ones would reveal them. */
function smallestOf(shown: readonly PublishedCount[], places: readonly number[]): number | undefined {
  return shownPlaces(shown, places).sort((a, b) => shown[a]! - shown[b]! || a - b)[0];
}

function largestOf(shown: readonly PublishedCount[], places: readonly number[]): number | undefined {
  return shownPlaces(shown, places).sort((a, b) => shown[b]! - shown[a]! || a - b)[0];
}

const isSmall = (count: number) => count > 0 && count < smallestPublished;

/** Position of the first small number with too few possible values. */
function firstRevealed(counts: readonly number[], { low, high }: Bounds, unpublished: ReadonlySet<number>): number | undefined {
  const revealed = counts.findIndex(
    (count, place) => isSmall(count) && !unpublished.has(place) && high[place]! - low[place]! + 1 < leastPossible,
  );
  return revealed < 0 ? undefined : revealed;
}

/** Narrows the range of every number by every total, until nothing changes. */
function boundsOf(
  counts: readonly number[],
  shown: readonly PublishedCount[],
  groups: readonly PartsOf[],
  unpublished: ReadonlySet<number>,
): Bounds {
  // A number hidden beside parts of an exact total has no more tens than the shown ones.
  const mostOf = (place: number) =>
    groups
      .filter(({ isExact, places }) => isExact && places.includes(place))
      .flatMap(({ places }) => shownPlaces(shown, places).map((other) => shown[other]! + unknown))
      .reduce((least, most) => Math.min(least, most), Number.POSITIVE_INFINITY);
  const hidden = (count: number, place: number) =>
    isSmall(count) ? [1, unknown] : count === 0 ? [0, unknown] : [smallestPublished, Math.max(count, mostOf(place))];
  const bounds = counts.map((count, place) => {
    if (unpublished.has(place)) return [0, Number.POSITIVE_INFINITY];
    const own = shown[place]!;
    return own === null ? hidden(count, place) : [own, own === 0 ? 0 : own + unknown];
  });
  const [low, high] = [Float64Array.from(bounds, ([least]) => least!), Float64Array.from(bounds, ([, most]) => most!)];
  for (let pass = 0, isStable = false; !isStable && pass < mostPasses; pass++) {
    isStable = groups.every((group) => !narrow({ low, high }, group));
  }
  return { low, high };
}

/** Range of a total for an attacker. */
function totalBounds({ total, isHidden, isExact }: PartsOf): readonly [number, number] {
  if (isExact) return [total, total];
  if (isHidden) return [smallestPublished, Number.POSITIVE_INFINITY];
  const whole = publishedCount(total);
  return [whole ?? 1, whole === 0 ? 0 : (whole ?? 0) + unknown];
}

/** Narrows the ranges of a total's parts. Returns whether anything changed. */
function narrow({ low, high }: Bounds, group: PartsOf): boolean {
  const { places } = group;
  const [least, most] = totalBounds(group);
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
