import { exp, log } from '@basketwise/core/parts';
import { type AliasTable, aliasTable, drawGamma } from './distribution.ts';
import type { ProductFamily } from './product-names.ts';
import type { RandomStream } from './random.ts';

/** Relative sizes of the customer segments, on which preferences and ages depend. */
const segmentShares = [8, 6, 5, 4, 4, 3, 3, 2, 2, 1.5, 1, 0.8];
/** Exponent by family: popularity in a family falls with rank^-exponent. */
const rankExponent: Record<ProductFamily, number> = { deposit: 1.6, insurance: 1.25, fund: 1.1 };
/**
 * Added to ranks. It gives the first product and the first five the shares of real banks, after bundles and without double
 * holdings.
 */
const rankShift = 0.8;
const familyShares: Record<ProductFamily, number> = { deposit: 0.9, insurance: 0.08, fund: 0.02 };
/** Concentration of draws: larger values vary segments and shares less around the figures above. */
const concentration = 200;
/** Size of the differences of a product's popularity between segments, and their unevenness. */
const tasteShare = 0.75;
const tasteShape = 0.35;
const balancingRounds = 20;

/** Distributions of purchases over product lines, by segment: one before the drift, and one after it. */
export interface Taste {
  /** Share of each segment among customers. */
  readonly segments: AliasTable;
  readonly before: readonly AliasTable[];
  readonly after: readonly AliasTable[];
  /** Expected share of purchases of each line, over all segments, before plants. */
  readonly popularity: Float64Array;
}

/** Properties of a product line that tastes need. */
export interface TastedLine {
  family: ProductFamily;
  /** Rank by popularity inside the family, from 1. */
  rank: number;
  /** Line whose preferences this one inherits, or -1. */
  predecessor: number;
  /** Whether its preferences by segment change at the drift. */
  drifts: boolean;
}

function normalised(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** Draws shares around `shares` from a Dirichlet distribution. */
function drawShares(random: RandomStream, shares: readonly number[]): number[] {
  return normalised(normalised(shares).map((share) => drawGamma(random, share * concentration)));
}

/** Draws the preference of each segment for one line, relative to all customers. */
function drawFactors(random: RandomStream, shares: readonly number[]): number[] {
  return shares.map(() => 1 - tasteShare + (tasteShare * drawGamma(random, tasteShape)) / tasteShape);
}

/** Popularity of each line: its family's share, times its share by rank inside the family. */
function linePopularity(lines: readonly TastedLine[]): Float64Array {
  const weights = lines.map(({ family, rank }) => exp(-rankExponent[family] * log(rank + rankShift)));
  const totals: Record<ProductFamily, number> = { deposit: 0, insurance: 0, fund: 0 };
  for (const [i, line] of lines.entries()) totals[line.family] += weights[i]!;
  return Float64Array.from(lines, ({ family }, i) => (familyShares[family] * weights[i]!) / totals[family]);
}

/**
 * Scales weights[line][segment] by iterative proportional fitting. Each segment's weights then sum to 1.
 * Each line's weights, over customers of all segments, sum to its popularity.
 */
function balance(weights: readonly number[][], shares: readonly number[], popularity: Float64Array): void {
  for (let round = 0; round < balancingRounds; round++) {
    for (const segment of shares.keys()) {
      const total = weights.reduce((sum, row) => sum + row[segment]!, 0);
      for (const row of weights) row[segment]! /= total;
    }
    for (const [line, row] of weights.entries()) {
      const factor = popularity[line]! / row.reduce((sum, weight, segment) => sum + weight * shares[segment]!, 0);
      for (const segment of shares.keys()) row[segment]! *= factor;
    }
  }
}

/** Draws the segments and their tastes. */
export function drawTaste(random: RandomStream, lines: readonly TastedLine[]): Taste {
  const shares = drawShares(random, segmentShares);
  const popularity = linePopularity(lines);
  const before = lines.map(() => drawFactors(random, shares));
  for (const [i, { predecessor }] of lines.entries()) if (predecessor >= 0) before[i] = before[predecessor]!;
  const after = lines.map(({ drifts }, i) => (drifts ? drawFactors(random, shares) : before[i]!));
  const tables = (factors: readonly (readonly number[])[]) => {
    const weights = factors.map((row, line) => row.map((factor) => popularity[line]! * factor));
    balance(weights, shares, popularity);
    return shares.map((_, segment) => aliasTable(weights.map((row) => row[segment]!)));
  };
  return { segments: aliasTable(shares), before: tables(before), after: tables(after), popularity };
}
