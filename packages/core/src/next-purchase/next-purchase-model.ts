import type { BasketEntry } from '../baskets/basket-table.ts';
import { type Context, type Feature, levelsOf } from '../baskets/row-contexts.ts';
import { AppError } from '../error.ts';
import type { Explanation, Model, ModelState } from '../models/model.ts';
import { additivePart, countedBasket, forEachCounted, lineCount, lineOf } from './additive-part.ts';
import type { AdditiveTerms } from './additive-terms.ts';
import { scoreNextPurchase } from './next-purchase-scoring.ts';
import { tierCount, tierOf } from './tiers.ts';

/** A member: a model, what a unit of its (log-)score counts for, and its level (see `memberLevel`), which is taken off its scores. */
export interface NextPurchaseMember {
  model: Model;
  weight: number;
  /** Its weights for the customers of each tier (see `tierOf`); absent: `weight` for all. */
  byTier?: readonly number[] | undefined;
  /** f64[columns]; null: nothing. */
  level: Float64Array | null;
}

/** Parts of a next-purchase model; all members have the same columns. */
export interface NextPurchaseParts {
  members: readonly NextPurchaseMember[];
  features: readonly Feature[];
  /** f64[levels x columns]: the effect of each level of each feature on the utility of each column. */
  effects: Float64Array;
  /** One byte per column: 1 where it may be recommended. Every term is told as its difference from the mean over these. */
  candidates: Uint8Array;
}

/** A next-purchase model, and the terms that its scores are sums of. */
export interface NextPurchaseModel extends Model {
  readonly kind: 'next-purchase';
  readonly parts: NextPurchaseParts;
  foldIn(basket: readonly BasketEntry[], context?: Context): Float64Array;
  explain(basket: readonly BasketEntry[], column: number, context?: Context): Explanation;
}

/**
 * Makes the model of fitted parts: u(i | basket, context) = sum over members m of weight_m (score_m(i | basket) - level_m(i)) + sum over features f of
 * effect_f(level, i), with the weights of the basket's tier, and the probability of being what is bought next is exp(u_i) over its sum over what could be bought.
 * Every term is centred on the candidates' mean, so that scores are log-odds against the average candidate and explanations tell
 * why this product and not another.
 * @throws AppError config where a member has no additive form; bug where the members' columns differ
 */
export function createNextPurchase(parts: NextPurchaseParts): NextPurchaseModel {
  const terms = termsOf(parts);
  const { columns, pseudoColumns } = terms;
  const foldIn = (basket: readonly BasketEntry[], context?: Context) => scoresOf(terms, basket, context);
  return {
    kind: 'next-purchase',
    parts,
    features: parts.features,
    columns,
    pseudoColumns,
    topN: (request) => scoreNextPurchase(terms, request),
    foldIn,
    explain: (basket, column, context) => explanationOf(terms, basket, column, context),
    state: () => stateOf(parts, columns, pseudoColumns),
  };
}

/** Less its mean over the candidates: `values` f64[lines x columns], in place. */
function centre(values: Float64Array, width: number, candidates: Uint8Array): Float64Array {
  const count = candidates.reduce((sum, is) => sum + is, 0);
  for (let line = 0; line < values.length && count > 0; line += width) {
    let mean = 0;
    for (let i = 0; i < width; i++) if (candidates[i] === 1) mean += values[line + i]! / count;
    for (let i = 0; i < width; i++) values[line + i]! -= mean;
  }
  return values;
}

function termsOf({ members, features, effects, candidates }: NextPurchaseParts): AdditiveTerms {
  const [first] = members;
  if (first === undefined) throw new AppError('config', 'a next-purchase model without members', 'Name at least one.');
  const { columns, pseudoColumns } = first.model;
  if (members.some(({ model }) => model.columns.join('\n') !== columns.join('\n'))) {
    throw new AppError('bug', 'the members of a next-purchase model have different columns', 'Report this.');
  }
  const width = columns.length;
  const tiers = members.some(({ byTier }) => byTier !== undefined) ? tierCount : 1;
  const lines = new Float64Array(tiers * lineCount * width);
  let linear: AdditiveTerms['linear'] = null;
  let als: AdditiveTerms['als'] = null;
  const counts: AdditiveTerms['counts'][number][] = [];
  for (const { model, weight: ofAll, byTier = [ofAll], level } of members) {
    const part = additivePart(model);
    const weights = Float64Array.from({ length: tiers }, (_, tier) => byTier[tier] ?? ofAll);
    // matrices hold the greatest weight, and rows of other tiers count for their share of it
    const weight = weights.reduce((most, one) => Math.max(most, one));
    const share = weights.map((one) => (weight === 0 ? 0 : one / weight));
    for (const [tier, one] of weights.entries()) {
      const ofTier = lines.subarray(tier * lineCount * width, (tier + 1) * lineCount * width);
      if (level !== null) addLines(ofTier, -one, level, width);
      if (part.of === 'line') addLines(ofTier, one, part.values, width);
    }
    if (part.of === 'line') continue;
    if (part.of === 'counts') counts.push({ part, weights });
    else if (part.of === 'als') {
      if (als !== null) throw new AppError('config', 'next-purchase: two members of kind als', 'Name one.');
      als = {
        ...{ model: part.model, share },
        hat: centre(
          part.model.hat().map((k) => weight * k),
          width,
          candidates,
        ),
      };
    } else {
      if (linear !== null) throw new AppError('config', 'next-purchase: two linear members', 'Name one of ease and item-knn.');
      linear = {
        ...{ value: part.value, share },
        matrix: centre(
          part.matrix.map((value) => weight * value),
          width,
          candidates,
        ),
      };
    }
  }
  centre(lines, width, candidates);
  const centred = centre(effects.slice(), width, candidates);
  return { ...{ columns, pseudoColumns, candidates, tiers, lines, linear, als, counts, features }, effects: centred };
}

/** lines += weight x values: f64[lines x width] each, or one line of values for all. */
function addLines(lines: Float64Array, weight: number, values: Float64Array, width: number): void {
  const step = values.length === width ? 0 : width;
  for (let line = 0, from = 0; line < lines.length; line += width, from += step) {
    for (let i = 0; i < width; i++) lines[line + i]! += weight * values[from + i]!;
  }
}

/** The tier whose weights a basket gets. */
function tierIn({ tiers, candidates }: AdditiveTerms, basket: readonly BasketEntry[]): number {
  return tiers === 1 ? 0 : tierOf(basket, candidates);
}

/** Visits the terms of one basket's scores: the line of `values` that starts at `at`, times `factor`; `held` is -1 for the baseline's. */
function forEachTerm(
  terms: AdditiveTerms,
  basket: readonly BasketEntry[],
  visit: (values: Float64Array, at: number, factor: number, held: number) => void,
): void {
  const { columns, pseudoColumns, lines, linear, als } = terms;
  const width = columns.length;
  const products = width - pseudoColumns;
  const tier = tierIn(terms, basket);
  visit(lines, (tier * lineCount + lineOf(basket, products, lineCount)) * width, 1, -1);
  const weights = als?.model.entryWeights(basket);
  for (const [e, { column, band }] of basket.entries()) {
    const held = column < products ? column : -1;
    if (linear) visit(linear.matrix, column * width, linear.share[tier]! * linear.value[band]!, held);
    if (als) visit(als.hat, column * width, als.share[tier]! * weights![e]!, held);
  }
}

function scoresOf(terms: AdditiveTerms, basket: readonly BasketEntry[], context?: Context): Float64Array {
  const width = terms.columns.length;
  const scores = new Float64Array(width);
  forEachTerm(terms, basket, (values, at, factor) => {
    for (let i = 0; i < width; i++) scores[i]! += factor * values[at + i]!;
  });
  for (const level of context === undefined ? [] : levelsOf(terms.features, context)) {
    if (level >= 0) for (let i = 0; i < width; i++) scores[i]! += terms.effects[level * width + i]!;
  }
  const products = width - terms.pseudoColumns;
  const counted = countedBasket(basket, products);
  const tier = tierIn(terms, basket);
  for (const { part, weights } of terms.counts) {
    const weight = weights[tier]!;
    forEachCounted(part, counted, products, width, (column, value) => {
      scores[column]! += weight * value;
    });
  }
  return scores;
}

/** Explains a score. The part of exact baskets belongs to all holdings of the basket alike: each gets its share of it. */
function explanationOf(terms: AdditiveTerms, basket: readonly BasketEntry[], column: number, context?: Context): Explanation {
  const width = terms.columns.length;
  const products = width - terms.pseudoColumns;
  let baseline = 0;
  const parts = new Map<number, number>();
  const add = (held: number, value: number) => parts.set(held, (parts.get(held) ?? 0) + value);
  forEachTerm(terms, basket, (values, at, factor, held) => {
    const value = factor * values[at + column]!;
    if (held < 0) baseline += value;
    else add(held, value);
  });
  const held = basket.filter((entry) => entry.column < products);
  const looked = countedBasket(basket, products);
  const tier = tierIn(terms, basket);
  for (const { part, weights } of terms.counts) {
    const weight = weights[tier]!;
    forEachCounted(part, looked, products, width, (counted, value) => {
      if (counted !== column) return;
      if (held.length === 0) baseline += weight * value;
      for (const entry of held) add(entry.column, (weight * value) / held.length);
    });
  }
  const levels = context === undefined ? [] : levelsOf(terms.features, context);
  const features = levels.map((level, feature) => ({
    feature,
    value: level < 0 ? 0 : terms.effects[level * width + column]!,
  }));
  const contributions = [...parts].map(([column, value]) => ({ column, value }));
  const score = [...contributions, ...features].reduce((sum, { value }) => sum + value, baseline);
  return {
    score,
    baseline,
    contributions: contributions.sort((a, b) => b.value - a.value || a.column - b.column),
    ...(features.length > 0 ? { features } : {}),
  };
}

function stateOf(
  { members, features, effects, candidates }: NextPurchaseParts,
  columns: readonly string[],
  pseudoColumns: number,
): ModelState {
  const states = members.map(({ model }) => model.state());
  const matrices = states.flatMap((state, i) =>
    Object.entries(state.matrices).map(([name, matrix]) => [`${i}.${name}`, matrix] as const),
  );
  return {
    kind: 'next-purchase',
    columns,
    pseudoColumns,
    parameters: {
      members: members.map(({ weight, byTier }, i) => ({
        ...{ weight, ...(byTier && { byTier }) },
        ...{ kind: states[i]!.kind, parameters: states[i]!.parameters },
      })),
      features,
    },
    matrices: {
      ...Object.fromEntries(matrices),
      candidates: { rows: 1, columns: columns.length, values: new Float64Array(candidates) },
      effects: { rows: effects.length / columns.length, columns: columns.length, values: effects },
      levels: { rows: members.length, columns: columns.length, values: levelsOfMembers(members, columns.length) },
    },
  };
}

/** f64[members x columns]: zeros for members without a level. */
function levelsOfMembers(members: readonly NextPurchaseMember[], width: number): Float64Array {
  const levels = new Float64Array(members.length * width);
  for (const [m, { level }] of members.entries()) if (level !== null) levels.set(level, m * width);
  return levels;
}

/** Gives back the model that `state()` of a next-purchase model described; `memberOf` does so for its members. */
export function nextPurchaseOf(state: ModelState, memberOf: (state: ModelState) => Model): NextPurchaseModel {
  const { columns, pseudoColumns, parameters, matrices } = state;
  const stored = parameters.members as (Pick<ModelState, 'kind' | 'parameters'> &
    Pick<NextPurchaseMember, 'weight' | 'byTier'>)[];
  return createNextPurchase({
    features: parameters.features as Feature[],
    effects: new Float64Array(matrices.effects!.values),
    candidates: Uint8Array.from(matrices.candidates!.values),
    members: stored.map(({ weight, byTier, kind, parameters: own }, i) => {
      const mine = Object.entries(matrices).flatMap(([name, matrix]) =>
        name.startsWith(`${i}.`) ? [[name.slice(`${i}.`.length), matrix] as const] : [],
      );
      const level = new Float64Array(matrices.levels!.values.subarray(i * columns.length, (i + 1) * columns.length));
      return {
        ...{ weight, byTier, level },
        model: memberOf({ kind, columns, pseudoColumns, parameters: own, matrices: Object.fromEntries(mine) }),
      };
    }),
  });
}
