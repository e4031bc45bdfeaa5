import { noDate } from '@basketwise/core/parts';
import type { Catalog } from './catalog.ts';
import { type AliasTable, drawIndex } from './distribution.ts';
import type { Plants } from './plants.ts';
import type { RandomStream } from './random.ts';

/** Most draws. After them, the first fitting line is taken. */
const mostDraws = 256;
/** Most draws for a crowded past, in which only sale and basket matter. */
const shortPatience = 64;

/** Basket under construction: lines in the order of purchase, and marks of lines that must not be exchanged. */
export interface Basket {
  size: number;
  readonly line: Int32Array;
  readonly pinned: Uint8Array;
}

/** Empty basket, with capacity for the largest one. */
export function createBasket(): Basket {
  return { size: 0, line: new Int32Array(16), pinned: new Uint8Array(16) };
}

/** Position of `line` in the basket, or -1. */
export function indexOfLine(basket: Basket, line: number): number {
  for (let i = 0; i < basket.size; i++) if (basket.line[i] === line) return i;
  return -1;
}

/** Requirements for a line. */
export interface Wish {
  /** Day of the purchase; `noDate` (-2^31) means any day. */
  day: number;
  /** Probability (0 to 1) of taking a drawn line. Absent: 1. */
  appeal?: ((line: number, day: number) => number) | undefined;
}

/**
 * Draws a line from `table` that is outside the basket, on sale on the requested day, and in no plant (if `plants` are given).
 */
export function drawLine(
  random: RandomStream,
  catalog: Catalog,
  table: AliasTable,
  basket: Basket,
  { day, appeal }: Wish,
  plants?: Plants,
): number {
  const fits = (line: number) => {
    const { saleFrom, saleTo } = catalog.lines[line]!;
    const sold = day === noDate || (day >= saleFrom && (saleTo === noDate || day <= saleTo));
    return sold && plants?.planted[line] !== 1 && indexOfLine(basket, line) < 0;
  };
  const attempts = appeal === undefined ? shortPatience : mostDraws;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const line = drawIndex(random, table);
    if (fits(line) && (appeal === undefined || random.chance(appeal(line, day)))) return line;
  }
  const count = catalog.lines.length;
  const first = random.below(count);
  for (let i = 0; i < count; i++) if (fits((first + i) % count)) return (first + i) % count;
  return -1;
}

/** Position of the least popular line that can be exchanged, other than `kept`; -1 for none. */
function leastPopular(popularity: Float64Array, basket: Basket, kept: number): number {
  let place = -1;
  for (let i = 0; i < basket.size; i++) {
    if (i === kept || basket.pinned[i] === 1) continue;
    if (place < 0 || popularity[basket.line[i]!]! < popularity[basket.line[place]!]!) place = i;
  }
  return place;
}

/**
 * Applies the plants to a basket, whose size stays. Each rule has its own random draw, independent of the rest of the basket.
 * The result of a rule is marked as final. A rule without space removes its antecedent.
 * Its confidence therefore holds exactly among the customers with the antecedent and another product.
 * @param wishAt requirements for a line at a position of the basket
 */
export function plant(
  random: RandomStream,
  catalog: Catalog,
  table: AliasTable,
  basket: Basket,
  wishAt: (place: number) => Wish,
): void {
  const { plants } = catalog;
  if (basket.size < 2) return;
  basket.pinned.fill(0);
  const replace = (place: number) => {
    const line = drawLine(random, catalog, table, basket, wishAt(place), plants);
    if (line >= 0) basket.line[place] = line;
  };
  for (const { first, second, keep } of plants.repulsions) {
    const place = indexOfLine(basket, second);
    if (place >= 0 && indexOfLine(basket, first) >= 0 && !random.chance(keep)) replace(place);
  }
  for (const { antecedent, consequent, confidence } of plants.rules) {
    const held = indexOfLine(basket, antecedent);
    if (held < 0) continue;
    const place = indexOfLine(basket, consequent);
    const room = place >= 0 ? place : leastPopular(catalog.taste.popularity, basket, held);
    if (room < 0) {
      replace(held);
      continue;
    }
    basket.pinned[held] = 1;
    if (random.chance(confidence)) {
      basket.line[room] = consequent;
      basket.pinned[room] = 1;
    } else if (place >= 0) replace(place);
  }
}
