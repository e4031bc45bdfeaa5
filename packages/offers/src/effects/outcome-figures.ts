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

/** Numbers of the two arms to compare. */
export interface Compared {
  /** Whether the arms were drawn at random. False if customers with a list are compared with customers without one. */
  isProof: boolean;
  offered: Arm;
  control: Arm;
  /** Control of each arm if the arms are two variants whose effects are compared; otherwise null. */
  controls: { offered: Arm; control: Arm } | null;
}

/** Figures computed from the numbers of customers and purchasers of the arms. */
export interface OutcomeFigures {
  difference: RateInterval;
  lift: LiftInterval;
  proven: boolean;
  /** Number of additional customers that would prove the effect. Null if no number suffices. */
  missing: number | null;
}

/** Figures computed from published numbers. Estimates are null if a number of purchasers is hidden. */
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

/** Least and greatest exact numbers that an arm's published (rounded or hidden) numbers stand for. */
interface ArmRange {
  customers: readonly [number, number];
  bought: readonly [number, number];
  isHidden: boolean;
}

/**
 * Ranges of exact numbers behind an arm's published numbers. Null if no comparison is possible.
 * A hidden number of purchasers below 10 stands for 0 to 9, even if it is 0. Figures therefore do not reveal zeros.
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
 * Computes the figures of arms only from the ranges of their published numbers. Null if an arm has no range.
 * Estimates use the middles of the ranges. If a number of purchasers is hidden, there are intervals and no estimates.
 * An interval covers the intervals of all numbers in the ranges, evaluated at the corners of the ranges.
 * It is therefore never narrower than the interval of the exact numbers. An effect that it proves is proven by the exact numbers, too.
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

/** Corners of some ranges: all combinations of least and greatest numbers. Purchasers are limited to the arm's customers. */
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
