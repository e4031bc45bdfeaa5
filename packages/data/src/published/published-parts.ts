import { type PublishedCount, publishedCount, publishedShare, smallestPublished } from './published-count.ts';

/** A small number is protected if at least this number of values remain possible for it. */
const leastPossible = 5;
/** Largest difference between a number and its published value. */
const unknown = smallestPublished - 1;
/** Largest number of passes of the reasoning about bounds. It converges after two or three. */
const mostPasses = 20;

/** A published total, and the positions of the numbers that sum to it. */
export interface PartsOf {
  places: readonly number[];
  total: number;
  /** Position of the total, if it is one of the numbers that are published together. */
  of?: number;
  /** Whether the total is hidden although it is not small. */
  isHidden?: boolean;
  /** Whether the exact total is known, not only its tens. An example is a total that is a limit in the config. */
  isExact?: boolean;
}

/**
 * Range of each number that an attacker can derive. The attacker knows all published numbers, and which hidden numbers are small.
 */
interface CountRanges {
  low: Float64Array;
  high: Float64Array;
}

/**
 * Publishes numbers of customers that sum to totals. Small numbers are hidden. An attacker can narrow a hidden number down by
 * interval arithmetic, from totals and other numbers. If fewer than five values remain possible, further numbers are hidden
 * (secondary suppression). First comes the smallest number with the same total, then a zero, then the total. Last come numbers of
 * other groups that share a number with this group.
 * @param groups sums among the numbers; a number can be part of several groups, and the total of another
 * @param unpublished positions of numbers that are not published themselves, but are totals or parts of others
 * @param likeSmall positions of numbers whose zeros are hidden, too. Hidden parts of a small total can then be zeros
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
      // If this pass has already hidden a number of these groups, that may suffice. The next pass decides.
      if (pinning.some((group) => cellsOf(group).some((cell) => hidden.has(cell)))) continue;
      const next = nextHidden(shown, bounds, groupsOf, place, pinning);
      if (next === undefined) continue;
      hidden.add(next);
      hide(shown, next);
    }
    if (hidden.size === 0) return shown;
  }
}

/**
 * Hides numbers by fixed rules, which look only at published numbers and at which numbers are small. If these numbers were hidden
 * only when necessary, the hiding itself would reveal small numbers.
 */
function hideAlways(
  shown: PublishedCount[],
  groups: readonly PartsOf[],
  unpublished: ReadonlySet<number>,
  isSmall: (place: number) => boolean,
): void {
  for (const { places, of, total, isHidden, isExact } of groups) {
    // If all parts are hidden, a total near its maximum is hidden, too. Hiding it only at its maximum would reveal the maximum.
    if (of !== undefined && places.every(isSmall) && isNearMost(places.length, total)) hide(shown, of);
    // If all parts of a hidden total are shown, their sum would reveal the total. So the largest part is hidden.
    if (isHidden && places.every((place) => shown[place] !== null)) hide(shown, largestOf(shown, places));
    // If an exact total has hidden parts, one more part is always hidden. Hiding it only when necessary would reveal small parts.
    if (isExact && places.some((place) => shown[place] === null && !unpublished.has(place)))
      hide(shown, smallestOf(shown, places));
  }
  // A total that was hidden above as a part of another total: if all its own parts are shown, the largest is hidden.
  for (const { places, of } of groups) {
    if (of === undefined || shown[of] !== null || isSmall(of) || unpublished.has(of)) continue;
    if (places.every((place) => shown[place] !== null)) hide(shown, largestOf(shown, places));
  }
}

/**
 * Whether the published total of `parts` small numbers must be hidden. `tens` is the largest possible published total.
 * It must be hidden if `tens` would leave too few possible values, and the total is `tens` or the next lower published total.
 */
function isNearMost(parts: number, total: number): boolean {
  const most = unknown * parts;
  const tens = most - (most % smallestPublished);
  return parts > 1 && most - tens + 1 < leastPossible && total >= tens - smallestPublished;
}

function cellsOf({ places, of }: PartsOf): readonly number[] {
  return of === undefined ? places : [...places, of];
}

/** Groups that each leave too few possible values to a revealed number. If there are none, all groups of the number. */
function pinningGroups(bounds: CountRanges, groups: readonly PartsOf[], place: number): readonly PartsOf[] {
  const pinning = groups.filter((group) => widthIn(bounds, group, place) < leastPossible);
  return pinning.length > 0 ? pinning : groups;
}

/** Number of values that a group leaves possible for one of its small numbers, or for its hidden total. */
function widthIn(bounds: CountRanges, group: PartsOf, place: number): number {
  const [least, most] = impliedRange(bounds, group, place);
  const isSmallOne = bounds.high[place]! <= unknown;
  return (isSmallOne ? Math.min(most, unknown) - Math.max(least, Math.min(1, bounds.low[place]!)) : most - least) + 1;
}

/** Range of a number that follows from the ranges of the other numbers of a group. */
function impliedRange({ low, high }: CountRanges, group: PartsOf, place: number): readonly [number, number] {
  const sumOf = (ends: Float64Array) => group.places.reduce((sum, other) => sum + (other === place ? 0 : ends[other]!), 0);
  const [lows, highs] = [sumOf(low), sumOf(high)];
  if (group.of === place) return [lows, highs];
  const [least, most] = totalBounds(group, { low, high });
  return [least - highs, most - lows];
}

/**
 * Next number to hide, by a breadth-first search. The search begins with the groups of the revealed number. Next come the groups
 * of the other numbers in these groups, and so on. Within a level, the group that narrows the range most comes first.
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

/** Index of a group to hide beside the number at `place`: the smallest shown number; if there is none, a zero, then the total. */
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

/** Publishes numbers that are all parts of their sum, such as the customers of each cluster. */
export function publishedSizes(sizes: readonly number[]): PublishedCount[] {
  return publishedParts(
    sizes,
    sizes.reduce((sum, size) => sum + size, 0),
  );
}

/** Shares of the values in a group, computed from published numbers. Values of too few customers are left out. */
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
 * Publishes parts of a total that have names.
 * @param each for numbers of rows: the largest number of rows of one customer. The results are then multiples of 10 x `each`
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

/** Positions of the numbers that are shown and above 0. */
function shownPlaces(shown: readonly PublishedCount[], places: readonly number[]): number[] {
  return places.filter((place) => (shown[place] ?? 0) > 0);
}

/**
 * Position of the smallest number that is shown. Published numbers are compared, because a choice by exact numbers would reveal
 * the exact numbers.
 */
function smallestOf(shown: readonly PublishedCount[], places: readonly number[]): number | undefined {
  return shownPlaces(shown, places).sort((a, b) => shown[a]! - shown[b]! || a - b)[0];
}

function largestOf(shown: readonly PublishedCount[], places: readonly number[]): number | undefined {
  return shownPlaces(shown, places).sort((a, b) => shown[b]! - shown[a]! || a - b)[0];
}

/** Knowledge of an attacker besides the published numbers: which hidden numbers are small, and all sums. */
interface Known {
  counts: readonly number[];
  groups: readonly PartsOf[];
  unpublished: ReadonlySet<number>;
  likeSmall: ReadonlySet<number>;
}

/** Narrows the range of each number by each total, until no range changes. */
function countRangesOf({ counts, groups, unpublished, likeSmall }: Known, shown: readonly PublishedCount[]): CountRanges {
  // For an exact total, hideAlways hides the smallest shown number. It is at most the smallest number still shown.
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

/** Range of a total, as an attacker can derive it. */
function totalBounds({ total, of, isHidden, isExact }: PartsOf, { low, high }: CountRanges): readonly [number, number] {
  if (isExact) return [total, total];
  if (of !== undefined) return [low[of]!, high[of]!];
  if (isHidden) return [smallestPublished, Number.POSITIVE_INFINITY];
  const whole = publishedCount(total);
  return [whole ?? 1, whole === 0 ? 0 : (whole ?? 0) + unknown];
}

/** Narrows the ranges of the parts of a total, and of the total. Returns whether a range changed. */
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
