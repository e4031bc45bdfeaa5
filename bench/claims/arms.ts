// `npm run claim -- arms [banks] [salts]`: whether arms differ in nothing but the contact. Random banks (200) of 1,000 to 60,000 customers with one or several offers to each, few or
// many classes, capacities (some of 0 to 5 offers), minimums, sets of never_together and experiments are decided once each: shares of those offered, mean worth
// of their offers and products by arm are within chance (one chi-square over all, p > .001; each bank |z| < 4.5). Fixed banks are decided with many salts (200): over
// these the mean difference of arms, in all, of worth, by product and by the size of a capacity, is within 4.5 standard errors of 0.

import { createNodePool, createRandom } from '@basketwise/core';
import { type ArmCounts, type BankShape, decidedArms, offerBank } from '../../test/reference/offer-banks.ts';

const [banks = 200, salts = 200, only = 0] = process.argv.slice(2).map(Number);
const most = { z: 4.5, chance: 3.09 };

/** Shape of a random bank. */
function shapeOf(seed: number): BankShape {
  const random = createRandom(seed);
  const customers = Math.round(1_000 * 60 ** random.next());
  const isOne = random.next() < 0.6;
  return {
    ...{ seed, customers, perCustomer: isOne ? 1 : 2 + Math.floor(2 * random.next()) },
    lists: random.next() < 0.4 ? 5 + Math.floor(60 * random.next()) : Math.round(customers * (0.2 + random.next())),
    ...{ levels: random.next() < 0.5 ? 3 + Math.floor(20 * random.next()) : 10_000, branches: 1 + Math.floor(6 * random.next()) },
    ...{ capacities: Math.floor(12 * random.next()), room: 0.05 + 0.6 * random.next() ** 2 },
    ...{
      least: random.next() < 0.5,
      together: random.next() < 0.5,
      resting: random.next() < 0.5,
      experiment: random.next() < 0.25,
    },
    control: [0.05, 0.1, 0.2, 0.5][Math.floor(4 * random.next())]!,
  };
}

/** Normal score of the difference of two shares; 0 where the numbers are too small for one. */
function scoreOfShares([a, n]: readonly [number, number], [b, m]: readonly [number, number]): number {
  const pooled = (a + b) / (n + m);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
  return Math.min(n, m) * Math.min(pooled, 1 - pooled) < 5 ? 0 : (b / m - a / n) / error;
}

/** Normal score of the difference of two means. */
function scoreOfMeans(one: ArmCounts, other: ArmCounts): number {
  if (Math.min(one.offered, other.offered) < 20) return 0;
  const variance = ({ offered, worth, squares }: ArmCounts) => Math.max(0, squares / offered - (worth / offered) ** 2) / offered;
  const error = Math.sqrt(variance(one) + variance(other));
  return error < 1e-9 ? 0 : (other.worth / other.offered - one.worth / one.offered) / error;
}

const pool = await createNodePool(2);
/** Says a fault as soon as it is found: the claim takes an hour. */
const fail = (what: string) => {
  console.log(`FAIL: ${what}`);
  process.exitCode = 1;
};
let [chi, degrees] = [0, 0];
const add = (z: number, what: string) => {
  if (z === 0) return;
  chi += z ** 2;
  degrees++;
  if (Math.abs(z) >= most.z) fail(`${what}: z ${z.toFixed(2)}`);
};
for (let seed = 1; seed <= banks; seed++) {
  const shape = shapeOf(seed);
  const { arms } = await decidedArms(pool, offerBank(shape), seed);
  const [one, other] = arms;
  const name = `bank ${seed} ${JSON.stringify(shape)}`;
  add(scoreOfShares([one.offered, one.customers], [other.offered, other.customers]), `${name}: share offered`);
  add(scoreOfMeans(one, other), `${name}: worth`);
  for (const [i, n] of one.products.entries())
    add(scoreOfShares([n, one.customers], [other.products[i]!, other.customers]), `${name}: product ${i}`);
  if (seed % 10 === 0) console.log(`${seed} banks: chi-square ${chi.toFixed(1)} of ${degrees} degrees`);
}
// Wilson and Hilferty (1931)
const score = degrees === 0 ? 0 : (Math.cbrt(chi / degrees) - (1 - 2 / (9 * degrees))) / Math.sqrt(2 / (9 * degrees));
if (score > most.chance) fail('all banks');
console.log(
  `${banks} banks: chi-square ${chi.toFixed(1)} of ${degrees} degrees, normal score ${score.toFixed(2)} (below ${most.chance})`,
);

const fixed: BankShape = {
  seed: 1,
  customers: 1_000,
  perCustomer: 1,
  lists: 1_000,
  levels: 10_000,
  branches: 3,
  capacities: 6,
  room: 0.1,
  control: 0.3,
};
const shapes: BankShape[] = [
  fixed,
  { ...fixed, seed: 2, levels: 4 },
  { ...fixed, seed: 3, lists: 12, levels: 5, control: 0.1 },
  { ...fixed, seed: 4, perCustomer: 3, together: true, resting: true, room: 0.3 },
  { ...fixed, seed: 5, lists: 300, least: true, capacities: 10, control: 0.5 },
  { ...fixed, seed: 6, lists: 100, room: 0.004, capacities: 8, levels: 50 },
  { ...fixed, seed: 7, customers: 5_500, lists: 7_000, levels: 12 },
  { ...fixed, seed: 8, customers: 5_500, lists: 7_000, levels: 10_000, resting: true, least: true, capacities: 12 },
  { ...fixed, seed: 9, customers: 5_500, lists: 7_000, levels: 30, room: 0.003, experiment: true },
  { ...fixed, seed: 10, customers: 10_000, lists: 9_000, levels: 5, room: 0.05, control: 0.1 },
];
let lastTotals: number[] = [];
for (const shape of salts > 0 ? shapes.filter((one) => only === 0 || one.seed === only) : []) {
  const bank = offerBank(shape);
  const samples: number[][] = [];
  for (let salt = 1; salt <= salts; salt++) {
    const [one, other] = (await decidedArms(pool, bank, salt)).arms;
    const values = (counts: ArmCounts) => [counts.offered, counts.worth, ...counts.products];
    const contacted = values(one);
    samples.push(values(other).map((value, i) => value / shape.control - contacted[i]! / (1 - shape.control)));
    lastTotals = contacted;
  }
  const worst: string[] = [];
  for (const i of samples[0]!.keys()) {
    const mean = samples.reduce((sum, row) => sum + row[i]!, 0) / salts;
    const error = Math.sqrt(samples.reduce((sum, row) => sum + (row[i]! - mean) ** 2, 0) / (salts - 1) / salts);
    const z = error === 0 || lastTotals[i]! < 1 ? 0 : mean / error;
    const label = i === 0 ? 'offered' : i === 1 ? 'worth' : `product ${i - 2}`;
    if (Math.abs(z) > 2.5) worst.push(`${label} ${mean.toFixed(2)} of ${lastTotals[i]!.toFixed(1)} (z ${z.toFixed(1)})`);
    if (Math.abs(z) >= most.z) fail(`bank ${shape.seed}: ${label} z ${z.toFixed(1)}`);
  }
  console.log(`fixed bank ${JSON.stringify(shape)}: ${worst.join(', ') || 'nothing'}`);
}
await pool.close();
