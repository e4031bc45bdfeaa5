// `npm run accept -- fuzz [cases] [seed]`: runs of 2,000 random banks (tables, configs, holdings, rules, equivalence groups, sale ends, dates,
// clusters), whose output is held to its invariants; a bank that breaks one is printed.
import { checkRandomBanks } from '../../test/property/pipeline/run-random.ts';

const [cases = 2000, seed = 2] = process.argv.slice(2).map(Number);
const begin = performance.now();
try {
  await checkRandomBanks(cases, seed);
  console.log(`${cases} random banks, seed ${seed}: every invariant holds, ${Math.round((performance.now() - begin) / 1000)} s`);
} catch (error) {
  console.log((error as Error).message);
  process.exitCode = 1;
}
