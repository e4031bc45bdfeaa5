import type { ChoiceProblem, ChoiceSet, ChoiceWindow } from './choice-problem.ts';

/** Relative difference up to which the scores of a component count as constant. Scores are sums in f32 and have rounding errors. */
const scoreRounding = 1e-5;

/**
 * Scale of each component, f64[components]: root mean square of its scores about their mean over the candidates of a choice.
 * 0 if the scores differ by no more than rounding errors. Without choices, each choice set counts once.
 */
export function scoreSpreads({ windows, members }: ChoiceProblem): Float64Array {
  const made = windows.map((window) => knownMoments(window, members));
  const isEmpty = made.every(({ choices }) => choices === 0);
  const looked = isEmpty ? windows.map(({ sets }) => momentsOf(sets, () => 1, members)) : made;
  const sum = (of: (one: Moments) => number) => looked.reduce((total, one) => total + of(one), 0);
  const total = sum(({ choices }) => choices);
  return Float64Array.from({ length: members }, (_, k) => {
    const [off, size] = [sum(({ squares }) => squares[k]!), sum(({ sizes }) => sizes[k]!)];
    return off > scoreRounding ** 2 * size ? Math.sqrt(off / total) : 0;
  });
}

/** Moments of the scores in the choices of a window. */
interface Moments {
  /** Number of choices from sets with candidates. */
  choices: number;
  /**
   * Sums over the choices, f64[components]. For `squares`, the summand is the mean over the candidates of (score - mean score)^2.
   * For `sizes`, it is the mean of score^2.
   */
  squares: Float64Array;
  sizes: Float64Array;
}

const momentsOfWindows = new WeakMap<ChoiceWindow, Moments>();

/** Moments of a window, computed once for all fits. */
function knownMoments(window: ChoiceWindow, members: number): Moments {
  const cached = momentsOfWindows.get(window);
  if (cached) return cached;
  const times = new Float64Array(window.sets.length);
  for (const { set, taken } of window.cells) times[set]! += taken.reduce((sum, count) => sum + count, 0);
  const made = momentsOf(window.sets, (set) => times[set]!, members);
  momentsOfWindows.set(window, made);
  return made;
}

function momentsOf(sets: readonly ChoiceSet[], timesOf: (set: number) => number, members: number): Moments {
  const moments: Moments = { choices: 0, squares: new Float64Array(members), sizes: new Float64Array(members) };
  const mean = new Float64Array(members);
  for (const [s, { products, scores }] of sets.entries()) {
    const times = timesOf(s);
    if (times === 0 || products.length === 0) continue;
    moments.choices += times;
    mean.fill(0);
    addMeans(scores, products.length, mean);
    addSquares(scores, times / products.length, mean, moments.squares, moments.sizes);
  }
  return moments;
}

/** Adds the mean score of each component to `mean`, f64[components]. `scores` is f64[candidates x components], row-major. */
function addMeans(scores: Float64Array, candidates: number, mean: Float64Array): void {
  for (let line = 0; line < scores.length; line += mean.length) {
    for (let k = 0; k < mean.length; k++) mean[k]! += scores[line + k]! / candidates;
  }
}

/** Adds `each` x (score - mean)^2 to `squares`, and `each` x score^2 to `sizes`, for each candidate and component. */
function addSquares(scores: Float64Array, each: number, mean: Float64Array, squares: Float64Array, sizes: Float64Array): void {
  for (let line = 0; line < scores.length; line += mean.length) {
    for (let k = 0; k < mean.length; k++) {
      const score = scores[line + k]!;
      const off = score - mean[k]!;
      squares[k]! += each * (off * off);
      sizes[k]! += each * (score * score);
    }
  }
}
