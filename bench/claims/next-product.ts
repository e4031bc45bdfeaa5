// `npm run claim -- next-product [name ...]`: probabilities of the next product on real sets without dates, and on a drawn one of several campaigns,
// through a config and the command line. Exit code 1 beyond a bound, and where the log loss is surely above that of popularity.
import { difference, required } from '@basketwise/core';
import { bootstrap, poissonAtMost } from '@basketwise/recommend';
import { record } from '../records/record.ts';
import { fixed } from '../records/table-text.ts';
import { heldOut, isTested, without } from '../sets/held-out.ts';
import { chanceIn, type Entry, listsOf, publishedEntries } from '../sets/published-entries.ts';
import type { DataSet } from '../sets/real-sets.ts';
import { setConfig, writeSet } from '../sets/set-bank.ts';
import { twoClassSet } from '../sets/two-classes.ts';
import { eachUndatedSet } from '../sets/undated-sets.ts';

/** Length of the lists: log loss needs all candidates, or those that most customers take. */
const listed = 64;
/** Factor that widens the 95 % interval of found over expected. */
const widening = 1.15;

/**
 * Whether an expectation lies in the exact 95 % interval of a count's mean (Garwood, 1936), widened by a factor on both sides. The interval
 * has all means at which neither so few nor so many have a chance below 2.5 %.
 */
function isWithinPoisson(count: number, expected: number, widening: number): boolean {
  const [low, high] = [expected / widening, expected * widening];
  return poissonAtMost(count, low) >= 0.025 && 1 - poissonAtMost(count - 1, high) >= 0.025;
}

/** The `listed` products with most holders of those that a customer does not hold, with their shares of the holders. */
function popularEntries(items: readonly string[], holders: Float64Array, held: readonly number[]) {
  const candidates = [...items.keys()].filter((item) => !held.includes(item)).sort((a, b) => holders[b]! - holders[a]!);
  const all = candidates.reduce((sum, item) => sum + holders[item]!, 0);
  return candidates.slice(0, listed).map((item) => ({ product: items[item]!, probability: holders[item]! / all }));
}

/** Log loss of the products held out: of the published probabilities, of popularity in lists as long, and of equal chances, each with an interval; and the first less the second. */
function logLosses(set: DataSet, out: ReadonlyMap<number, number>, listOf: ReadonlyMap<number, Entry[]>) {
  const holders = new Float64Array(set.items.length).fill(0.5);
  for (const [customer, items] of set.sets.entries()) for (const item of items) if (out.get(customer) !== item) holders[item]!++;
  const [ours, popular, equal]: [number[], number[], number[]] = [[], [], []];
  for (const [customer, target] of out) {
    const list = listOf.get(customer) ?? [];
    const held = set.sets[customer]!.filter((item) => item !== target);
    const candidates = set.items.length - held.length;
    const published = list.map(([, , product, probability]) => ({ product, probability }));
    ours.push(-Math.log(chanceIn(published, set.items[target]!, candidates)));
    const popularList = popularEntries(set.items, holders, held);
    popular.push(-Math.log(chanceIn(popularList, set.items[target]!, candidates)));
    equal.push(Math.log(candidates));
  }
  const [own, theirs, chance] = [ours, popular, equal].map((losses) => Float64Array.from(losses)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  return bootstrap([own, theirs, chance, difference(own, theirs)], { resamples: 2000, seed: 0 });
}

/** Number of products of some entries that were expected to be those held out, and that were. */
interface Found {
  expected: number;
  found: number;
}

function foundIn(set: DataSet, out: ReadonlyMap<number, number>, entries: readonly Entry[]): Found {
  return {
    expected: entries.reduce((sum, [, , , probability]) => sum + probability, 0),
    found: entries.filter(([customer, , product]) => set.items[required(out, customer)] === product).length,
  };
}

/** Tenths of a list, in its order. */
function tenths<Item>(list: readonly Item[]): Item[][] {
  return Array.from({ length: 10 }, (_, i) =>
    list.slice(Math.floor((i * list.length) / 10), Math.floor(((i + 1) * list.length) / 10)),
  );
}

/** First five entries of the tenth of lists whose first entry has the largest part of the list's probability. */
function mostConcentrated(entries: readonly Entry[]): Entry[] {
  const part = (list: readonly Entry[]) => list[0]![3] / list.reduce((sum, [, , , probability]) => sum + probability, 0);
  const lists = [...listsOf(entries).values()].sort((a, b) => part(a) - part(b));
  return tenths(lists)
    .at(-1)!
    .flatMap((list) => list.slice(0, 5));
}

const isBeyond = ({ expected, found }: Found) => !isWithinPoisson(found, expected, widening);
const ratio = ({ expected, found }: Found) => `${found} / ${expected.toFixed(1)}`;
const campaignRows: (string | number)[][] = [];
const lossRows: (string | number)[][] = [];
const faults: string[] = [];

/** Adds the row of a campaign's lists, and its faults. */
function judgeCampaign(set: DataSet, out: ReadonlyMap<number, number>, entries: readonly Entry[]): void {
  const rising = entries.filter(([customer, rank, , probability], i) => {
    const before = entries[i - 1];
    return rank > 1 && before?.[0] === customer && probability > before[3];
  }).length;
  const first = entries.filter(([, rank]) => rank <= 5).sort((a, b) => a[3] - b[3]);
  const all = foundIn(set, out, first);
  const byTenth = tenths(first).map((some) => foundIn(set, out, some));
  const concentrated = foundIn(set, out, mostConcentrated(entries));
  const campaign = entries[0]![4];
  const place = set.name === campaign ? campaign : `${set.name}, ${campaign}`;
  campaignRows.push([
    place,
    out.size,
    all.found,
    fixed(all.expected, 1),
    fixed(all.found / all.expected, 2),
    ratio(concentrated),
  ]);
  console.log(`${place} by tenth, found / expected: ${byTenth.map(ratio).join(', ')}`);
  const beyond = byTenth.filter((tenth) => tenth.expected >= 30 && isBeyond(tenth)).length;
  if (rising > 0) faults.push(`${place}: ${rising} probabilities rise with the rank`);
  if (beyond > 0) faults.push(`${place}: ${beyond} tenths beyond ${widening} times their interval`);
  if (isBeyond(all) || isBeyond(concentrated)) faults.push(`${place}: all or the most concentrated lists beyond it`);
}

async function judge(name: string, set: DataSet, folder: string): Promise<void> {
  const out = new Map([...heldOut(set)].filter(([customer]) => isTested(customer)));
  const config = setConfig(set, `top_n: ${listed}\n`).replace('formats: [csv]', 'formats: [parquet]');
  await writeSet(folder, without(set, out), config);
  const entries = await publishedEntries(folder, out);
  const campaigns = [...new Set(entries.map(([, , , , campaign]) => campaign))];
  for (const campaign of campaigns)
    judgeCampaign(
      set,
      out,
      entries.filter((entry) => entry[4] === campaign),
    );
  if (campaigns.length > 1) return;
  const [ours, popular, equal, above] = logLosses(set, out, listsOf(entries));
  const range = `${above!.mean.toFixed(3)} (${above!.low.toFixed(3)} .. ${above!.high.toFixed(3)})`;
  lossRows.push([name, ...[ours!, popular!, equal!].map(({ mean }) => fixed(mean, 3)), range]);
  if (above!.low > 0) faults.push(`${name}: log loss is surely above that of popularity`);
}

await eachUndatedSet(process.argv.slice(2), judge, [twoClassSet()]);
record({
  title: 'Probabilities without dates',
  about:
    'One product is held out of every fifth customer with two or more: found and expected among the first five entries, also in the tenth of the most concentrated lists. Log loss has lists of 64 entries, also of ' +
    'popularity; products beyond them share the rest of the probability.',
  tables: [
    {
      columns: ['set', 'products held out', 'found', 'expected', 'found / expected', 'most concentrated tenth'],
      rows: campaignRows,
    },
    {
      caption: 'Log loss of the product held out',
      columns: ['set', 'log loss', 'of popularity', 'of equal chances', 'minus that of popularity (95 %)'],
      rows: lossRows,
    },
  ],
  checks: [
    { text: `all figures within their bounds${faults.map((fault) => `; ${fault}`).join('')}`, holds: faults.length === 0 },
  ],
});
