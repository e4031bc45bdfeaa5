// `npm run claim -- next-product [name ...]`: probabilities of the next product on real sets without dates, through a config and the command line. One product is held out of
// every fifth customer with two or more, before the bank's files are written. The probabilities that `basketwise run` publishes are compared with these products:
// expected and found among the first five by tenth, and log loss of the product beside popularity and equal chances. Exit code 1 beyond a bound.
import { join } from 'node:path';
import { required } from '@basketwise/core/parts';
import { DuckDBInstance } from '@duckdb/node-api';
import { isWithinPoisson } from '../cells/poisson.ts';
import type { DataSet } from '../sets/real-sets.ts';
import { setConfig, writeSet } from '../sets/set-bank.ts';
import { eachUndatedSet, runOn } from '../sets/undated-sets.ts';

/** Length of the lists: log loss needs all candidates, or those that most customers take. */
const listed = 64;
/** Factor that widens the 95 % interval of found over expected. */
const widening = 1.15;

/** A number of a customer that looks random (Knuth, The Art of Computer Programming 3, 6.4). */
const scrambled = (customer: number) => (Math.imul(customer + 1, 2_654_435_761) >>> 0) / 2 ** 32;

/** The product held out of each tested customer. */
function heldOut({ sets }: DataSet): Map<number, number> {
  const tested = [...sets.entries()].filter(([customer, items]) => customer % 5 === 0 && items.length > 1);
  return new Map(tested.map(([customer, items]) => [customer, items[Math.floor(scrambled(customer) * items.length)]!]));
}

/** Entry of a published list. */
type Entry = [customer: number, rank: number, product: string, probability: number];

async function publishedEntries(folder: string): Promise<Entry[]> {
  runOn(folder, 'run');
  const connection = await (await DuckDBInstance.create()).connect();
  const file = join(folder, 'out/latest/recommendations.parquet');
  const reader = await connection.runAndReadAll(
    `SELECT CAST(customer AS INTEGER), CAST(rank AS INTEGER), product_code, CAST(probability AS DOUBLE) FROM '${file}'
     WHERE CAST(customer AS INTEGER) % 5 = 0 ORDER BY 1, 2`,
  );
  const entries = reader.getRowsJson() as Entry[];
  connection.closeSync();
  return entries;
}

/** Log loss of the products held out: of the published probabilities, of popularity, and of equal chances. The three share candidates. */
function logLosses(set: DataSet, out: ReadonlyMap<number, number>, listOf: ReadonlyMap<number, Entry[]>) {
  const holders = new Float64Array(set.items.length).fill(0.5);
  for (const [customer, items] of set.sets.entries()) for (const item of items) if (out.get(customer) !== item) holders[item]!++;
  const all = holders.reduce((sum, count) => sum + count, 0);
  const sums = { ours: 0, popular: 0, equal: 0, customers: 0 };
  for (const [customer, target] of out) {
    const list = listOf.get(customer) ?? [];
    const held = set.sets[customer]!.filter((item) => item !== target);
    const candidates = set.items.length - held.length;
    const own = list.find(([, , product]) => product === set.items[target]);
    // products beyond the list share the rest of the probability
    const rest = Math.max(1e-9, 1 - list.reduce((sum, [, , , probability]) => sum + probability, 0));
    const chance = own?.[3] ?? rest / Math.max(1, candidates - list.length);
    sums.ours -= Math.log(Math.max(chance, 1e-9));
    sums.popular -= Math.log(holders[target]! / (all - held.reduce((sum, item) => sum + holders[item]!, 0)));
    sums.equal += Math.log(candidates);
    sums.customers++;
  }
  const mean = (sum: number) => (sum / sums.customers).toFixed(3);
  return [mean(sums.ours), mean(sums.popular), mean(sums.equal)];
}

interface Tenth {
  expected: number;
  found: number;
}

/** Expected and found products among the first five, by tenths of the probability. */
function tenthsOf(set: DataSet, out: ReadonlyMap<number, number>, entries: readonly Entry[]): Tenth[] {
  const first = entries.filter(([customer, rank]) => rank <= 5 && out.has(customer)).sort((a, b) => a[3] - b[3]);
  return Array.from({ length: 10 }, (_, tenth) => {
    const some = first.slice(Math.floor((tenth * first.length) / 10), Math.floor(((tenth + 1) * first.length) / 10));
    return {
      expected: some.reduce((sum, [, , , probability]) => sum + probability, 0),
      found: some.filter(([customer, , product]) => set.items[required(out, customer)] === product).length,
    };
  });
}

await eachUndatedSet(process.argv.slice(2), async (name, set, folder) => {
  const out = heldOut(set);
  const known = { ...set, sets: set.sets.map((items, customer) => items.filter((item) => item !== out.get(customer))) };
  const config = setConfig(set, `top_n: ${listed}\n`).replace('formats: [csv]', 'formats: [parquet]');
  await writeSet(folder, known, config);
  const entries = await publishedEntries(folder);
  const listOf = new Map<number, Entry[]>();
  for (const entry of entries) listOf.set(entry[0], [...(listOf.get(entry[0]) ?? []), entry]);
  const rising = entries.filter(([customer, rank, , probability], i) => {
    const before = entries[i - 1];
    return rank > 1 && before?.[0] === customer && probability > before[3];
  }).length;
  const tenths = tenthsOf(set, out, entries);
  const [expected, found] = ['expected' as const, 'found' as const].map((key) =>
    tenths.reduce((sum, one) => sum + one[key], 0),
  ) as [number, number];
  const [ours, popular, equal] = logLosses(set, out, listOf);
  console.log(
    `${name}: ${out.size} products held out, ${found} found among the first five of ${expected.toFixed(0)} expected (${(found / expected).toFixed(2)}); ` +
      `log loss ${ours}, of popularity ${popular}, of equal chances ${equal}`,
  );
  console.log(`  by tenth, found / expected: ${tenths.map((one) => `${one.found} / ${one.expected.toFixed(1)}`).join(', ')}`);
  const beyond = tenths.filter((one) => one.expected >= 30 && !isWithinPoisson(one.found, one.expected, widening)).length;
  if (rising === 0 && beyond === 0 && isWithinPoisson(found, expected, widening) && Number(ours) < Number(popular)) return;
  console.log(`MISSED: ${rising} probabilities rise with the rank, ${beyond} tenths beyond ${widening} times their interval`);
  process.exitCode = 1;
});
