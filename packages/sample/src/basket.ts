import { noDate } from '@basketwise/core';
import type { Catalog } from './catalog.ts';
import { type AliasTable, drawIndex } from './distribution.ts';
import type { Plants } from './plants.ts';
import type { RandomStream } from './random.ts';

/** Maximum number of random draws of a product line. After that, the first suitable line is taken. */
const mostDraws = 256;
/** Maximum number of random draws where preferences do not reject lines. */
const shortPatience = 64;

/** Basket under construction. `line`: product lines in the order of purchase. `pinned`: 1 for lines that planted relations must not replace. */
export interface Basket {
  size: number;
  readonly line: Int32Array;
  readonly pinned: Uint8Array;
}

/** Creates an empty basket, with capacity for the largest basket of a bank. */
export function createBasket(): Basket {
  return { size: 0, line: new Int32Array(16), pinned: new Uint8Array(16) };
}

/** Position of a product line in the basket, or -1. */
export function indexOfLine(basket: Basket, line: number): number {
  for (let i = 0; i < basket.size; i++) if (basket.line[i] === line) return i;
  return -1;
}

/** Requirements for the product line of a purchase. */
export interface Wish {
  /** Day of the purchase. The line must be on sale on this day. `noDate` (-2^31): any day. */
  day: number;
  /** Returns the probability, 0 to 1, of accepting a drawn line. Absent: 1. */
  appeal?: ((line: number, day: number) => number) | undefined;
}

/**
 * Draws a product line from `table` that is not in the basket and is on sale on the requested day. With `plants`, the line must not belong to a
 * planted rule or repulsion. Returns -1 if no line is suitable.
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

/** Position of the least popular line that can be replaced, except position `kept`. -1 if there is none. */
function leastPopular(popularity: Float64Array, basket: Basket, kept: number): number {
  let place = -1;
  for (let i = 0; i < basket.size; i++) {
    if (i === kept || basket.pinned[i] === 1) continue;
    if (place < 0 || popularity[basket.line[i]!]! < popularity[basket.line[place]!]!) place = i;
  }
  return place;
}

/**
 * Applies the planted rules and repulsions to a basket without changing its size. Each has a random draw of its own, independent of the rest of the
 * basket. Lines placed by a rule are pinned. If a rule finds no position for its consequent, its antecedent is replaced. The rule's confidence
 * therefore holds exactly among customers who have the antecedent and another product.
 * @param wishAt returns the requirements for a line at a position of the basket
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
