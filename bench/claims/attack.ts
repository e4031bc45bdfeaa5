// `npm run claim -- attack [numbers] [seed]`: an attacker who knows the program tries to recover so many hidden numbers (500) of each kind of published
// figures: outcomes, runs, clusters, variants, offers and lists. Ends with 1 where one is recovered.
import { attacks, recovered } from '../../test/reference/published-attacks.ts';

const [numbers = 500, seed = 1] = process.argv.slice(2).map(Number);
const found = Object.entries(attacks).map(([name, attack]) => ({ name, ...recovered(attack, numbers, seed) }));
for (const { name, hidden, recovered } of found) console.log(`${name}: ${recovered} of ${hidden} hidden numbers recovered`);
process.exitCode = found.some(({ recovered }) => recovered > 0) ? 1 : 0;
