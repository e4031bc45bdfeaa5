// Random numbers of simulations, from a stream of uniform numbers between 0 and 1.

/** Poisson count with a mean (Knuth, The Art of Computer Programming, 3.4.1): for means of at most some hundreds. */
export function poissonCount(mean: number, uniform: () => number): number {
  let [count, product] = [0, uniform()];
  for (const least = Math.exp(-mean); product > least; count++) product *= uniform();
  return count;
}

/** Standard normal number (Box and Muller, 1958). */
export function normalNumber(uniform: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
