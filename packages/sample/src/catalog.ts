import { noDate } from '@basketwise/core';
import { workday, yearDays } from './calendar.ts';
import { basketSizes, type SampleBank, withoutHoldings } from './options.ts';
import { drawPlants, type Plants } from './plants.ts';
import { makeProductName, type ProductFamily, type ProductName, type SubType } from './product-names.ts';
import { RandomStream } from './random.ts';
import { drawLeanings, drawTaste, type Leanings, type Taste, type TastedLine } from './taste.ts';

/** Product line: a product name with all its codes. Generated baskets consist of product lines. */
export interface ProductLine extends TastedLine {
  name: ProductName;
  subType: SubType;
  /** First and last day of sale under any of the line's codes. `saleTo` is `noDate` (-2^31) while the line is on sale. */
  saleFrom: number;
  saleTo: number;
}

/** Row of the bank's product table. */
export interface ProductCode {
  /** Seven digits, the first of which is 0. */
  code: string;
  line: number;
  saleFrom: number;
  saleTo: number;
}

/** All products of a generated bank, including products no longer on sale. */
export interface Catalog {
  readonly lines: readonly ProductLine[];
  /** Product codes, sorted by code. */
  readonly codes: readonly ProductCode[];
  readonly taste: Taste;
  readonly plants: Plants;
  readonly leanings: Leanings;
  /** Day on which the preferences of customer segments change for some product lines. */
  readonly driftDay: number;
}

const historyYears = 20;
/** Number of years in which product lines were launched. The first customers join up to 20 years before the reference date. */
const launchYears = 32;
const families: readonly ProductFamily[] = ['deposit', 'insurance', 'fund'];
/** Number of the most popular lines per family whose sale never ends. */
const firstToEnd = 5;
/**
 * In each family, the line with rank `launchRank` was launched within `launchSpan` days before the reference date.
 * More popular lines were launched before the first customers joined.
 */
const [launchRank, launchSpan] = [5, 540];
const endedShare: Record<ProductFamily, number> = { deposit: 0.4, insurance: 0.5, fund: 0.3 };
const subTypes: Record<ProductFamily, readonly SubType[]> = {
  deposit: ['demand', 'instalment', 'term'],
  insurance: ['death', 'injury', 'disease', 'child', 'group', 'education', 'annuity', 'qualified-annuity', 'saving'],
  fund: ['bond', 'mixed', 'equity'],
};
/** Share of ended product lines with a successor in the same family. */
const succeededShare = 0.5;
const driftShare = 0.1;
const driftYears = 2;
/** Share of lines on sale that had another code earlier. */
const renewedShare = 0.08;
const stream = 0;
const preferenceStream = 3;
/**
 * Years that the consequent of a planted rule must have been on sale. Otherwise all holders of the antecedent would
 * purchase the consequent within a short time.
 */
const earlyYears = 12;

/** Number of product lines in each family. Of 430 lines, 250 are deposits, 150 insurances and 30 funds. There are at least two funds. */
function familySize(products: number): Record<ProductFamily, number> {
  const fund = Math.max(2, Math.round((products * 30) / 430));
  const insurance = Math.round((products * 150) / 430);
  return { deposit: products - insurance - fund, insurance, fund };
}

/**
 * Draws the product lines of a family, ordered by rank, with their days of sale. The most popular line has been on sale since the first launch day.
 */
function drawFamily(
  random: RandomStream,
  family: ProductFamily,
  size: number,
  { referenceDay, shape: { quietYears = 0 } }: SampleBank,
): ProductLine[] {
  const quietDays = Math.round(quietYears * yearDays);
  const firstDay = referenceDay - Math.round(launchYears * yearDays);
  const mayEnd = [...Array(size).keys()].slice(Math.min(size >> 1, firstToEnd));
  const ended = new Set(random.shuffle(mayEnd).slice(0, Math.round(size * endedShare[family])));
  const named = new Map<SubType, number>();
  return Array.from({ length: size }, (_, i) => {
    const subType = subTypes[family][i === 0 ? 0 : random.below(subTypes[family].length)]!;
    const index = named.get(subType) ?? 0;
    named.set(subType, index + 1);
    const latest = referenceDay - quietDays - (ended.has(i) ? 720 : 100);
    const isOld = i + 1 < launchRank;
    const isNew = i + 1 === launchRank && quietYears === 0;
    const earliest = isNew ? referenceDay - launchSpan : firstDay;
    const newest = isOld ? referenceDay - Math.round(historyYears * yearDays) : latest;
    const saleFrom = workday(i === 0 ? firstDay : earliest + random.below(newest - earliest));
    const soldFor = Math.max(saleFrom, referenceDay - Math.round(historyYears * yearDays)) + 360;
    const saleTo = ended.has(i) ? workday(soldFor + random.below(referenceDay - quietDays - 40 - soldFor)) : noDate;
    return {
      name: makeProductName(subType, index),
      family,
      subType,
      rank: i + 1,
      saleFrom,
      saleTo,
      predecessor: -1,
      drifts: false,
    };
  });
}

/**
 * Makes some lines on sale successors of ended lines in their family. A successor goes on sale after the ended line, and inherits its preferences by
 * segment.
 */
function drawSuccessors(random: RandomStream, lines: readonly ProductLine[]): void {
  for (const family of families) {
    const followers = random.shuffle([...lines.keys()].filter((line) => lines[line]!.family === family && lines[line]!.rank > 1));
    const ended = followers.filter((line) => lines[line]!.saleTo !== noDate);
    const onSale = followers.filter((line) => lines[line]!.saleTo === noDate);
    for (const [i, predecessor] of ended.slice(0, Math.floor(ended.length * succeededShare)).entries()) {
      const successor = lines[onSale[i] ?? -1];
      if (!successor) break;
      successor.predecessor = predecessor;
      successor.saleFrom = workday(lines[predecessor]!.saleTo + 3);
    }
  }
}

/** Assigns a code to each line. Some lines on sale also get an older code with the same name. */
function drawCodes(random: RandomStream, lines: readonly ProductLine[], referenceDay: number): ProductCode[] {
  const rows: Omit<ProductCode, 'code'>[] = [];
  for (const [line, { saleFrom, saleTo }] of lines.entries()) {
    const years = (referenceDay - saleFrom) / yearDays;
    const renewed = saleTo === noDate && years > 2 && random.chance(renewedShare);
    const turn = workday(saleFrom + Math.round(yearDays * (1 + random.uniform() * (years - 2))));
    if (renewed) rows.push({ line, saleFrom, saleTo: turn });
    rows.push({ line, saleFrom: renewed ? turn + 1 : saleFrom, saleTo });
  }
  const numbers = random.shuffle([...Array(rows.length * 3).keys()]);
  const coded = rows.map((row, i) => ({ code: String(numbers[i]! + 10_001).padStart(7, '0'), ...row }));
  return coded.sort((a, b) => (a.code < b.code ? -1 : 1));
}

/** Purchases of each line relative to its popularity: proportional to the time on sale. */
function soldShares({ referenceDay }: SampleBank, lines: readonly ProductLine[]): number[] {
  const first = referenceDay - Math.round(historyYears * yearDays);
  const days = lines.map(({ saleFrom, saleTo }) => (saleTo === noDate ? referenceDay : saleTo) - Math.max(first, saleFrom));
  const mean = days.reduce((sum, count) => sum + count, 0) / lines.length;
  return days.map((count) => count / mean);
}

/** Draws the products of a bank. The catalog does not depend on which slice of the customers is generated. */
export function drawCatalog(bank: SampleBank): Catalog {
  const random = new RandomStream(bank.seed, stream).at(0);
  const sizes = familySize(bank.products);
  const lines = families.flatMap((family) => drawFamily(random, family, sizes[family], bank));
  drawSuccessors(random, lines);
  for (const line of lines) line.drifts = line.rank > 1 && random.chance(driftShare);
  const taste = drawTaste(random, lines);
  const sold = soldShares(bank, lines);
  const meanSize =
    basketSizes.reduce((sum, share, i) => sum + share * (i + 1), 0) / basketSizes.reduce((sum, share) => sum + share, 0);
  const early = bank.referenceDay - Math.round(earlyYears * yearDays);
  const plantable = lines.map(({ rank, saleFrom, saleTo }, i) => {
    return {
      rank,
      onSale: saleTo === noDate && saleFrom <= early,
      share: taste.popularity[i]! * sold[i]! * meanSize * (1 - withoutHoldings),
    };
  });
  const plants = drawPlants(random, plantable);
  const driftDay = bank.referenceDay - Math.round(Math.max(driftYears, bank.shape.quietYears ?? 0) * yearDays);
  const leanings = drawLeanings(new RandomStream(bank.seed, preferenceStream).at(0), lines.length);
  return { lines, codes: drawCodes(random, lines, bank.referenceDay), taste, plants, leanings, driftDay };
}
