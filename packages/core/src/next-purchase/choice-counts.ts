import { choiceTerms, storedChoices } from '../generated/layouts.ts';
import { type Address, storeRecord } from '../wasm/memory.ts';
import type { KernelPool } from '../wasm/pool.ts';
import type { ChoiceCell, ChoiceProblem, ChoiceStore, ChoiceWindow, StoredSets } from './choice-store.ts';

/** Choices in a window of the customers with one choice set and one class, which is a combination of feature levels. */
interface CountedCell {
  /** Class, as a position in `LevelChoices.classes`. */
  ofClass: number;
  /** Candidates chosen at least once. `times` is the number of choices of each. */
  chosen: number[];
  times: number[];
  total: number;
}

/** Choices of a window by choice set, in kernel memory. */
interface CountedWindow extends Pick<StoredSets, 'sets' | 'room'> {
  /** Record of the choices for kernels, a StoredChoices (assembly/next-purchase/layouts.ts). */
  window: Address;
}

/** Choices of a problem by choice set and class (combination of feature levels), in kernel memory. */
export interface LevelChoices {
  pool: KernelPool;
  members: number;
  products: number;
  windows: readonly CountedWindow[];
  /** Feature levels of each class. */
  classes: readonly (readonly number[])[];
  /** Number of choices by feature level and product, f64[levels x products]; empty if no feature has effects. */
  taken: Float64Array;
  /** Number of choices by product, f64[products]. */
  takenOfAll: Float64Array;
  /** Addresses of weights and effects, and of the results of the kernels. */
  work: CountWork;
}

interface CountWork {
  levelStart: Address;
  level: Address;
  effect: Address;
  shift: Address;
  exponentialOf: Address;
  weight: Address;
  used: Address;
  ofMembers: Address;
  ofClasses: Address;
  /** Record of these addresses for kernels, a ChoiceTerms (assembly/next-purchase/layouts.ts). */
  terms: Address;
}

/**
 * Counts the choices of a problem by choice set and class (combination of feature levels).
 * @param isDistinct whether classes differ by a feature level; all other levels are ignored
 */
export function choiceCounts(store: ChoiceStore, problem: ChoiceProblem, isDistinct: (level: number) => boolean): LevelChoices {
  const { members, products, features } = problem;
  const classes: number[][] = [];
  const classNumbers = new Map<string, number>();
  const classOf = (levels: readonly number[]) => {
    const distinctLevels = levels.filter(isDistinct);
    const key = distinctLevels.join(' ');
    const classNumber = classNumbers.get(key) ?? classes.push(distinctLevels) - 1;
    classNumbers.set(key, classNumber);
    return classNumber;
  };
  const levels = features.reduce((most, { first, shares }) => Math.max(most, first + shares.length), 0);
  const anyDistinct = features.some(({ first, shares }) => shares.some((_, level) => isDistinct(first + level)));
  const taken = new Float64Array(anyDistinct ? levels * products : 0);
  const takenOfAll = new Float64Array(products);
  // The cells of all windows are made first, because they number all classes.
  const counted = problem.windows.map((window) => cellsBySet(window, classOf));
  const windows = counted.map((cells, w) => {
    const window = problem.windows[w]!;
    for (const [s, ofSet] of cells.entries()) {
      for (const { ofClass, chosen, times } of ofSet) {
        for (const [i, candidate] of chosen.entries()) {
          const product = window.sets[s]!.products[candidate]!;
          takenOfAll[product]! += times[i]!;
          for (const level of classes[ofClass]!) taken[level * products + product]! += times[i]!;
        }
      }
    }
    return storeWindow(store.pool, store.of(window.sets, members), cells);
  });
  const { pool } = store;
  const work = takeWork(pool, { members, products, levels, classes });
  return { pool, members, products, windows, classes, taken, takenOfAll, work };
}

/** Choices of each choice set of a window, by class. */
function cellsBySet({ sets, cells }: ChoiceWindow, classOf: (levels: readonly number[]) => number): CountedCell[][] {
  const sums = sets.map(() => new Map<number, Float64Array>());
  for (const { set, levels, taken } of cells) {
    const ofClass = classOf(levels);
    const sum = sums[set]!.get(ofClass);
    sums[set]!.set(ofClass, sum === undefined ? taken : sum.map((count, c) => count + taken[c]!));
  }
  return sums.map((ofSet) => [...ofSet].map(([ofClass, taken]) => countedCell(ofClass, taken)));
}

function countedCell(ofClass: number, taken: ChoiceCell['taken']): CountedCell {
  const cell: CountedCell = { ofClass, chosen: [], times: [], total: 0 };
  for (let candidate = 0; candidate < taken.length; candidate++) {
    if (taken[candidate] === 0) continue;
    cell.chosen.push(candidate);
    cell.times.push(taken[candidate]!);
    cell.total += taken[candidate]!;
  }
  return cell;
}

function storeWindow({ memory }: KernelPool, sets: StoredSets, bySet: readonly (readonly CountedCell[])[]): CountedWindow {
  const cellStart = new Uint32Array(bySet.length + 1);
  for (const [s, cells] of bySet.entries()) cellStart[s + 1] = cellStart[s]! + cells.length;
  const all = bySet.flat();
  const chosenStart = new Uint32Array(all.length + 1);
  for (const [i, { chosen }] of all.entries()) chosenStart[i + 1] = chosenStart[i]! + chosen.length;
  const window = storeRecord(memory, storedChoices, {
    ...sets,
    cellStart: memory.store(cellStart),
    classOf: memory.store(Uint32Array.from(all, ({ ofClass }) => ofClass)),
    total: memory.store(Float64Array.from(all, ({ total }) => total)),
    chosenStart: memory.store(chosenStart),
    chosen: memory.store(Uint32Array.from(all.flatMap(({ chosen }) => chosen))),
    times: memory.store(Float64Array.from(all.flatMap(({ times }) => times))),
  });
  return { sets: sets.sets, room: sets.room, window };
}

function takeWork(
  { memory }: KernelPool,
  { members, products, levels, classes }: Pick<LevelChoices, 'members' | 'products' | 'classes'> & { levels: number },
): CountWork {
  const stride = members + (members % 2);
  const levelStart = new Uint32Array(classes.length + 1);
  for (const [i, distinctLevels] of classes.entries()) levelStart[i + 1] = levelStart[i]! + distinctLevels.length;
  const ofClasses = classes.length * products * 8;
  const ofLevels = {
    levelStart: memory.store(levelStart),
    level: memory.store(Uint32Array.from(classes.flat())),
    effect: memory.allocate(levels * products * 8),
  };
  const terms = {
    shift: memory.allocate(ofClasses),
    exponentialOf: memory.allocate(ofClasses),
    weight: memory.allocateZeroed(stride * 8),
    used: memory.allocate((stride / 2) * 4),
    ofMembers: memory.allocate(stride * 8),
    ofClasses: memory.allocate(ofClasses),
  };
  return { ...ofLevels, ...terms, terms: storeRecord(memory, choiceTerms, { ...terms, products }) };
}

/** Choices expected under given weights and effects, and their comparison with the observed choices. */
export interface ExpectedCounts {
  /** Sum over the choices of the logarithm of their probability. */
  logLikelihood: number;
  /** Sum over all candidates of (expected - observed choices) x score, f64[components]. */
  ofMembers: Float64Array;
  /** Expected choices by level and product, f64[levels x products]; empty if no feature has effects. */
  expected: Float64Array;
  /** Expected choices by product, f64[products]. */
  expectedOfAll: Float64Array;
}

/**
 * Computes the choices expected under weights and effects.
 * @param effects effects of feature levels, f64[levels x products]; empty without effects
 */
export function expectedCounts(choices: LevelChoices, weights: Float64Array, effects: Float64Array): ExpectedCounts {
  const logLikelihood = runKernels(choices, weights, effects, true);
  const { pool, members, products, classes, taken, work } = choices;
  const ofMembers = pool.memory.f64(work.ofMembers, members).slice();
  const ofClasses = pool.memory.f64(work.ofClasses, classes.length * products);
  const [expected, expectedOfAll] = [new Float64Array(taken.length), new Float64Array(products)];
  const levelStart = pool.memory.u32(work.levelStart, classes.length + 1);
  const level = pool.memory.u32(work.level, levelStart[classes.length]!);
  for (let c = 0; c < classes.length; c++) {
    const counts = c * products;
    addAt(expectedOfAll, 0, ofClasses, counts, products);
    if (taken.length === 0) continue;
    for (let at = levelStart[c]!; at < levelStart[c + 1]!; at++)
      addAt(expected, level[at]! * products, ofClasses, counts, products);
  }
  return { logLikelihood, ofMembers, expected, expectedOfAll };
}

/** Log-likelihood: sum over the choices of the logarithm of their probability. */
export function logLikelihoodOf(choices: LevelChoices, weights: Float64Array, effects: Float64Array): number {
  return runKernels(choices, weights, effects, false);
}

/** Adds `count` values from position `at` to sums from position `from`. No views of the values are made: they are many and short. */
function addAt(sums: Float64Array, from: number, values: Float64Array, at: number, count: number): void {
  for (let i = 0; i < count; i++) sums[from + i]! += values[at + i]!;
}

/** Runs the kernels and returns the log-likelihood. With `expects`, they write expected choices to `ofMembers` and `ofClasses`. */
function runKernels(choices: LevelChoices, weights: Float64Array, effects: Float64Array, expects: boolean): number {
  const { pool, products, windows, classes, work } = choices;
  const { memory } = pool;
  const { levelStart, level, effect, shift, exponentialOf, ofMembers, ofClasses, terms } = work;
  const pairs = placeWeights(choices, weights);
  memory.f64(effect, effects.length).set(effects);
  pool.call('classEffects', { classes: classes.length, levelStart, level, effect, products, shift, exponentialOf });
  if (expects) {
    memory.f64(ofMembers, weights.length + (weights.length % 2)).fill(0);
    memory.f64(ofClasses, classes.length * products).fill(0);
  }
  let likelihood = 0;
  for (const { window, room } of windows) {
    likelihood = pool.call('expectChoices', { window, terms, pairs, likelihood, expects }, room * 3 * 8);
  }
  return likelihood;
}

/**
 * Copies weights to the address at which kernels read them, in pairs.
 * @returns number of pairs with a weight other than 0. Kernels skip all other pairs
 */
function placeWeights({ pool: { memory }, work }: LevelChoices, weights: Float64Array): number {
  memory.f64(work.weight, weights.length).set(weights);
  const pairs = usedPairs(weights);
  memory.u32(work.used, pairs.length).set(pairs);
  return pairs.length;
}

/** Approximate number of choice sets per window from which the curvature of the log-likelihood is estimated. */
const bentSets = 200;

/**
 * Negative second derivatives of the log-likelihood in the weights, without effects. They are estimated on a subset of the choice
 * sets and scaled to all choices.
 * @returns f64[components x components], positive semidefinite
 */
export function curvatureOf(choices: LevelChoices, weights: Float64Array): Float64Array {
  const { pool, members, windows, work } = choices;
  const { memory } = pool;
  const pairs = placeWeights(choices, weights);
  const stride = members + (members % 2);
  const mark = memory.mark();
  const curvature = memory.allocateZeroed(stride * stride * 8);
  let looked = 0;
  for (const { window, sets, room } of windows) {
    const step = Math.max(1, Math.floor(sets / bentSets));
    const { terms } = work;
    looked += pool.call('choiceCurvature', { window, terms, pairs, step, curvature }, (room + stride) * 2 * 8);
  }
  const all = choices.takenOfAll.reduce((sum, count) => sum + count, 0);
  const padded = memory.f64(curvature, stride * stride);
  const ofMembers = new Float64Array(members * members);
  for (let k = 0; k < members; k++) ofMembers.set(padded.subarray(k * stride, k * stride + members), k * members);
  memory.release(mark);
  return looked > 0 ? ofMembers.map((value) => value * (all / looked)) : ofMembers;
}

/** Byte offset of each pair of weights with a weight other than 0. */
function usedPairs(weights: Float64Array): number[] {
  const pairs: number[] = [];
  for (let k = 0; k < weights.length; k += 2) if (weights[k] !== 0 || (weights[k + 1] ?? 0) !== 0) pairs.push(k * 8);
  return pairs;
}
