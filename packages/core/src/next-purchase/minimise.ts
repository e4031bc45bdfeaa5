import { bug } from '../error.ts';
import { difference } from '../numbers/arrays.ts';
import { factorize, solveFactorized } from '../numbers/cholesky.ts';

/** Convex function of many variables. Returns its value at `x` and writes its gradient to `gradient`. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

/** Result of a minimisation. */
export interface Minimum {
  x: Float64Array;
  value: number;
  iterations: number;
}

/** Stopping criteria, bounds and scale of a minimisation. */
export interface MinimiseOptions {
  /** Number of leading variables with a lower bound of 0. */
  nonNegative: number;
  iterations?: number;
  /** The search stops after a step that lowers the value by at most this share of it. Default 1e-9. */
  tolerance?: number;
  /** Approximate second derivatives, which scale the steps. Default: equal for all variables. */
  curvature?: Curvature;
}

/** Approximate second derivatives of a function: a dense block of the first variables, and a diagonal for the others. */
interface Curvature {
  /** Second derivatives among the first variables, f64[first x first], symmetric and positive definite. */
  among: Float64Array;
  /** Second derivative in each other variable, f64[variables - first], above 0. Their mixed derivatives are taken as 0. */
  along: Float64Array;
}

/** Number of past steps that L-BFGS uses. */
const memory = 8;
const sufficientDecrease = 1e-4;
const smallestStep = 1e-10;

/**
 * Minimises a convex function by L-BFGS (J. Nocedal, Updating quasi-Newton matrices with limited storage, 1980).
 * Steps are projected on x >= 0 for the first `nonNegative` variables (as in D. Bertsekas, Projected Newton methods, 1982).
 * A variable at its bound does not take part in a step if the negative gradient points beyond the bound.
 * Equal functions and starts give equal bits.
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
    const step =
      lineSearch(objective, { x, gradient, value }, direction(gradient, past, isFree, curvature), nonNegative) ??
      (past.length > 0
        ? lineSearch(objective, { x, gradient, value }, direction(gradient, [], isFree, curvature), nonNegative)
        : undefined);
    if (step === undefined) break;
    done++;
    remember(past, step, { x, gradient });
    const gained = value - step.value;
    ({ x, gradient, value } = step);
    if (gained <= tolerance * Math.max(1, Math.abs(value))) break;
  }
  return { x, value, iterations: done };
}

interface SearchPoint {
  x: Float64Array<ArrayBuffer>;
  gradient: Float64Array<ArrayBuffer>;
  value: number;
}

/** Past step. `moved` is the change of x, `turned` is the change of the gradient, and `scale` is 1 / (moved · turned). */
interface PastStep {
  moved: Float64Array;
  turned: Float64Array;
  scale: number;
}

/** One byte per variable: 0 if the variable is at its bound and the negative gradient points beyond the bound, otherwise 1. */
function freeVariables(x: Float64Array, gradient: Float64Array, nonNegative: number): Uint8Array {
  const isFree = new Uint8Array(x.length).fill(1);
  for (let i = 0; i < nonNegative; i++) if (x[i]! <= 0 && gradient[i]! > 0) isFree[i] = 0;
  return isFree;
}

/** Quasi-Newton direction from past steps. Without past steps, it is the negative gradient, scaled by the curvature if given. */
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

/**
 * Scale of the initial inverse Hessian in L-BFGS, from the last step. Without a last step, the scale is 1 if the curvature is given.
 * Otherwise it limits the length of the first step to 1.
 */
function stepLength(d: Float64Array, last: PastStep | undefined, isFree: Uint8Array, curvature: Curvature | undefined): number {
  if (last === undefined) return curvature === undefined ? Math.min(1, 1 / Math.sqrt(innerProduct(d, d))) : 1;
  const { turned, scale } = last;
  if (curvature === undefined) return 1 / (scale * innerProduct(turned, turned));
  const solved = turned.slice();
  solveCurvature(solved, isFree, curvature);
  return 1 / (scale * innerProduct(turned, solved));
}

/** Replaces d by the solution x of curvature x = d over the free variables. Variables at their bound become 0. */
function solveCurvature(d: Float64Array, isFree: Uint8Array, { among, along }: Curvature): void {
  const first = d.length - along.length;
  for (let i = first; i < d.length; i++) d[i]! /= along[i - first]!;
  const free: number[] = [];
  for (let i = 0; i < first; i++) if (isFree[i]) free.push(i);
  const size = free.length;
  const lower = new Float64Array(size * size);
  for (let i = 0; i < size; i++) for (let j = 0; j <= i; j++) lower[i * size + j] = among[free[i]! * first + free[j]!]!;
  if (!factorize(lower, size)) throw bug('a curvature is not positive definite');
  const x = Float64Array.from(free, (i) => d[i]!);
  solveFactorized(lower, size, x);
  d.fill(0, 0, first);
  for (let i = 0; i < size; i++) d[free[i]!] = x[i]!;
}

/** Halves the step from 1 until the value falls enough (Armijo's rule). Returns that point; undefined if there is none. */
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
