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
  /** Position of the total, if it is one of the numbers, and published with them. */
  of?: number;
  /** Whether the total is hidden although it is not small. */
  isHidden?: boolean;
  /** Whether the exact total is known, not only its tens. Such a total is a limit of the config. */
  isExact?: boolean;
}

/** Range of each number for an attacker who knows all published numbers, and which hidden numbers are small. */
interface CountRanges {
  low: Float64Array;
  high: Float64Array;
}

/**
 * Publishes numbers of customers that sum to totals. Small numbers are hidden.
 * A hidden number can be narrowed down from totals and other numbers, by interval arithmetic. With fewer than five possible
 * values, others are hidden too.
 * The smallest beside it are hidden first (secondary suppression), then zeros, then its total, then numbers that narrow those.
 * @param groups sums among the numbers; a number can be part of several, and the total of others
 * @param unpublished positions of numbers that only connect the others
 * @param likeSmall positions of numbers whose zeros are hidden, too. Many hidden parts of a small total can then be zeros
 */
export function publishedCells(
  counts: readonly number[],
  groups: readonly PartsOf[],
  unpublished: ReadonlySet<number> = new Set(),
  likeSmall: ReadonlySet<number> = new Set(),
): PublishedCount[] {
  const isSmall = (place: number) =>
    !unpublished.has(place) && counts[place]! < smallestPublished && (counts[place]! > 0 || likeSmall.has(place));
  const shown = counts.map((count, place) => (unpublished.has(place) || isSmall(place) ? null : publishedCount(count)));
  hideAlways(shown, groups, unpublished, isSmall);
  const groupsOf = counts.map((): PartsOf[] => []);
  for (const group of groups) for (const place of cellsOf(group)) groupsOf[place]!.push(group);
  for (;;) {
    const bounds = countRangesOf({ counts, groups, unpublished, likeSmall }, shown);
    const revealed = [...counts.keys()].filter(
      (place) => isSmall(place) && bounds.high[place]! - bounds.low[place]! + 1 < leastPossible,
    );
    const hidden = new Set<number>();
    for (const place of revealed) {
      const pinning = pinningGroups(bounds, groupsOf[place]!, place);
      // A number hidden in this pass may be enough.
      if (pinning.some((group) => cellsOf(group).some((cell) => hidden.has(cell)))) continue;
      const next = nextHidden(shown, bounds, groupsOf, place, pinning);
      if (next === undefined) continue;
      hidden.add(next);
      hide(shown, next);
    }
    if (hidden.size === 0) return shown;
  }
}

/** Hides the numbers whose hiding by case would reveal others: whether they are shown depends on small numbers alone. */
function hideAlways(
  shown: PublishedCount[],
  groups: readonly PartsOf[],
  unpublished: ReadonlySet<number>,
  isSmall: (place: number) => boolean,
): void {
  for (const { places, of, total, isHidden, isExact } of groups) {
    // Of great small parts, the total is hidden together with smaller ones. Otherwise the hiding would reveal it.
    if (of !== undefined && places.every(isSmall) && isNearMost(places.length, total)) hide(shown, of);
    // The sum of its parts would reveal a hidden total.
    if (isHidden && places.every((place) => shown[place] !== null)) hide(shown, largestOf(shown, places));
    // Beside small parts of an exact total another one is always hidden. Otherwise the hiding would reveal their size.
    if (isExact && places.some((place) => shown[place] === null && !unpublished.has(place)))
      hide(shown, smallestOf(shown, places));
  }
  // The same for totals among the numbers, hidden beside small parts of an exact one.
  for (const { places, of } of groups) {
    if (of === undefined || shown[of] !== null || isSmall(of) || unpublished.has(of)) continue;
    if (places.every((place) => shown[place] !== null)) hide(shown, largestOf(shown, places));
  }
}

/** Whether a total of so many hidden small numbers is among the two greatest published ones, and the greatest reveals them. */
function isNearMost(parts: number, total: number): boolean {
  const most = unknown * parts;
  const tens = most - (most % smallestPublished);
  return parts > 1 && most - tens + 1 < leastPossible && total >= tens - smallestPublished;
}

function cellsOf({ places, of }: PartsOf): readonly number[] {
  return of === undefined ? places : [...places, of];
}

/** Groups that leave a revealed number too few values; all of its groups if only several together do. */
function pinningGroups(bounds: CountRanges, groups: readonly PartsOf[], place: number): readonly PartsOf[] {
  const pinning = groups.filter((group) => widthIn(bounds, group, place) < leastPossible);
  return pinning.length > 0 ? pinning : groups;
}

/** Number of values that a group leaves to one of its small numbers, or to its hidden total. */
function widthIn(bounds: CountRanges, group: PartsOf, place: number): number {
  const [least, most] = impliedRange(bounds, group, place);
  const isSmallOne = bounds.high[place]! <= unknown;
  return (isSmallOne ? Math.min(most, unknown) - Math.max(least, Math.min(1, bounds.low[place]!)) : most - least) + 1;
}

/** Range of a group's number by the other numbers alone. */
function impliedRange({ low, high }: CountRanges, group: PartsOf, place: number): readonly [number, number] {
  const sumOf = (ends: Float64Array) => group.places.reduce((sum, other) => sum + (other === place ? 0 : ends[other]!), 0);
  const [lows, highs] = [sumOf(low), sumOf(high)];
  if (group.of === place) return [lows, highs];
  const [least, most] = totalBounds(group, { low, high });
  return [least - highs, most - lows];
}

/**
 * Next number to hide: beside the revealed one, else beside the hidden ones beside it, and so on; of the groups that narrow
 * them most.
 */
function nextHidden(
  shown: readonly PublishedCount[],
  bounds: CountRanges,
  groupsOf: readonly (readonly PartsOf[])[],
  revealed: number,
  pinning: readonly PartsOf[],
): number | undefined {
  const reached = new Set([revealed]);
  const seen = new Set<PartsOf>(pinning);
  let level = pinning.map((group) => ({ group, place: revealed }));
  while (level.length > 0) {
    const ordered = level
      .map((one) => ({ ...one, width: widthIn(bounds, one.group, one.place) }))
      .filter(({ width }) => Number.isFinite(width))
      .sort((a, b) => a.width - b.width);
    for (const { group, place } of ordered) {
      const next = besideIn(shown, group, place);
      if (next !== undefined) return next;
    }
    const cells = [...new Set(level.flatMap(({ group }) => cellsOf(group)))].filter((cell) => !reached.has(cell));
    level = [];
    for (const place of cells) {
      reached.add(place);
      for (const group of groupsOf[place]!) {
        if (seen.has(group)) continue;
        seen.add(group);
        level.push({ group, place });
      }
    }
  }
  return undefined;
}

/** Number of a group to hide beside another one: the smallest shown, else a zero, else the total. */
function besideIn(shown: readonly PublishedCount[], group: PartsOf, place: number): number | undefined {
  const others = group.places.filter((other) => other !== place);
  const smallest = smallestOf(shown, others);
  if (smallest !== undefined || group.of === place) return smallest;
  return others.find((other) => shown[other] === 0) ?? (group.of !== undefined && shown[group.of] ? group.of : undefined);
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

/** Knowledge of an attacker besides the published numbers: which hidden ones are small, and all sums. */
interface Known {
  counts: readonly number[];
  groups: readonly PartsOf[];
  unpublished: ReadonlySet<number>;
  likeSmall: ReadonlySet<number>;
}

/** Narrows the range of every number by every total, until nothing changes. */
function countRangesOf({ counts, groups, unpublished, likeSmall }: Known, shown: readonly PublishedCount[]): CountRanges {
  // A number hidden beside parts of an exact total has no more tens than the shown ones.
  const mostOf = new Map<number, number>();
  for (const { isExact, places } of groups) {
    if (!isExact) continue;
    const smallest = smallestOf(shown, places);
    if (smallest === undefined) continue;
    const most = shown[smallest]! + unknown;
    for (const place of places) mostOf.set(place, Math.min(most, mostOf.get(place) ?? Number.POSITIVE_INFINITY));
  }
  const hidden = (count: number, place: number) =>
    count < smallestPublished
      ? [likeSmall.has(place) ? 0 : Math.min(count, 1), unknown]
      : [smallestPublished, Math.max(count, mostOf.get(place) ?? Number.POSITIVE_INFINITY)];
  const ranges = counts.map((count, place) => {
    if (unpublished.has(place)) return [0, Number.POSITIVE_INFINITY];
    const own = shown[place]!;
    return own === null ? hidden(count, place) : [own, own === 0 ? 0 : own + unknown];
  });
  const [low, high] = [Float64Array.from(ranges, ([from]) => from!), Float64Array.from(ranges, ([, to]) => to!)];
  for (let pass = 0, isStable = false; !isStable && pass < mostPasses; pass++) {
    isStable = true;
    for (const group of groups) if (narrowRange({ low, high }, group)) isStable = false;
  }
  return { low, high };
}

/** Range of a total for an attacker. */
function totalBounds({ total, of, isHidden, isExact }: PartsOf, { low, high }: CountRanges): readonly [number, number] {
  if (isExact) return [total, total];
  if (of !== undefined) return [low[of]!, high[of]!];
  if (isHidden) return [smallestPublished, Number.POSITIVE_INFINITY];
  const whole = publishedCount(total);
  return [whole ?? 1, whole === 0 ? 0 : (whole ?? 0) + unknown];
}

/** Narrows the ranges of a total's parts, and of the total. Returns whether anything changed. */
function narrowRange({ low, high }: CountRanges, group: PartsOf): boolean {
  const { places, of } = group;
  const [least, most] = totalBounds(group, { low, high });
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
  if (of === undefined) return isChanged;
  const [lowest, highest] = [Math.max(low[of]!, lows), Math.min(high[of]!, endless > 0 ? Number.POSITIVE_INFINITY : highs)];
  if (lowest === low[of] && highest === high[of]) return isChanged;
  low[of] = lowest;
  high[of] = highest;
  return true;
}
