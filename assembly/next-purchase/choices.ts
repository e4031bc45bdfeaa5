// Log-likelihood of a conditional logit, and the choices that it expects.
// A choice set has the customers with the same candidates and component scores. A class has the customers with equal feature levels.
// A cell has the customers of one choice set and one class.
// The utility u_c of candidate c is a sum of a part of the set and a part of the class:
//   exp(u_c) = a_c b_c
//   a_c = exp(sum over components m of weight_m score_cm - max over c of this sum)
//   b_c = exp(sum over the class's levels l of effect_lc - max over c of this sum)
// Each a_c is computed once for its set, each b_c once for its class. Cells only multiply and add.
// Sums run over sets and cells in their order.
//
// Scratch of one call, for sets of up to `room` (even) candidates: f64[room] utilities, f64[room] their exponentials a, and f64[room]
// expected minus observed choices.

import { Flag } from '../layouts';
import { exponential, logarithm, storeExponentials } from '../numbers/elementary';
import { real, word } from '../numbers/memory';
import { ChoiceTerms, StoredChoices } from './layouts';

/**
 * Smallest accurate sum of a_c b_c. A smaller sum has lost digits to underflow, and is computed again from the utilities.
 */
const leastSum: f64 = 1e-200;

/**
 * Computes the part of the utilities that each class of features adds, and its exponential:
 *   shift_i = sum over levels l of the class of effect_li - max over products i of this sum
 * @param levelStart u32[classes + 1]: start of each class's levels in `level`
 * @param level u32: level numbers
 * @param effect f64[levels x products]
 * @param shift f64[classes x products] out
 * @param exponentialOf f64[classes x products] out: exp(shift)
 */
export function classEffects(
  classes: u32,
  levelStart: usize,
  level: usize,
  effect: usize,
  products: u32,
  shift: usize,
  exponentialOf: usize,
): void {
  const bytes = (<usize>products) << 3;
  for (let c: usize = 0; c < (<usize>classes) << 2; c += 4, shift += bytes, exponentialOf += bytes) {
    memory.fill(shift, 0, bytes);
    const pairs = bytes & ~15;
    const end = (<usize>load<u32>(levelStart + c, 4)) << 2;
    for (let l = (<usize>load<u32>(levelStart + c)) << 2; l < end; l += 4) {
      const line = effect + <usize>load<u32>(level + l) * bytes;
      for (let i: usize = 0; i < pairs; i += 16) v128.store(shift + i, f64x2.add(v128.load(shift + i), v128.load(line + i)));
      if (pairs < bytes) store<f64>(shift + pairs, load<f64>(shift + pairs) + load<f64>(line + pairs));
    }
    let most: f64 = -Infinity;
    for (let i: usize = 0; i < bytes; i += 8) most = max(most, load<f64>(shift + i));
    for (let i: usize = 0; i < bytes; i += 8) store<f64>(shift + i, load<f64>(shift + i) - most);
    let i: usize = 0;
    for (; i + 32 <= bytes; i += 32) storeExponentials(exponentialOf + i, v128.load(shift + i), v128.load(shift + i, 16));
    for (; i < bytes; i += 8) store<f64>(exponentialOf + i, exponential(load<f64>(shift + i)));
  }
}

/**
 * Computes the set's part of the utility of each candidate: sum over components m of weight_m score_cm. Returns the greatest.
 * @param score f64[width x stride]: component scores of each candidate; `row` bytes per candidate
 * @param weight f64[stride]: weights of the components
 * @param used u32: byte offsets of the pairs of components with weights other than 0
 * @param utility f64[width, rounded up to even] out
 */
function utilities(score: usize, row: usize, width: u32, weight: usize, used: usize, usedEnd: usize, utility: usize): f64 {
  let most = f64x2.splat(-Infinity);
  const end = utility + ((<usize>width) << 3);
  for (let at = utility; at < end; at += 16, score += row << 1) {
    let sum = f64x2.splat(0);
    for (let u = used; u < usedEnd; u += 4) {
      const pair = <usize>load<u32>(u);
      const scores1 = v128.load(score + pair);
      const scores2 = v128.load(score + row + pair);
      const first = f64x2.mul(v128.load64_splat(weight + pair), v128.shuffle<f64>(scores1, scores2, 0, 2));
      const second = f64x2.mul(v128.load64_splat(weight + pair, 8), v128.shuffle<f64>(scores1, scores2, 1, 3));
      sum = f64x2.add(f64x2.add(sum, first), second);
    }
    v128.store(at, sum);
    // With an odd number of candidates, the upper lane of the last pair has no candidate.
    most = f64x2.pmax(most, at + 8 === end ? v128.shuffle<f64>(sum, sum, 0, 0) : sum);
  }
  return max(f64x2.extract_lane(most, 0), f64x2.extract_lane(most, 1));
}

/** Stores a_c = exp(utility_c - most) of the candidates, four at a time. Writes arbitrary values up to 24 bytes beyond the last. */
function storeWeights(utility: usize, most: f64, width: u32, a: usize): void {
  const least = f64x2.splat(most);
  for (let c: usize = 0; c < (<usize>width) << 3; c += 32) {
    storeExponentials(a + c, f64x2.sub(v128.load(utility + c), least), f64x2.sub(v128.load(utility + c, 16), least));
  }
}

/** ofMembers[m] += sum over the candidates c of value_c score_cm, for each component m. */
function addScores(score: usize, row: usize, width: u32, value: usize, ofMembers: usize): void {
  const end = value + ((<usize>width) << 3);
  let m: usize = 0;
  // 12 components at a time, then 8, then 2. Each sum depends on its previous step, so independent sums run in parallel.
  for (; m + 96 <= row; m += 96) {
    const sums = ofMembers + m;
    let a = v128.load(sums);
    let b = v128.load(sums, 16);
    let c = v128.load(sums, 32);
    let d = v128.load(sums, 48);
    let e = v128.load(sums, 64);
    let f = v128.load(sums, 80);
    for (let at = value, line = score + m; at < end; at += 8, line += row) {
      const factor = v128.load64_splat(at);
      a = f64x2.add(a, f64x2.mul(factor, v128.load(line)));
      b = f64x2.add(b, f64x2.mul(factor, v128.load(line, 16)));
      c = f64x2.add(c, f64x2.mul(factor, v128.load(line, 32)));
      d = f64x2.add(d, f64x2.mul(factor, v128.load(line, 48)));
      e = f64x2.add(e, f64x2.mul(factor, v128.load(line, 64)));
      f = f64x2.add(f, f64x2.mul(factor, v128.load(line, 80)));
    }
    v128.store(sums, a);
    v128.store(sums, b, 16);
    v128.store(sums, c, 32);
    v128.store(sums, d, 48);
    v128.store(sums, e, 64);
    v128.store(sums, f, 80);
  }
  for (; m + 64 <= row; m += 64) {
    const sums = ofMembers + m;
    let a = v128.load(sums);
    let b = v128.load(sums, 16);
    let c = v128.load(sums, 32);
    let d = v128.load(sums, 48);
    for (let at = value, line = score + m; at < end; at += 8, line += row) {
      const factor = v128.load64_splat(at);
      a = f64x2.add(a, f64x2.mul(factor, v128.load(line)));
      b = f64x2.add(b, f64x2.mul(factor, v128.load(line, 16)));
      c = f64x2.add(c, f64x2.mul(factor, v128.load(line, 32)));
      d = f64x2.add(d, f64x2.mul(factor, v128.load(line, 48)));
    }
    v128.store(sums, a);
    v128.store(sums, b, 16);
    v128.store(sums, c, 32);
    v128.store(sums, d, 48);
  }
  for (; m < row; m += 16) {
    let sum = v128.load(ofMembers + m);
    for (let at = value, line = score + m; at < end; at += 8, line += row) {
      sum = f64x2.add(sum, f64x2.mul(v128.load64_splat(at), v128.load(line)));
    }
    v128.store(ofMembers + m, sum);
  }
}

/** Sum over the candidates c of a_c b_c. @param product u32[width]: product of each candidate, the index of b */
function productSum(a: usize, b: usize, product: usize, width: u32): f64 {
  let sum: f64 = 0;
  for (let c: usize = 0; c < width; c++) {
    sum += load<f64>(a + (c << 3)) * load<f64>(b + ((<usize>load<u32>(product + (c << 2))) << 3));
  }
  return sum;
}

/** Adds scale x a_c b_c to ofCandidates[c] and to ofProducts[product of c], for each candidate c. */
function addProducts(scale: f64, a: usize, b: usize, product: usize, width: u32, ofCandidates: usize, ofProducts: usize): void {
  for (let c: usize = 0; c < width; c++) {
    const i = (<usize>load<u32>(product + (c << 2))) << 3;
    const expected = scale * load<f64>(a + (c << 3)) * load<f64>(b + i);
    store<f64>(ofCandidates + (c << 3), load<f64>(ofCandidates + (c << 3)) + expected);
    store<f64>(ofProducts + i, load<f64>(ofProducts + i) + expected);
  }
}

/** Greatest utility over the candidates: the set's part plus the class's part. */
function greatest(utility: usize, shift: usize, product: usize, width: u32): f64 {
  let most: f64 = -Infinity;
  for (let c: usize = 0; c < width; c++) {
    most = max(most, load<f64>(utility + (c << 3)) + load<f64>(shift + ((<usize>load<u32>(product + (c << 2))) << 3)));
  }
  return most;
}

/** Sum over the candidates of exp(utility + shift - most), accurate where the product of exponentials underflows. */
function exactSum(utility: usize, shift: usize, product: usize, width: u32, most: f64): f64 {
  let sum: f64 = 0;
  for (let c: usize = 0; c < width; c++) {
    const i = (<usize>load<u32>(product + (c << 2))) << 3;
    sum += exponential(load<f64>(utility + (c << 3)) + load<f64>(shift + i) - most);
  }
  return sum;
}

/** Adds total x exp(utility_c + shift_c - most) / sum to ofCandidates[c] and to ofProducts[product of c], for each candidate c. */
function addExact(
  total: f64,
  utility: usize,
  shift: usize,
  product: usize,
  width: u32,
  most: f64,
  sum: f64,
  ofCandidates: usize,
  ofProducts: usize,
): void {
  for (let c: usize = 0; c < width; c++) {
    const i = (<usize>load<u32>(product + (c << 2))) << 3;
    const expected = total * (exponential(load<f64>(utility + (c << 3)) + load<f64>(shift + i) - most) / sum);
    store<f64>(ofCandidates + (c << 3), load<f64>(ofCandidates + (c << 3)) + expected);
    store<f64>(ofProducts + i, load<f64>(ofProducts + i) + expected);
  }
}

/**
 * Returns `likelihood` plus the log-likelihood of a cell's choices. If requested, also adds the expected choices (see expectChoices).
 * Scratch: f64[room] utilities, f64[room] a, and f64[room] expected minus observed choices of the set, added to.
 * @param candidate u32[width]: products of the set's candidates
 * @param most greatest utility, the set's part only
 * @param expects 1: the expected choices are added
 */
function expectCell(
  choices: StoredChoices,
  given: ChoiceTerms,
  cell: u32,
  candidate: usize,
  width: u32,
  most: f64,
  likelihood: f64,
  expects: Flag,
  scratch: usize,
): f64 {
  const utility = scratch;
  const a = utility + (choices.room << 3);
  const more = a + (choices.room << 3);
  const line = (word(choices.classOf, cell) * given.products) << 3;
  const shift: usize = given.shift + line;
  const b: usize = given.exponentialOf + line;
  const sum = productSum(a, b, candidate, width);
  const isExact = !(sum > leastSum);
  const top = isExact ? greatest(utility, shift, candidate, width) : 0;
  const exact = isExact ? exactSum(utility, shift, candidate, width, top) : 0;
  const logSum = isExact ? top + logarithm(exact) - most : logarithm(sum);
  for (let i = word(choices.chosenStart, cell), end = word(choices.chosenStart, cell + 1); i < end; i++) {
    const c = word(choices.chosen, i);
    const n = real(choices.times, i);
    likelihood += n * (real(utility, c) - most + real(shift, word(candidate, c)) - logSum);
    store<f64>(more + (c << 3), real(more, c) - n);
  }
  if (!expects) return likelihood;
  const n = real(choices.total, cell);
  if (isExact) addExact(n, utility, shift, candidate, width, top, exact, more, given.ofClasses + line);
  else addProducts(n / sum, a, b, candidate, width, more, given.ofClasses + line);
  return likelihood;
}

/**
 * Returns `likelihood` plus the log-likelihood of the choices of a window, and computes the expected choices.
 * For each cell with n choices, n_c of them of candidate c:
 *   P_c = a_c b_c / sum over candidates k of a_k b_k
 *   likelihood += n_c ln P_c
 *   ofClasses[class, product of c] += n P_c
 *   ofMembers[m] += (n P_c - n_c) score_cm
 * @param window record StoredChoices
 * @param terms record ChoiceTerms
 * @param pairs number of pairs of components in `terms.used`
 * @param expects 0: only the likelihood is computed
 */
export function expectChoices(window: usize, terms: usize, pairs: u32, likelihood: f64, expects: Flag, scratch: usize): f64 {
  const choices = changetype<StoredChoices>(window);
  const given = changetype<ChoiceTerms>(terms);
  const row = (<usize>choices.stride) << 3;
  const utility = scratch;
  const a = utility + (choices.room << 3);
  const more = a + (choices.room << 3);
  const usedEnd = given.used + (pairs << 2);
  for (let s: u32 = 0; s < choices.sets; s++) {
    const cells = word(choices.cellStart, s);
    const cellsEnd = word(choices.cellStart, s + 1);
    if (cells === cellsEnd) continue;
    const first = word(choices.start, s);
    const width = word(choices.start, s + 1) - first;
    const candidate: usize = choices.product + (first << 2);
    const scores = choices.score + <usize>first * row;
    const most = utilities(scores, row, width, given.weight, given.used, usedEnd, utility);
    // Values beyond the last candidate land in `more`, which is cleared next.
    storeWeights(utility, most, width, a);
    memory.fill(more, 0, (<usize>width) << 3);
    for (let cell = cells; cell < cellsEnd; cell++) {
      likelihood = expectCell(choices, given, cell, candidate, width, most, likelihood, expects, scratch);
    }
    if (expects) addScores(scores, row, width, more, given.ofMembers);
  }
  return likelihood;
}

/** Number of choices from a choice set, over its cells. */
function choicesFrom(choices: StoredChoices, set: u32): f64 {
  let n: f64 = 0;
  const end = word(choices.cellStart, set + 1);
  for (let cell = word(choices.cellStart, set); cell < end; cell++) n += real(choices.total, cell);
  return n;
}

/**
 * curvature[m, k] += sum over candidates c of n p_c (score_cm - mean_m) (score_ck - mean_k), for components m and k.
 * @param off f64[stride] scratch: a candidate's scores minus their means
 */
function addSetCurvature(
  scores: usize,
  row: usize,
  width: u32,
  n: f64,
  p: usize,
  mean: usize,
  off: usize,
  curvature: usize,
): void {
  for (let c: usize = 0, line = scores; c < (<usize>width) << 3; c += 8, line += row) {
    for (let m: usize = 0; m < row; m += 16) v128.store(off + m, f64x2.sub(v128.load(line + m), v128.load(mean + m)));
    const np = n * load<f64>(p + c);
    for (let m: usize = 0, sums = curvature; m < row; m += 8, sums += row) {
      const factor = f64x2.splat(np * load<f64>(off + m));
      for (let k: usize = 0; k < row; k += 16) {
        v128.store(sums + k, f64x2.add(v128.load(sums + k), f64x2.mul(factor, v128.load(off + k))));
      }
    }
  }
}

/**
 * Negative Hessian of the log-likelihood with respect to the weights of the components. The effects of features are constants.
 * Uses every `step`-th of the sets that have choices.
 * For each of these sets, with n choices and candidates c:
 *   p_c = a_c / sum over candidates k of a_k,   mean_m = sum over c of p_c score_cm
 *   curvature[m, k] += n sum over c of p_c (score_cm - mean_m) (score_ck - mean_k)
 * @param window, terms, pairs as in expectChoices
 * @param curvature f64[stride x stride] in and out: the result is added
 * @param scratch f64[room] utilities, f64[room] p, f64[stride] means, f64[stride] scores minus their means
 * @returns number of choices from the sets used
 */
export function choiceCurvature(window: usize, terms: usize, pairs: u32, step: u32, curvature: usize, scratch: usize): f64 {
  const choices = changetype<StoredChoices>(window);
  const given = changetype<ChoiceTerms>(terms);
  const row = (<usize>choices.stride) << 3;
  const utility = scratch;
  const p = utility + (choices.room << 3);
  const mean = p + (choices.room << 3);
  const usedEnd = given.used + (pairs << 2);
  let seen: u32 = 0;
  let all: f64 = 0;
  for (let s: u32 = 0; s < choices.sets; s++) {
    const n = choicesFrom(choices, s);
    if (n === 0 || seen++ % step > 0) continue;
    all += n;
    const first = word(choices.start, s);
    const width = word(choices.start, s + 1) - first;
    const scores = choices.score + <usize>first * row;
    const most = utilities(scores, row, width, given.weight, given.used, usedEnd, utility);
    storeWeights(utility, most, width, p);
    let sum: f64 = 0;
    for (let c: usize = 0; c < (<usize>width) << 3; c += 8) sum += load<f64>(p + c);
    for (let c: usize = 0; c < (<usize>width) << 3; c += 8) store<f64>(p + c, load<f64>(p + c) / sum);
    memory.fill(mean, 0, row);
    addScores(scores, row, width, p, mean);
    addSetCurvature(scores, row, width, n, p, mean, mean + row, curvature);
  }
  return all;
}
