import { type BasketEntry, type Context, type Feature, levelsOf } from '../baskets/basket-table.ts';
import { type Explanation, type Model, type ModelState, memberState } from '../models/model.ts';
import { countedBasket, forEachCounted, lineCount, lineOfBasket } from './additive-part.ts';
import {
  type AdditiveTerms,
  additiveMembers,
  additiveTerms,
  type NextPurchaseMember,
  type NextPurchaseParts,
  tierIn,
} from './additive-terms.ts';
import { prepareNextPurchase, scoreNextPurchase } from './next-purchase-scoring.ts';

/** Next-purchase model with the parts that it was created from. */
export interface NextPurchaseModel extends Model {
  readonly kind: 'next-purchase';
  readonly parts: NextPurchaseParts;
  foldIn(basket: readonly BasketEntry[], context?: Context): Float64Array;
  explain(basket: readonly BasketEntry[], column: number, context?: Context): Explanation;
}

/**
 * Creates the model from fitted parts. weight_m is the weight of component m in the customer tier of the basket.
 * The utility of product i is
 *   u(i | basket, context) = sum over components m of weight_m (score_m(i | basket) - level_m(i)) + sum over features f of effect_f(level, i)
 *     + sum over held products j of pair(j, i)
 * The probability of the next purchase is exp(u_i) over the sum of exp(u) over all candidates.
 * Terms are centred on their mean over the candidates, so that explanations compare a product with the mean candidate.
 * Only terms of exact baskets are not centred. They are positive for products that customers with exactly this basket purchased,
 * and 0 for all other products.
 * @throws AppError config if a component has no additive form; bug if the components' columns differ
 */
export function createNextPurchase(parts: NextPurchaseParts): NextPurchaseModel {
  const members = additiveMembers(parts.members);
  const { columns, pseudoColumns } = members[0]!.model;
  // The terms are computed when the model first scores. A newly trained model is sometimes only saved.
  let made: AdditiveTerms | undefined;
  const terms = () => (made ??= additiveTerms(members, parts));
  const foldIn = (basket: readonly BasketEntry[], context?: Context) => scoresOf(terms(), basket, context);
  return {
    kind: 'next-purchase',
    parts,
    features: parts.features,
    columns,
    pseudoColumns,
    topN: (request) => scoreNextPurchase(terms(), request),
    prepare: (request) => prepareNextPurchase(terms(), request),
    foldIn,
    explain: (basket, column, context) => explanationOf(terms(), basket, column, context),
    state: () => stateOf(parts, columns, pseudoColumns),
  };
}

/**
 * Calls `visit` with each term of the scores of a basket. A term is the line of `values` that starts at `at`, times `factor`.
 * `held` is the held column that contributes the term, or -1 for terms of the baseline.
 */
function forEachTerm(
  { columns, pseudoColumns, lines, linear, als }: AdditiveTerms,
  tier: number,
  basket: readonly BasketEntry[],
  visit: (values: Float64Array, at: number, factor: number, held: number) => void,
): void {
  const width = columns.length;
  const products = width - pseudoColumns;
  visit(lines, (tier * lineCount + lineOfBasket(basket, products, lineCount)) * width, 1, -1);
  const weights = als?.model.entryWeights(basket);
  for (const [e, { column, band }] of basket.entries()) {
    const held = column < products ? column : -1;
    if (linear) visit(linear.lines.line(tier * width + column), 0, linear.value[band]!, held);
    if (als) visit(als.hat.line(column), 0, als.share[tier]! * weights![e]!, held);
  }
}

function scoresOf(terms: AdditiveTerms, basket: readonly BasketEntry[], context?: Context): Float64Array {
  const width = terms.columns.length;
  const tier = tierIn(terms, basket);
  const scores = new Float64Array(width);
  forEachTerm(terms, tier, basket, (values, at, factor) => {
    for (let i = 0; i < width; i++) scores[i]! += factor * values[at + i]!;
  });
  for (const level of context === undefined ? [] : levelsOf(terms.features, context)) {
    if (level >= 0) for (let i = 0; i < width; i++) scores[i]! += terms.effects[level * width + i]!;
  }
  const products = width - terms.pseudoColumns;
  const counted = countedBasket(basket, products);
  for (const { part, weights } of terms.counts) {
    const weight = weights[tier]!;
    forEachCounted(part, counted, products, width, (column, value) => {
      scores[column]! += weight * value;
    });
  }
  return scores;
}

/** Explanation of the score of `column`. */
function explanationOf(terms: AdditiveTerms, basket: readonly BasketEntry[], column: number, context?: Context): Explanation {
  const width = terms.columns.length;
  const products = width - terms.pseudoColumns;
  const tier = tierIn(terms, basket);
  let baseline = 0;
  const parts = new Map<number, number>();
  const add = (held: number, value: number) => parts.set(held, (parts.get(held) ?? 0) + value);
  forEachTerm(terms, tier, basket, (values, at, factor, held) => {
    const value = factor * values[at + column]!;
    if (held < 0) baseline += value;
    else add(held, value);
  });
  const { counted, mean } = countedTerm(terms, tier, basket, column);
  const held = basket.filter((entry) => entry.column < products);
  // For a basket of one product, the contribution of the exact basket is added to that product's contribution.
  if (held.length === 1) add(held[0]!.column, counted);
  const exact = held.length === 1 || terms.counts.length === 0 ? undefined : counted;
  const levels = context === undefined ? [] : levelsOf(terms.features, context);
  const features = levels.map((level, feature) => ({
    feature,
    value: level < 0 ? 0 : terms.effects[level * width + column]!,
  }));
  const contributions = [...parts].map(([column, value]) => ({ column, value }));
  const score = [...contributions, ...features].reduce((sum, { value }) => sum + value, baseline + (exact ?? 0));
  return {
    score,
    baseline,
    contributions: contributions.sort((a, b) => b.value - a.value || a.column - b.column),
    ...(exact === undefined ? {} : { exact }),
    ...(mean === 0 ? {} : { mean }),
    ...(features.length > 0 ? { features } : {}),
  };
}

/** Contribution of exact baskets to the score of a column, and its mean over the candidates. */
function countedTerm(terms: AdditiveTerms, tier: number, basket: readonly BasketEntry[], column: number) {
  const width = terms.columns.length;
  const products = width - terms.pseudoColumns;
  const looked = countedBasket(basket, products);
  let [counted, sum] = [0, 0];
  for (const { part, weights } of terms.counts) {
    forEachCounted(part, looked, products, width, (product, value) => {
      if (product === column) counted += weights[tier]! * value;
      if (terms.candidates[product] === 1) sum += weights[tier]! * value;
    });
  }
  const candidates = terms.candidates.reduce((total, is) => total + is, 0);
  return { counted, mean: candidates === 0 ? 0 : sum / candidates };
}

function stateOf(
  { members, features, effects, pairs, candidates }: NextPurchaseParts,
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
      ...(pairs && { pairs: { rows: columns.length, columns: columns.length, values: pairs } }),
      levels: { rows: members.length, columns: columns.length, values: levelsOfMembers(members, columns.length) },
    },
  };
}

/** Level of each component, f64[components x columns]; 0 for components without a level. */
function levelsOfMembers(members: readonly NextPurchaseMember[], width: number): Float64Array {
  const levels = new Float64Array(members.length * width);
  for (const [m, { level }] of members.entries()) if (level !== null) levels.set(level, m * width);
  return levels;
}

/** Restores a next-purchase model from its `state()`. `memberOf` restores its components. */
export async function nextPurchaseOf(
  state: ModelState,
  memberOf: (state: ModelState) => Promise<Model>,
): Promise<NextPurchaseModel> {
  const { columns, parameters, matrices } = state;
  const stored = parameters.members as (Pick<ModelState, 'kind' | 'parameters'> &
    Pick<NextPurchaseMember, 'weight' | 'byTier'>)[];
  const members: NextPurchaseMember[] = [];
  for (const [i, { weight, byTier, ...member }] of stored.entries()) {
    const level = new Float64Array(matrices.levels!.values.subarray(i * columns.length, (i + 1) * columns.length));
    members.push({ weight, byTier, level, model: await memberOf(memberState(state, i, member)) });
  }
  return createNextPurchase({
    features: parameters.features as Feature[],
    effects: new Float64Array(matrices.effects!.values),
    pairs: matrices.pairs ? new Float64Array(matrices.pairs.values) : null,
    candidates: Uint8Array.from(matrices.candidates!.values),
    members,
  });
}
