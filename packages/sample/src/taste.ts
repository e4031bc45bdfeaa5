import { exp, log } from '@basketwise/core';
import { type AliasTable, aliasTable, drawGamma } from './distribution.ts';
import type { ProductFamily } from './product-names.ts';
import type { RandomStream } from './random.ts';

/** Relative sizes of the customer segments. Preferences and ages depend on the segment. */
const segmentShares = [8, 6, 5, 4, 4, 3, 3, 2, 2, 1.5, 1, 0.8];
/** Exponent a of each family: the popularity of a line is proportional to (rank + rankShift)^-a. */
const rankExponent: Record<ProductFamily, number> = { deposit: 1.6, insurance: 1.25, fund: 1.1 };
/** Added to the rank of a line in the popularity formula. With this value, the first line and the first five lines have the shares of real banks. */
const rankShift = 0.8;
const familyShares: Record<ProductFamily, number> = { deposit: 0.9, insurance: 0.08, fund: 0.02 };
/** Concentration of the Dirichlet distribution of segment shares. Larger values give shares closer to `segmentShares`. */
const concentration = 200;
/**
 * Part of a line's popularity that differs between segments (`tasteShare`), and the gamma shape of the differences (`tasteShape`). Smaller shapes are
 * more uneven.
 */
const tasteShare = 0.75;
const tasteShape = 0.35;
const balancingRounds = 20;

/** Distributions of purchases over product lines by segment, before and after the drift of preferences. */
export interface Taste {
  /** Distribution of customers over segments. */
  readonly segments: AliasTable;
  readonly before: readonly AliasTable[];
  readonly after: readonly AliasTable[];
  /** Expected share of each line in all purchases, f64[lines], before planted relations. */
  readonly popularity: Float64Array;
}

/** Properties of a product line from which preferences are drawn. */
export interface TastedLine {
  family: ProductFamily;
  /** Rank by popularity within the family, from 1. */
  rank: number;
  /** Line whose preferences by segment this line inherits, or -1. */
  predecessor: number;
  /** Whether preferences by segment for this line change on the drift day. */
  drifts: boolean;
}

function normalised(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** Draws shares from a Dirichlet distribution with mean `shares`, normalised. */
function drawShares(random: RandomStream, shares: readonly number[]): number[] {
  return normalised(normalised(shares).map((share) => drawGamma(random, share * concentration)));
}

/** Draws the preference of each segment for one line. 1 is neutral. */
function drawFactors(random: RandomStream, shares: readonly number[]): number[] {
  return shares.map(() => 1 - tasteShare + (tasteShare * drawGamma(random, tasteShape)) / tasteShape);
}

/** Popularity of each line, f64[lines]: its family's share, times the line's share within the family. */
function linePopularity(lines: readonly TastedLine[]): Float64Array {
  const weights = lines.map(({ family, rank }) => exp(-rankExponent[family] * log(rank + rankShift)));
  const totals: Record<ProductFamily, number> = { deposit: 0, insurance: 0, fund: 0 };
  for (const [i, line] of lines.entries()) totals[line.family] += weights[i]!;
  return Float64Array.from(lines, ({ family }, i) => (familyShares[family] * weights[i]!) / totals[family]);
}

/**
 * Scales weights[line][segment] by iterative proportional fitting. Two conditions hold afterwards. The weights of each segment sum to 1. The mean of
 * a line's weights over all customers is its popularity.
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

/** Draws the segments of customers and their preferences for product lines. */
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

/** Number of ages with a preference of their own: 0 to 99 years. */
const ages = 100;
const [youngest, oldest] = [18, 76];
/** Standard deviation, in years, of the preference around a line's preferred age (`ageWidth`), and the preference far from that age (`farAppeal`). */
const ageWidth = 9;
const farAppeal = 0.03;
/** Largest reduction of one sex's preference, as a negative log: a factor of exp(-3). */
const mostSexGap = 3;

/** Preference for each product line by sex and age, 0 to 1: f64[lines x 2 x ages]. */
export type Leanings = Float64Array;

/** Draws the preferred age of each product line, and the sex whose preference is reduced. */
export function drawLeanings(random: RandomStream, lines: number): Leanings {
  const leanings = new Float64Array(lines * 2 * ages);
  for (let line = 0; line < lines; line++) {
    const preferredAge = youngest + random.uniform() * (oldest - youngest);
    const gap = exp(-mostSexGap * random.uniform());
    const disliking = random.below(2);
    for (let sex = 0; sex < 2; sex++) {
      for (let age = 0; age < ages; age++) {
        const far = (age - preferredAge) / ageWidth;
        const liked = farAppeal + (1 - farAppeal) * exp((-far * far) / 2);
        leanings[(line * 2 + sex) * ages + age] = liked * (sex === disliking ? gap : 1);
      }
    }
  }
  return leanings;
}

/** Preference for a product line, 0 to 1, of a customer with an age in years and a sex (1 or 2). */
export function likingOf(leanings: Leanings, line: number, { age, sex }: { age: number; sex: number }): number {
  return leanings[(line * 2 + sex - 1) * ages + Math.max(0, Math.min(ages - 1, Math.floor(age)))]!;
}
