import { type PublishedCount, publishedMiddle, publishedRange, publishedValue } from '@basketwise/data/published';
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

/**
 * Computes the figures of arms only from their published numbers. Estimates use the middles of the ranges of these numbers.
 * Intervals cover those of all numbers in the ranges, evaluated at their corners.
 * So an interval is never narrower than that of the exact numbers, and a proven effect is proven.
 * Null if a number is hidden or an arm is empty.
 */
export function publishedFigures(
  isProof: boolean,
  offered: PublishedArm,
  control: PublishedArm,
  controls: readonly [PublishedArm, PublishedArm] | null,
): OutcomeFigures | null {
  const arms = [offered, control, ...(controls ?? [])];
  if (arms.some(({ customers, bought }) => !customers || bought === null)) return null;
  const compared = ([one, other, ...rest]: readonly Arm[]): Compared => ({
    ...{ isProof, offered: one!, control: other! },
    controls: rest.length === 0 ? null : { offered: rest[0]!, control: rest[1]! },
  });
  const corners = cornersOf(arms.map(({ customers, bought }) => ({ customers: customers!, bought: bought! })));
  const found = corners.map((corner) => figuresOf(compared(corner)));
  const middle = figuresOf(
    compared(arms.map(({ customers, bought }) => ({ customers: publishedMiddle(customers!), bought: publishedMiddle(bought!) }))),
  );
  return {
    difference: hull(
      middle.difference.value,
      found.map(({ difference }) => difference),
    ),
    lift: liftHull(
      middle.lift.value,
      found.map(({ lift }) => lift),
    ),
    proven: found.every(({ proven }) => proven),
    missing: middle.missing === null ? null : Math.ceil(middle.missing / 10) * 10,
  };
}

/** All combinations of the least and greatest numbers behind published ones. No arm has more purchasers than customers. */
function cornersOf([first, ...rest]: readonly Arm[]): Arm[][] {
  if (first === undefined) return [[]];
  const own = publishedRange(first.customers).flatMap((customers) =>
    publishedRange(first.bought).map((bought): Arm => ({ customers, bought: Math.min(bought, customers) })),
  );
  const others = cornersOf(rest);
  return own.flatMap((arm) => others.map((corner) => [arm, ...corner]));
}

function hull(value: number, intervals: readonly RateInterval[]): RateInterval {
  const [low, high] = [Math.min(...intervals.map((one) => one.low)), Math.max(...intervals.map((one) => one.high))];
  return { value: publishedValue(value), low: publishedValue(low), high: publishedValue(high) };
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
