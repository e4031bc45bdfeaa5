import type { AlsModel } from '../als/als-model.ts';
import type { BasketEntry, Feature } from '../baskets/basket-table.ts';
import { AppError, bug } from '../error.ts';
import { CachedLines, type ItemLines, linesOf, unitValues } from '../models/linear-model.ts';
import type { Model } from '../models/model.ts';
import { type AdditivePart, additivePart, type CountsPart, lineCount } from './additive-part.ts';
import { tierCount, tierOf } from './tier-weights.ts';

/**
 * Terms of the scores of a next-purchase model. Kernels and explanations add them up.
 * Each term is centred: its mean over the candidates is subtracted. Terms of exact baskets are not centred.
 */
export interface AdditiveTerms {
  columns: readonly string[];
  pseudoColumns: number;
  /** One byte per column: 1 if it can be recommended. */
  candidates: Uint8Array;
  /** Number of customer tiers with their own weights. 1: all customers have the same weights. */
  tiers: number;
  /** Contribution of the recency of the newest holding, f64[tiers x lineCount x columns]. */
  lines: Float64Array;
  /**
   * Contribution of each held column in each tier, (tiers x columns) x columns: row tier x columns + held column.
   * A row is multiplied by the value of the holding's recency band, `value` f64[256].
   * Rows include the weights of pairs. Null without pairs and linear components.
   */
  linear: { lines: ItemLines; value: Float64Array } | null;
  /**
   * Contribution of ALS. `hat`, columns x columns, is the hat matrix K times the largest weight of ALS in any tier.
   * `share`, f64[tiers], is each tier's weight divided by the largest. Null without ALS.
   */
  als: { model: AlsModel; hat: ItemLines; share: Float64Array } | null;
  /** Parts of exact baskets, with their weights by tier, f64[tiers]. */
  counts: readonly { part: CountsPart; weights: Float64Array }[];
  features: readonly Feature[];
  /** Effects of feature levels, f64[levels x columns]. */
  effects: Float64Array;
}

/** Component with its additive form. */
type AdditiveMember = NextPurchaseMember & { part: AdditivePart };

/**
 * Components of a next-purchase model with their additive forms.
 * @throws AppError config if a component has no additive form, two components are ALS, or linear components have different values
 * of bands; bug if the components' columns differ
 */
export function additiveMembers(members: readonly NextPurchaseMember[]): readonly AdditiveMember[] {
  const [first] = members;
  if (first === undefined) throw new AppError('config', 'a next-purchase model without members', 'Name at least one.');
  const columns = first.model.columns.join('\n');
  if (members.some(({ model }) => model.columns.join('\n') !== columns)) {
    throw bug('the members of a next-purchase model have different columns');
  }
  const all = members.map((member) => ({ ...member, part: additivePart(member.model) }));
  if (all.filter(({ part }) => part.of === 'als').length > 1)
    throw new AppError('config', 'next-purchase: two members of kind als', 'Name one.');
  const [linear, ...others] = all.flatMap(({ part }) => (part.of === 'linear' ? [part] : []));
  if (others.some(({ value }) => value.some((one, band) => one !== linear!.value[band])))
    throw new AppError('config', 'next-purchase: linear members whose constants differ', 'Give them the same constant.');
  return all;
}

/** Combines the parts of a next-purchase model into additive terms. */
export function additiveTerms(
  members: readonly AdditiveMember[],
  { features, effects, pairs, candidates }: Omit<NextPurchaseParts, 'members'>,
): AdditiveTerms {
  const { columns, pseudoColumns } = members[0]!.model;
  const width = columns.length;
  const tiers = members.some(({ byTier }) => byTier !== undefined) ? tierCount : 1;
  const lines = new Float64Array(tiers * lineCount * width);
  const summed: WeightedLines[] = [];
  let value: Float64Array | null = null;
  let als: AdditiveTerms['als'] = null;
  const counts: AdditiveTerms['counts'][number][] = [];
  for (const { part, weight: ofAll, byTier = [ofAll], level } of members) {
    const weights = Float64Array.from({ length: tiers }, (_, tier) => byTier[tier] ?? ofAll);
    for (const [tier, tierWeight] of weights.entries()) {
      const ofTier = lines.subarray(tier * lineCount * width, (tier + 1) * lineCount * width);
      if (level !== null) addLines(ofTier, -tierWeight, level, width);
      if (part.of === 'line') addLines(ofTier, tierWeight, part.values, width);
    }
    if (part.of === 'line') continue;
    if (part.of === 'counts') counts.push({ part, weights });
    else if (part.of === 'als') {
      const { model } = part;
      als = { model, ...alsTerms(model.hat(), weights, width, candidates) };
    } else {
      value ??= part.value;
      summed.push({ lines: part.lines, weights });
    }
  }
  if (pairs) {
    value ??= unitValues();
    summed.push({ lines: linesOf(pairs, width), weights: new Float64Array(tiers).fill(1) });
  }
  const centred = effects.slice();
  for (const values of [lines, centred]) centreLines(values, width, candidates, candidateCount(candidates));
  const linear = value && { lines: weightedLines(summed, width, candidates), value };
  return { ...{ columns, pseudoColumns, candidates, tiers, lines, linear, als, counts, features }, effects: centred };
}

/** Hat matrix times the largest weight of the tiers, centred, and each tier's weight divided by the largest. */
function alsTerms(
  hat: ItemLines,
  weights: Float64Array,
  width: number,
  candidates: Uint8Array,
): { hat: ItemLines; share: Float64Array } {
  const weight = weights.reduce((most, one) => Math.max(most, one));
  const share = weights.map((one) => (weight === 0 ? 0 : one / weight));
  return { hat: weightedLines([{ lines: hat, weights: Float64Array.of(weight) }], width, candidates), share };
}

/** Matrix of a component, and its weight in each tier, f64[tiers]. */
interface WeightedLines {
  lines: ItemLines;
  weights: Float64Array;
}

/**
 * Weighted sum of matrices for each tier, (tiers x width) x width. Row tier x width + i is the weighted sum of row i of each matrix.
 * Each row is centred on its mean over the candidates.
 */
function weightedLines(summed: readonly WeightedLines[], width: number, candidates: Uint8Array): ItemLines {
  const count = candidateCount(candidates);
  return new CachedLines(width, {
    write(row, line) {
      const tier = Math.floor(row / width);
      for (const { lines, weights } of summed) addLines(line, weights[tier]!, lines.line(row % width), width);
      centreLines(line, width, candidates, count);
    },
  });
}

function candidateCount(candidates: Uint8Array): number {
  return candidates.reduce((sum, is) => sum + is, 0);
}

/** Subtracts from each line of `values`, f64[lines x columns], its mean over the `count` candidates. */
function centreLines(values: Float64Array, width: number, candidates: Uint8Array, count: number): void {
  for (let line = 0; line < values.length && count > 0; line += width) {
    let mean = 0;
    for (let i = 0; i < width; i++) if (candidates[i] === 1) mean += values[line + i]! / count;
    for (let i = 0; i < width; i++) values[line + i]! -= mean;
  }
}

/** Adds weight x values to `lines`, f64[lines x width]. `values` has the same number of lines, or one line to add to all. */
function addLines(lines: Float64Array, weight: number, values: Float64Array, width: number): void {
  const step = values.length === width ? 0 : width;
  for (let line = 0, from = 0; line < lines.length; line += width, from += step) {
    for (let i = 0; i < width; i++) lines[line + i]! += weight * values[from + i]!;
  }
}

/** Tier whose weights apply to a basket. */
export function tierIn({ tiers, candidates }: AdditiveTerms, basket: readonly BasketEntry[]): number {
  return tiers === 1 ? 0 : tierOf(basket, candidates);
}

/** Component of a next-purchase model: a model, and the weight of its scores, or of their logarithms if they are shares. */
export interface NextPurchaseMember {
  model: Model;
  weight: number;
  /** Weight for the customers of each tier (see `tierOf`). Absent: `weight` for all customers. */
  byTier?: readonly number[] | undefined;
  /** Level, f64[columns], which is subtracted from the model's scores (see `memberLevel`). Null: nothing is subtracted. */
  level: Float64Array | null;
}

/** Parts of a next-purchase model. All components have the same columns. */
export interface NextPurchaseParts {
  members: readonly NextPurchaseMember[];
  features: readonly Feature[];
  /** Effect of each feature level on the utility of each column, f64[levels x columns]. */
  effects: Float64Array;
  /** Weights of pairs, f64[columns x columns]: holders of product j get row j added to their scores. Null without pairs. */
  pairs?: Float64Array | null;
  /** One byte per column: 1 if it can be recommended (a candidate). Most terms are centred on their mean over the candidates. */
  candidates: Uint8Array;
}
