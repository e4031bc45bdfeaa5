import { sum } from '@basketwise/core';
import { type PublishedCount, publishedRange, publishedValue, smallestPublished } from '@basketwise/data/base';
import {
  type Arm,
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

/** Effect computed from the numbers of customers and purchasers of the arms. */
interface Effect {
  difference: RateInterval;
  lift: LiftInterval;
  proven: boolean;
}

/** Effect, and number of additional customers that would prove it in 80 % of cases. Null if no number suffices. */
export interface OutcomeFigures extends Effect {
  missing: number | null;
}

/** Figures computed from published numbers. Estimates are null if a number of purchasers is hidden. */
export interface PublishedFigures extends Omit<OutcomeFigures, 'difference'> {
  difference: Omit<RateInterval, 'value'> & { value: number | null };
}

/** Computes the figures of arms from exact numbers. */
export function figuresOf(compared: Compared): OutcomeFigures {
  return { ...effectOf(compared), missing: customersMissing(compared, 0) };
}

function effectOf({ isProof, offered, control, controls }: Compared): Effect {
  if (controls !== null) {
    const [offeredGain, controlGain] = [
      differenceInterval(offered, controls.offered),
      differenceInterval(control, controls.control),
    ];
    const difference = effectInterval(offeredGain, controlGain);
    return { difference, lift: { value: null, low: -1, high: null }, proven: difference.low > 0 };
  }
  const difference = differenceInterval(offered, control);
  return { difference, lift: liftInterval(offered, control), proven: isProof && difference.low > 0 };
}

/** Published numbers of an arm's customers and purchasers. */
export interface PublishedArm {
  customers: PublishedCount;
  bought: PublishedCount;
}

/** Least and greatest numbers of an arm's customers and purchasers. */
interface Range {
  customers: readonly [number, number];
  bought: readonly [number, number];
}

/** Range of the exact numbers that an arm's published (rounded or hidden) numbers stand for. */
interface ArmRange extends Range {
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
  const compared = ([offered, control, ...rest]: readonly Arm[]): Compared => ({
    ...{ isProof, offered: offered!, control: control! },
    controls: rest.length === 0 ? null : { offered: rest[0]!, control: rest[1]! },
  });
  const effects = cornersOf(arms).map((corner) => effectOf(compared(corner)));
  const middles = compared(arms.map(({ customers, bought }) => ({ customers: middleOf(customers), bought: middleOf(bought) })));
  const middle = arms.some(({ isHidden }) => isHidden) ? null : effectOf(middles);
  return {
    difference: {
      value: middle && publishedValue(middle.difference.value),
      ...hull(effects.map(({ difference }) => difference)),
    },
    lift: liftHull(
      middle?.lift.value ?? null,
      effects.map(({ lift }) => lift),
    ),
    proven: effects.every(({ proven }) => proven),
    missing: middle && customersMissing(middles, (smallestPublished - 1) / 2),
  };
}

/** 80 % quantile of the standard normal distribution. */
const z80 = 0.8416212335729143;
/** Largest number by which the customers of both arms are multiplied in the search for a proof. */
const mostTimes = 2 ** 20;

/**
 * Number of additional customers, in the arms' proportion, with which a true difference as large as the observed one is proven in 80 % of cases: a
 * multiple of ten. It is found by bisection, with the rule that decides. Rounded numbers need more customers than the usual sample size.
 * Null if the first arm's share is not larger, or if no number suffices.
 * @param rounding distance of each number from the ends of the range that its published number stands for
 */
function customersMissing({ isProof, offered, control, controls }: Compared, rounding: number): number | null {
  if (!isProof || controls !== null || !(shareOf(offered) > shareOf(control))) return null;
  const all = offered.customers + control.customers;
  let [low, high] = [0, 1];
  while (!isProvenAt(offered, control, high, rounding)) {
    if (high >= mostTimes) return null;
    [low, high] = [high, 2 * high];
  }
  if (low === 0) return 0;
  while ((high - low) * all > 1) {
    const middle = (low + high) / 2;
    if (isProvenAt(offered, control, middle, rounding)) high = middle;
    else low = middle;
  }
  return Math.ceil(((high - 1) * all) / 10) * 10;
}

/** Whether so many times the customers would prove the difference of two shares in 80 % of cases. */
function isProvenAt(offered: Arm, control: Arm, times: number, rounding: number): boolean {
  const arms = [offered, control].map((arm) => ({ customers: arm.customers * times, share: shareOf(arm) }));
  const variances = arms.map(({ customers, share }) => (share * (1 - share)) / customers);
  const error = Math.sqrt(sum(variances));
  // In 80 % of cases the difference is larger than this one, which is z80 standard errors smaller than the true one.
  const ranges = arms.map(({ customers, share }, i): Range => {
    const less = error === 0 ? 0 : ((i === 0 ? 1 : -1) * z80 * variances[i]!) / error;
    const bought = Math.max(0, customers * (share - less));
    const isHidden = rounding > 0 && bought < smallestPublished;
    const around = (number: number) => [Math.max(0, number - rounding), number + rounding] as const;
    return { customers: around(customers), bought: isHidden ? [0, smallestPublished - 1] : around(bought) };
  });
  return cornersOf(ranges).every(([offered, control]) => differenceInterval(offered!, control!).low > 0);
}

const shareOf = ({ customers, bought }: Arm) => bought / customers;

const middleOf = ([least, most]: readonly [number, number]) => (least + most) / 2;

/** Corners of some ranges: all combinations of least and greatest numbers. Purchasers are limited to the arm's customers. */
function cornersOf([first, ...rest]: readonly Range[]): Arm[][] {
  if (first === undefined) return [[]];
  const corners = first.customers.flatMap((customers) =>
    first.bought.map((bought): Arm => ({ customers, bought: Math.min(bought, customers) })),
  );
  const others = cornersOf(rest);
  return corners.flatMap((arm) => others.map((corner) => [arm, ...corner]));
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
