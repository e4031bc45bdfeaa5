// Small data sets from a seed, for bare clones. test/golden/peers.py draws the same numbers.
import { type DataSet, dataFile, loadDataSet } from '../../bench/sets/real-sets.ts';

/** A stream of whole numbers, each from 0 to `below` - 1. */
function drawer(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** 300 rows of four overlapping groups: three columns of small whole numbers, three of categories, and the group of each row. */
export function drawnTable() {
  const draw = drawer(1);
  const rows = Array.from({ length: 300 }, () => {
    const group = draw(4);
    const numbers = [0, 1, 2].map((f) => 6 * ((group * (f + 3) + f) % 4) + draw(8) + draw(8));
    const texts = [3, 4, 5].map((size, q) => 'abcde'[draw(3) === 0 ? draw(size) : (group + q) % size]!);
    return { group, numbers, texts };
  });
  return {
    groups: rows.map(({ group }) => group),
    numeric: [0, 1, 2].map((f) => rows.map(({ numbers }) => numbers[f]!)),
    texts: [0, 1, 2].map((q) => rows.map(({ texts }) => texts[q]!)),
  };
}

/** 400 customers with one or more of 20 products each; those of the customer's taste are likelier. */
function drawnSets(): DataSet {
  const draw = drawer(2);
  const items = Array.from({ length: 20 }, (_, p) => `p${p + 10}`);
  const sets = Array.from({ length: 400 }, () => {
    const taste = draw(4);
    const held = items.map((_, p) => draw(100) < 4 + (p % 5) + (p % 4 === taste ? 60 : 0));
    const set = [...held.keys()].filter((p) => held[p]);
    return set.length > 0 ? set : [taste];
  });
  return { name: 'drawn', items, sets };
}

/** Whether a set is on this machine: a real one, or `drawn`. */
export const hasSet = (name: string): boolean => name === 'drawn' || dataFile(name) !== undefined;

/** Loads a real set or the drawn one. @throws if it is not on this machine */
export const loadSet = async (name: string): Promise<DataSet> => (name === 'drawn' ? drawnSets() : (await loadDataSet(name))!);

/** 300 choices among four to six of eight products with three scores each, and the customer's level of a feature of two. */
export function drawnChoices() {
  const draw = drawer(3);
  return Array.from({ length: 300 }, () => {
    const level = draw(2);
    const first = draw(8);
    const products = Array.from({ length: 4 + draw(3) }, (_, c) => (first + c) % 8).sort((a, b) => a - b);
    const scores = products.map(() => [0, 1, 2].map(() => draw(64) / 16));
    const utilities = scores.map(([a, b], c) => 48 * a! + 16 * b! + 48 * ((products[c]! + level) % 2) + draw(64) + draw(64));
    return { level, products, scores, chosen: utilities.indexOf(Math.max(...utilities)) };
  });
}

/** 150 customers with distinct scores of 25 products, of which they hold some and later buy one or more others. */
export function drawnRankings() {
  const draw = drawer(4);
  return Array.from({ length: 150 }, () => {
    const scores = Array.from({ length: 25 }, (_, p) => 25 * draw(1000) + p);
    const held = scores.map(() => draw(5) === 0);
    const bought = scores.map((score, p) => !held[p] && draw(40_000) + score > 50_000);
    const sure = held.indexOf(false);
    return { scores, held, targets: [...scores.keys()].filter((p) => bought[p] || p === sure) };
  });
}

/** Position drawn with chances in proportion to the odds. @param random at least 0, below 1 */
export function drawnPlace(odds: ArrayLike<number>, random: number): number {
  let left = random * Array.from(odds).reduce((sum, one) => sum + one, 0);
  let at = 0;
  while (at + 1 < odds.length && left >= odds[at]!) left -= odds[at++]!;
  return at;
}
