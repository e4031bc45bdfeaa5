import { type PublishedCount, publishedRange, publishedValue, smallestPublished } from '@basketwise/data/published';
import {
  type Arm,
  customersMissing,
  differenceInterval,
  effectInterval,
  type LiftInterval,
  liftInterval,
  type RateInterval,
} from '@basketwise/recommend';

/** Arms to compare. */
export interface Compared {
  /** Whether the arms were drawn at random. Customers without a list are no control. */
  isProof: boolean;
  offered: Arm;
  control: Arm;
  /** Control of each arm, if the difference of two effects is estimated; else null. */
  controls: { offered: Arm; control: Arm } | null;
}

/** Figures computed from the numbers of the arms. */
export interface OutcomeFigures {
  difference: RateInterval;
  lift: LiftInterval;
  proven: boolean;
  /** Additional customers for a proof. Null if no number suffices. */
  missing: number | null;
}

/** Figures computed from published numbers. Without estimates if a number of purchasers is hidden: its middle is no estimate. */
export interface PublishedFigures extends Omit<OutcomeFigures, 'difference'> {
  difference: Omit<RateInterval, 'value'> & { value: number | null };
}

/** Computes the figures of arms. */
export function figuresOf({ isProof, offered, control, controls }: Compared): OutcomeFigures {
  if (controls !== null) {
    const [one, other] = [differenceInterval(offered, controls.offered), differenceInterval(control, controls.control)];
    const difference = effectInterval(one, other);
    return { difference, lift: { value: null, low: -1, high: null }, proven: difference.low > 0, missing: null };
  }
  const difference = differenceInterval(offered, control);
  return {
    ...{ difference, lift: liftInterval(offered, control), proven: isProof && difference.low > 0 },
    missing: isProof ? customersMissing(offered, control) : null,
  };
}

/** Published numbers of an arm's customers and purchasers. */
export interface PublishedArm {
  customers: PublishedCount;
  bought: PublishedCount;
}

/** Least and greatest numbers behind the published numbers of an arm. */
interface ArmRange {
  customers: readonly [number, number];
  bought: readonly [number, number];
  isHidden: boolean;
}

/**
 * Ranges of an arm's published numbers. Null if no comparison is possible.
 * A hidden number of purchasers below 10 stands for 0 to 9, also if it is 0, so that figures do not tell zeros from small numbers.
 * @param bought exact number of purchasers
 */
export function armRange({ customers, bought: published }: PublishedArm, bought: number): ArmRange | null {
  if (!customers || (published === null && bought >= smallestPublished)) return null;
  return {
    customers: publishedRange(customers),
    bought: published === null ? [0, smallestPublished - 1] : publishedRange(published),
    isHidden: published === null,
  };
}

/**
 * Computes the figures of arms only from the ranges of their published numbers. Estimates use the middles of the ranges: with a
 * hidden number of purchasers there are none, only intervals.
 * Intervals cover those of all numbers in the ranges, evaluated at their corners.
 * So an interval is never narrower than that of the exact numbers, and a proven effect is proven.
 * Null if an arm has no range.
 */
export function publishedFigures(
  isProof: boolean,
  offered: ArmRange | null,
  control: ArmRange | null,
  controls: readonly [ArmRange | null, ArmRange | null] | null,
): PublishedFigures | null {
  const arms: ArmRange[] = [];
  for (const arm of [offered, control, ...(controls ?? [])]) {
    if (arm === null) return null;
    arms.push(arm);
  }
  const compared = ([one, other, ...rest]: readonly Arm[]): Compared => ({
    ...{ isProof, offered: one!, control: other! },
    controls: rest.length === 0 ? null : { offered: rest[0]!, control: rest[1]! },
  });
  const found = cornersOf(arms).map((corner) => figuresOf(compared(corner)));
  const middle = arms.some(({ isHidden }) => isHidden)
    ? null
    : figuresOf(compared(arms.map(({ customers, bought }) => ({ customers: middleOf(customers), bought: middleOf(bought) }))));
  return {
    difference: { value: middle && publishedValue(middle.difference.value), ...hull(found.map(({ difference }) => difference)) },
    lift: liftHull(
      middle?.lift.value ?? null,
      found.map(({ lift }) => lift),
    ),
    proven: found.every(({ proven }) => proven),
    missing: middle?.missing == null ? null : Math.ceil(middle.missing / 10) * 10,
  };
}

const middleOf = ([least, most]: readonly [number, number]) => (least + most) / 2;

/** All combinations of the least and greatest numbers of ranges. No arm has more purchasers than customers. */
function cornersOf([first, ...rest]: readonly ArmRange[]): Arm[][] {
  if (first === undefined) return [[]];
  const own = first.customers.flatMap((customers) =>
    first.bought.map((bought): Arm => ({ customers, bought: Math.min(bought, customers) })),
  );
  const others = cornersOf(rest);
  return own.flatMap((arm) => others.map((corner) => [arm, ...corner]));
}

function hull(intervals: readonly RateInterval[]): Omit<RateInterval, 'value'> {
  const [low, high] = [Math.min(...intervals.map((one) => one.low)), Math.max(...intervals.map((one) => one.high))];
  return { low: publishedValue(low), high: publishedValue(high) };
}

function liftHull(value: number | null, intervals: readonly LiftInterval[]): LiftInterval {
  const low = Math.min(...intervals.map((one) => one.low));
  const highs = intervals.map((one) => one.high);
  const isBounded = highs.every((high) => high !== null);
  return {
    value: value === null ? null : publishedValue(value),
    low: publishedValue(low),
    high: isBounded ? publishedValue(Math.max(...(highs as number[]))) : null,
  };
}
