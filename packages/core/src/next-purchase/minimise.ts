import { AppError } from '../error.ts';
import { difference } from '../numbers/arrays.ts';
import { factorize, solveFactorized } from '../numbers/cholesky.ts';

/** Convex function of many variables. Returns its value at `x` and writes its gradient. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

/** Result of a minimisation. */
export interface Minimum {
  x: Float64Array;
  value: number;
  iterations: number;
}

/** Options: the stopping criterion, the variables bounded by 0, and a scale. */
export interface MinimiseOptions {
  /** Number of leading variables with a lower bound of 0. */
  nonNegative: number;
  iterations?: number;
  /** Least relative decrease of the value: the search stops at a smaller one. */
  tolerance?: number;
  /** Approximate second derivatives, which scale the steps. Default: equal for all variables. */
  curvature?: Curvature;
}

/** Approximate second derivatives of a function: a dense block of the first variables, and a diagonal for the others. */
interface Curvature {
  /** Second derivatives among the first variables, f64[first x first], symmetric and positive definite. */
  among: Float64Array;
  /** Second derivative along each other variable, f64[variables - first], above 0. Mixed ones are taken as 0. */
  along: Float64Array;
}

/** Steps in the memory of L-BFGS. */
const memory = 8;
const sufficientDecrease = 1e-4;
const smallestStep = 1e-10;

/**
 * Minimises a convex function by L-BFGS (J. Nocedal, Updating quasi-Newton matrices with limited storage, 1980).
 * Steps are projected on x >= 0 for the first variables (as in D. Bertsekas, Projected Newton methods, 1982).
 * A step excludes the variables at their bound that the gradient pushes beyond it. Deterministic: the same function gives the
 * same bits.
 */
export function minimise(objective: Objective, start: Float64Array, options: MinimiseOptions): Minimum {
  const { nonNegative, iterations = 200, tolerance = 1e-9, curvature } = options;
  let x = start.slice();
  for (let i = 0; i < nonNegative; i++) x[i] = Math.max(0, x[i]!);
  let gradient = new Float64Array(x.length);
  let value = objective(x, gradient);
  const past: PastStep[] = [];
  let done = 0;
  while (done < iterations) {
    const isFree = freeVariables(x, gradient, nonNegative);
    const found =
      lineSearch(objective, { x, gradient, value }, direction(gradient, past, isFree, curvature), nonNegative) ??
      (past.length > 0
        ? lineSearch(objective, { x, gradient, value }, direction(gradient, [], isFree, curvature), nonNegative)
        : undefined);
    if (found === undefined) break;
    done++;
    remember(past, found, { x, gradient });
    const gained = value - found.value;
    ({ x, gradient, value } = found);
    if (gained <= tolerance * Math.max(1, Math.abs(value))) break;
  }
  return { x, value, iterations: done };
}

interface SearchPoint {
  x: Float64Array<ArrayBuffer>;
  gradient: Float64Array<ArrayBuffer>;
  value: number;
}

/** Step and the change of the gradient over it. `scale` is 1 over their inner product. */
interface PastStep {
  moved: Float64Array;
  turned: Float64Array;
  scale: number;
}

/** One byte per variable: 0 if it is at its bound and the gradient pushes it beyond. */
function freeVariables(x: Float64Array, gradient: Float64Array, nonNegative: number): Uint8Array {
  const isFree = new Uint8Array(x.length).fill(1);
  for (let i = 0; i < nonNegative; i++) if (x[i]! <= 0 && gradient[i]! > 0) isFree[i] = 0;
  return isFree;
}

/** Quasi-Newton direction from the stored steps. Without steps, the negative gradient, scaled by the curvature if given. */
function direction(
  gradient: Float64Array,
  past: readonly PastStep[],
  isFree: Uint8Array,
  curvature: Curvature | undefined,
): Float64Array {
  const d = new Float64Array(gradient.length);
  for (let i = 0; i < d.length; i++) d[i] = isFree[i] ? -gradient[i]! : 0;
  const taken: number[] = [];
  for (let k = past.length - 1; k >= 0; k--) {
    const { moved, turned, scale } = past[k]!;
    taken[k] = scale * innerProduct(moved, d);
    addScaled(d, turned, -taken[k]!);
  }
  const length = stepLength(d, past.at(-1), isFree, curvature);
  if (curvature !== undefined) solveCurvature(d, isFree, curvature);
  for (let i = 0; i < d.length; i++) d[i]! *= length;
  for (const [k, { moved, turned, scale }] of past.entries()) addScaled(d, moved, taken[k]! - scale * innerProduct(turned, d));
  for (let i = 0; i < d.length; i++) if (!isFree[i]) d[i] = 0;
  return d;
}

/** Initial scale of a direction, from the last step. For the first step: 1 with curvature, else a length of at most 1. */
function stepLength(d: Float64Array, last: PastStep | undefined, isFree: Uint8Array, curvature: Curvature | undefined): number {
  if (last === undefined) return curvature === undefined ? Math.min(1, 1 / Math.sqrt(innerProduct(d, d))) : 1;
  const { turned, scale } = last;
  if (curvature === undefined) return 1 / (scale * innerProduct(turned, turned));
  const solved = turned.slice();
  solveCurvature(solved, isFree, curvature);
  return 1 / (scale * innerProduct(turned, solved));
}

/** Solves curvature x = d among the free variables, in place. The bounded ones become 0. */
function solveCurvature(d: Float64Array, isFree: Uint8Array, { among, along }: Curvature): void {
  const first = d.length - along.length;
  for (let i = first; i < d.length; i++) d[i]! /= along[i - first]!;
  const free: number[] = [];
  for (let i = 0; i < first; i++) if (isFree[i]) free.push(i);
  const size = free.length;
  const lower = new Float64Array(size * size);
  for (let i = 0; i < size; i++) for (let j = 0; j <= i; j++) lower[i * size + j] = among[free[i]! * first + free[j]!]!;
  if (!factorize(lower, size)) throw new AppError('bug', 'a curvature is not positive definite', 'Report this with the log.');
  const x = Float64Array.from(free, (i) => d[i]!);
  solveFactorized(lower, size, x);
  d.fill(0, 0, first);
  for (let i = 0; i < size; i++) d[free[i]!] = x[i]!;
}

/** First point along halved steps that lowers the value enough (Armijo's rule); undefined if none does. */
function lineSearch(objective: Objective, from: SearchPoint, along: Float64Array, nonNegative: number): SearchPoint | undefined {
  const slope = innerProduct(along, from.gradient);
  if (!(slope < 0)) return undefined;
  for (let step = 1; step > smallestStep; step /= 2) {
    const x = from.x.slice();
    addScaled(x, along, step);
    for (let i = 0; i < nonNegative; i++) x[i] = Math.max(0, x[i]!);
    const gradient = new Float64Array(x.length);
    const value = objective(x, gradient);
    if (value <= from.value + sufficientDecrease * step * slope && value < from.value) return { x, gradient, value };
  }
  return undefined;
}

function remember(past: PastStep[], to: SearchPoint, from: Omit<SearchPoint, 'value'>): void {
  const moved = difference(to.x, from.x);
  const turned = difference(to.gradient, from.gradient);
  const product = innerProduct(moved, turned);
  if (!(product > 1e-12)) return;
  past.push({ moved, turned, scale: 1 / product });
  if (past.length > memory) past.shift();
}

function innerProduct(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function addScaled(target: Float64Array, source: Float64Array, factor: number): void {
  for (let i = 0; i < target.length; i++) target[i]! += factor * source[i]!;
}
