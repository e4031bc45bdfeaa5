/** P(X <= count) of a Poisson variable. */
function poissonTail(count: number, mean: number): number {
  let [logTerm, sum] = [-mean, 0];
  for (let k = 0; k <= count; k++) {
    sum += Math.exp(logTerm);
    logTerm += Math.log(mean / (k + 1));
  }
  return sum;
}

/**
 * Whether an expectation lies in the exact 95 % interval of a count's mean (Garwood, 1936), widened by a factor on both sides. The interval
 * has all means at which neither so few nor so many have a chance below 2.5 %.
 */
export function isWithinPoisson(count: number, expected: number, widening: number): boolean {
  const [low, high] = [expected / widening, expected * widening];
  return poissonTail(count, low) >= 0.025 && (count === 0 || 1 - poissonTail(count - 1, high) >= 0.025);
}
