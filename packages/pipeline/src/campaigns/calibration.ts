/** Recommendations of one score: how many were made, and how many of them were bought. */
export interface ScoredPairs {
  score: Float64Array;
  /** Customers to whom a product was recommended with this score. */
  pairs: Float64Array;
  /** Of those, who bought it. */
  bought: Float64Array;
}

/** What turns a model's score into a probability of purchase within the window; never falling as the score rises. */
export type Calibration =
  /** Linear between the thresholds (ascending), level outside them. */
  | { method: 'isotonic'; scores: readonly number[]; probabilities: readonly number[] }
  /** 1 / (1 + exp(-(slope score + intercept))), slope at least 0. */
  | { method: 'platt'; slope: number; intercept: number };

/** Purchases from which on steps are trusted; below, a curve of two numbers. */
const leastForIsotonic = 100;
/** Fewer purchases say nothing. */
const leastPurchases = 10;

/**
 * Fits a calibration: isotonic with at least 100 purchases, else Platt's, null with fewer than 10.
 * @param points in any order
 */
export function fitCalibration(points: ScoredPairs): Calibration | null {
  const purchases = points.bought.reduce((sum, count) => sum + count, 0);
  if (purchases < leastPurchases) return null;
  return purchases < leastForIsotonic ? fitPlatt(points) : fitIsotonic(points);
}

/** Points by rising score, equal scores together, those without pairs left out. */
function merged({ score, pairs, bought }: ScoredPairs): { score: number; pairs: number; bought: number }[] {
  const order = Uint32Array.from(score.keys()).filter((at) => pairs[at]! > 0);
  order.sort((a, b) => score[a]! - score[b]!);
  const found: { score: number; pairs: number; bought: number }[] = [];
  for (const at of order) {
    const last = found.at(-1);
    if (last !== undefined && last.score === score[at]) {
      last.pairs += pairs[at]!;
      last.bought += bought[at]!;
    } else found.push({ score: score[at]!, pairs: pairs[at]!, bought: bought[at]! });
  }
  return found;
}

/**
 * Isotonic regression by pooling adjacent violators (R. E. Barlow et al., Statistical Inference under Order Restrictions, 1972). Thresholds are
 * the first and the last score of each block.
 */
export function fitIsotonic(points: ScoredPairs): Calibration {
  const blocks: { from: number; to: number; pairs: number; bought: number }[] = [];
  for (const { score, pairs, bought } of merged(points)) {
    let block = { from: score, to: score, pairs, bought };
    while (blocks.length > 0) {
      const last = blocks.at(-1)!;
      if (last.bought * block.pairs < block.bought * last.pairs) break;
      blocks.pop();
      block = { from: last.from, to: block.to, pairs: last.pairs + block.pairs, bought: last.bought + block.bought };
    }
    blocks.push(block);
  }
  const ends = blocks.flatMap(({ from, to, pairs, bought }) => {
    const probability = bought / pairs;
    return from === to
      ? [[from, probability]]
      : [
          [from, probability],
          [to, probability],
        ];
  });
  return { method: 'isotonic', scores: ends.map(([score]) => score!), probabilities: ends.map(([, p]) => p!) };
}

/**
 * J. Platt's sigmoid (Probabilistic outputs for support vector machines, 1999) with his smoothed targets, by Newton's method on the standardised
 * score, steps halved until the likelihood rises (H.-T. Lin, C.-J. Lin, R. Weng, A note on Platt's probabilistic outputs, 2007); a slope below 0
 * becomes 0: the rate of all.
 */
function fitPlatt(points: ScoredPairs): Calibration {
  const list = merged(points);
  const [pairs, bought] = [sumOf(list, (p) => p.pairs), sumOf(list, (p) => p.bought)];
  const [high, low] = [(bought + 1) / (bought + 2), 1 / (pairs - bought + 2)];
  const mean = sumOf(list, (p) => p.pairs * p.score) / pairs;
  const spread = Math.sqrt(sumOf(list, (p) => p.pairs * (p.score - mean) ** 2) / pairs);
  const rate = (bought * high + (pairs - bought) * low) / pairs;
  const smooth = list.map((point) => ({
    x: (point.score - mean) / spread,
    pairs: point.pairs,
    bought: point.bought * high + (point.pairs - point.bought) * low,
  }));
  let line: Sigmoid = { slope: 0, intercept: Math.log(rate / (1 - rate)) };
  for (let step = 0; step < 100 && spread > 0; step++) {
    const next = newtonStep(smooth, line);
    if (next === null) break;
    line = next;
  }
  if (!(line.slope > 0)) return { method: 'platt', slope: 0, intercept: Math.log(rate / (1 - rate)) };
  return { method: 'platt', slope: line.slope / spread, intercept: line.intercept - (line.slope * mean) / spread };
}

interface Sigmoid {
  slope: number;
  intercept: number;
}

/** Pairs of a standardised score, and how many of them count as bought. */
interface SmoothPoint {
  x: number;
  pairs: number;
  bought: number;
}

/** One step of Newton's method, halved until the likelihood rises enough; null where it rises no more. */
function newtonStep(points: readonly SmoothPoint[], { slope, intercept }: Sigmoid): Sigmoid | null {
  let [g0, g1, h00, h01, h11] = [0, 0, 1e-12, 0, 1e-12];
  for (const { x, pairs, bought } of points) {
    const p = sigmoid(slope * x + intercept);
    const gap = bought - pairs * p;
    const weight = pairs * p * (1 - p);
    g0 += gap;
    g1 += gap * x;
    h00 += weight;
    h01 += weight * x;
    h11 += weight * x * x;
  }
  const determinant = h00 * h11 - h01 * h01;
  const [d0, d1] = [(h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant];
  const rise = g0 * d0 + g1 * d1;
  if (!(rise > 0) || Math.abs(d0) + Math.abs(d1) < 1e-10) return null;
  const before = logLikelihood(points, { slope, intercept });
  for (let share = 1; share > 1e-10; share /= 2) {
    const next = { slope: slope + share * d1, intercept: intercept + share * d0 };
    if (logLikelihood(points, next) >= before + 1e-4 * share * rise) return next;
  }
  return null;
}

function logLikelihood(points: readonly SmoothPoint[], { slope, intercept }: Sigmoid): number {
  return sumOf(points, ({ x, pairs, bought }) => {
    const z = slope * x + intercept;
    return bought * z - pairs * (Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))));
  });
}

function sumOf<T>(list: readonly T[], value: (one: T) => number): number {
  return list.reduce((sum, one) => sum + value(one), 0);
}

function sigmoid(x: number): number {
  return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
}

/** The probability of a score. */
export function probabilityOf(calibration: Calibration, score: number): number {
  if (calibration.method === 'platt') return sigmoid(calibration.slope * score + calibration.intercept);
  const { scores, probabilities } = calibration;
  let [low, high] = [0, scores.length - 1];
  if (score <= scores[0]!) return probabilities[0]!;
  if (score >= scores[high]!) return probabilities[high]!;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (scores[middle]! <= score) low = middle;
    else high = middle;
  }
  const share = (score - scores[low]!) / (scores[high]! - scores[low]!);
  return probabilities[low]! + share * (probabilities[high]! - probabilities[low]!);
}

/** A tenth of the recommendations, by predicted probability: what was predicted on average, and what was bought. */
interface ReliabilityLine {
  pairs: number;
  predicted: number;
  /** Null where it is published and too few bought. */
  observed: number | null;
}

/** How good a calibration is, judged on customers who did not make it. */
export interface CalibrationQuality {
  /** Mean of (probability - bought)^2, and the same for the rate of all: what a calibration has to beat. */
  brier: number;
  brierOfRate: number;
  reliability: readonly ReliabilityLine[];
}

/**
 * Judges by cross-fitting: the points of each part of the customers are predicted by a calibration of the other parts; null where one of those
 * cannot be fitted.
 * @param parts the points of each part of the customers, all with the same scores
 */
export function judgeCalibration(parts: readonly ScoredPairs[]): CalibrationQuality | null {
  const predicted: { probability: number; pairs: number; bought: number }[] = [];
  for (const [k, part] of parts.entries()) {
    const calibration = fitCalibration(sumOfParts(parts.filter((_, other) => other !== k)));
    if (calibration === null) return null;
    for (const [at, score] of part.score.entries()) {
      if (part.pairs[at]! === 0) continue;
      predicted.push({ probability: probabilityOf(calibration, score), pairs: part.pairs[at]!, bought: part.bought[at]! });
    }
  }
  const pairs = sumOf(predicted, (point) => point.pairs);
  const rate = sumOf(predicted, (point) => point.bought) / pairs;
  const brier = (p: (point: { probability: number }) => number) =>
    sumOf(predicted, (point) => point.bought * (1 - p(point)) ** 2 + (point.pairs - point.bought) * p(point) ** 2) / pairs;
  predicted.sort((a, b) => a.probability - b.probability);
  const lines = Array.from({ length: 10 }, () => ({ pairs: 0, predicted: 0, observed: 0 }));
  let seen = 0;
  for (const { probability, pairs: count, bought } of predicted) {
    const line = lines[Math.min(9, Math.floor((10 * (seen + count / 2)) / pairs))]!;
    line.pairs += count;
    line.predicted += probability * count;
    line.observed += bought;
    seen += count;
  }
  const reliability = lines
    .filter((line) => line.pairs >= 10)
    .map((line) => ({ pairs: line.pairs, predicted: line.predicted / line.pairs, observed: line.observed / line.pairs }));
  return { brier: brier(({ probability }) => probability), brierOfRate: brier(() => rate), reliability };
}

/** The points of several parts together. */
export function sumOfParts(parts: readonly ScoredPairs[]): ScoredPairs {
  const [first] = parts;
  const add = (values: (part: ScoredPairs) => Float64Array) =>
    first!.score.map((_, at) => sumOf(parts, (part) => values(part)[at]!));
  return { score: first!.score, pairs: add((part) => part.pairs), bought: add((part) => part.bought) };
}
