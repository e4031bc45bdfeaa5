import {
  acquiredBand,
  additivePart,
  type BasketEntry,
  type ChoiceCell,
  type ChoiceSet,
  fitSpec,
  forMembers,
  holdingSums,
  isSummed,
  type MemberCandidate,
  type Model,
  type ModelSpec,
  memberLevel,
  type NextPurchaseMember,
  packEntry,
  partScores,
  type TrainingSet,
  tierOf,
  unpackEntry,
} from '@basketwise/core';
import type { EvaluationSet } from '../evaluation/campaign-side.ts';
import { candidatesOf, type ModelCase } from '../evaluation/case-outcomes.ts';
import type { LevelsOfCustomer } from '../evaluation/ranking-features.ts';
import { candidatesOfSets, caseDraws, drawnColumns, drawnOfClasses, mostOfAll, type SetCounts } from './choice-candidates.ts';

/** Numbers of products by code, common to all windows. Column numbers differ between windows. */
export class ProductNumbers {
  readonly codes: string[] = [];
  readonly #numbers = new Map<string, number>();

  of(code: string): number {
    const number = this.#numbers.get(code);
    if (number !== undefined) return number;
    this.#numbers.set(code, this.codes.length);
    return this.codes.push(code) - 1;
  }
}

/** Choices of the customers in one window, with the scores of components fitted before the window. */
export interface WindowChoices {
  sets: ChoiceSet[];
  cells: ChoiceCell[];
  /** Codes of the products in the basket of each choice set. */
  held: string[][];
  /** Number of test cases of the window that are in `cells`. */
  cases: number;
  /** Number of excluded purchases. Their products had no purchase in the year before the window, so the components cannot know them. */
  unknown: number;
}

/** Fitted component model of a next-purchase model. */
export type FittedMember = Omit<NextPurchaseMember, 'weight' | 'byTier'>;

/** Fits the components to the data before the window. */
export async function fitMembers({ data }: EvaluationSet, members: readonly MemberCandidate[]): Promise<FittedMember[]> {
  const inner = new Map<ModelSpec, Model>();
  const memberData = forMembers(data);
  const fitted: FittedMember[] = [];
  for (const { spec, lessLevel } of members) {
    const model = inner.get(spec) ?? (await fitSpec(memberData, spec, {}, inner));
    inner.set(spec, model);
    fitted.push({ model, level: lessLevel ? await memberLevel(model, data.holdings) : null });
  }
  return fitted;
}

/**
 * Writes a component's scores minus its level (see `memberLevel`) into an array, for one basket and some columns. Consecutive scores are `apart`
 * elements apart.
 */
type MemberScorer = (place: number, columns: readonly number[], into: Float64Array, from: number, apart: number) => void;

/** Creates the scorers of the components for some baskets. */
async function memberScorers(
  members: readonly FittedMember[],
  baskets: readonly (readonly BasketEntry[])[],
  { pool, table }: TrainingSet,
): Promise<MemberScorer[]> {
  const width = table.columns.length;
  const scorers: MemberScorer[] = [];
  for (const { model, level } of members) {
    const part = additivePart(model);
    if (isSummed(part)) {
      const { lines, weightsOf } = holdingSums(part, pool);
      const weights = await weightsOf(baskets);
      scorers.push((place, columns, into, from, apart) => {
        // If many columns are needed, reading a whole line is cheaper than reading single values.
        const isPart = columns.length * 4 < width;
        const entryWeights = weights[place]!;
        for (let i = 0, at = from; i < columns.length; i++, at += apart) into[at] = 0;
        for (const [e, { column: held }] of baskets[place]!.entries()) {
          const line = isPart ? null : lines.line(held);
          for (let i = 0, at = from; i < columns.length; i++, at += apart) {
            into[at]! += entryWeights[e]! * (line === null ? lines.cell(held, columns[i]!) : line[columns[i]!]!);
          }
        }
        if (level !== null) for (let i = 0, at = from; i < columns.length; i++, at += apart) into[at]! -= level[columns[i]!]!;
      });
    } else {
      scorers.push((place, columns, into, from, apart) => {
        const scores = partScores(part, baskets[place]!, width - table.pseudoColumns, width);
        for (let i = 0, at = from; i < columns.length; i++, at += apart) {
          into[at] = scores[columns[i]!]! - (level?.[columns[i]!] ?? 0);
        }
      });
    }
  }
  return scorers;
}

/** Flag of each column, u8[columns]: 1 if a customer purchased it in the year before the window. Without dates, 1 for all columns. */
function knownColumns({ acquisitions, holdings }: EvaluationSet['data']): Uint8Array {
  const width = holdings.table.columns.length;
  if (acquisitions === undefined) return new Uint8Array(width).fill(1);
  return acquiredColumns(acquisitions, width);
}

function acquiredColumns({ table }: TrainingSet, width: number): Uint8Array {
  const acquired = new Uint8Array(width);
  for (const packed of table.memory.u32(table.entry, table.entries)) {
    const { column, band } = unpackEntry(packed);
    if (band === acquiredBand) acquired[column] = 1;
  }
  return acquired;
}

/**
 * Collects the choices in a window. Each purchase of a known product is one choice. Its candidates are the known products that the customer did not
 * hold. In a wide campaign, a sample of them is drawn (see `candidatesOfSets`). Customers with equal baskets and feature levels share a cell. If
 * candidates are drawn, customers of a cell also purchased the same product.
 * @param most maximum number of cases. If there are more, a hash of basket, purchases and feature levels draws a sample
 */
export async function windowChoices(
  evaluationSet: EvaluationSet,
  members: readonly FittedMember[],
  numbers: ProductNumbers,
  levelsOf: LevelsOfCustomer,
  weight: number,
  most: number,
): Promise<WindowChoices> {
  const isKnown = knownColumns(evaluationSet.data);
  const choices: Omit<WindowChoices, 'sets' | 'held'> = { cells: [], cases: 0, unknown: evaluationSet.unknown };
  const cases = casesInMemory(evaluationSet, levelsOf, most);
  const choosers = new Choosers(evaluationSet, isKnown, members.length, setCounts(cases, isKnown));
  const cellOf = new Map<string, ChoiceCell>();
  for (const modelCase of cases) {
    const targets = modelCase.targets.filter((column) => isKnown[column] === 1);
    choices.unknown += modelCase.targets.length - targets.length;
    if (targets.length === 0) continue;
    const levels = levelsOf(modelCase.customer);
    for (const target of targets) {
      const set = choosers.setOf(modelCase, target);
      const { columns } = choosers.all[set]!;
      const key = `${set} ${levels.join(' ')}`;
      let cell = cellOf.get(key);
      if (cell === undefined) {
        cell = { set, levels, taken: new Float64Array(columns.length) };
        cellOf.set(key, cell);
        choices.cells.push(cell);
      }
      cell.taken[columns.indexOf(target)]! += weight;
    }
    choices.cases++;
  }
  const held = choosers.all.map(({ basket }) => codesOf(basket, evaluationSet.data.holdings.table));
  return { ...choices, held, sets: await choiceSets(evaluationSet, members, choosers.all, numbers) };
}

/** Numbers of choice sets for the purchases of known products. */
function setCounts(cases: readonly ModelCase[], isKnown: Uint8Array): SetCounts {
  const [baskets, pairs] = [new Set<string>(), new Set<string>()];
  for (const { basket, targets } of cases) {
    const key = basketKey(basket);
    for (const target of targets) {
      if (isKnown[target] !== 1) continue;
      baskets.add(key);
      pairs.add(pairKey(key, target));
    }
  }
  return { baskets: baskets.size, pairs: pairs.size };
}

function codesOf(basket: readonly BasketEntry[], { columns, pseudoColumns }: TrainingSet['table']): string[] {
  return basket.flatMap(({ column }) => (column < columns.length - pseudoColumns ? [columns[column]!] : []));
}

function basketKey(basket: readonly BasketEntry[]): string {
  return basket.map(packEntry).join(' ');
}

function pairKey(basket: string, target: number | null): string {
  return `${basket}|${target ?? ''}`;
}

/**
 * Maximum number of pairs of a class and a product. A class is a distinct combination of feature levels in a window. A fit has three 8-byte numbers
 * per pair.
 */
const mostEffects = 4096 * mostOfAll;

/**
 * Draws the cases of a window that fit into memory. Cases with equal feature levels form a class. At most `mostEffects` / products classes are drawn,
 * because each class takes memory and time for each product.
 */
function casesInMemory(
  { cases: { cases, allowed } }: EvaluationSet,
  levelsOf: LevelsOfCustomer,
  most: number,
): readonly ModelCase[] {
  const classes = cases.map(({ customer }) => levelsOf(customer).join(' '));
  const mostClasses = Math.floor(mostEffects / allowed.length);
  if (cases.length <= most && new Set(classes).size <= mostClasses) return cases;
  const draws = caseDraws(cases.map(({ basket, targets }, at) => `${basketKey(basket)}|${targets.join(' ')}|${classes[at]}`));
  const share = (most / cases.length) * 2 ** 32;
  const places = [...cases.keys()].filter((at) => draws[at]! < share);
  const drawnOf = <Item>(list: readonly Item[]) => places.map((at) => list[at]!);
  return drawnOfClasses(drawnOf(classes), drawnOf(draws), mostClasses).map((place) => cases[places[place]!]!);
}

/** Number of baskets to sample if no customer purchased anything. */
const sampledBaskets = 500;

/**
 * Creates choice sets from a sample of target customers, for a window without purchases. The sets only determine the spread of the components'
 * scores.
 */
export async function targetSets(
  evaluationSet: EvaluationSet,
  members: readonly FittedMember[],
  numbers: ProductNumbers,
): Promise<ChoiceSet[]> {
  const { table } = evaluationSet.data.holdings;
  const rows = evaluationSet.ranges.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i));
  const step = Math.max(1, Math.floor(rows.length / sampledBaskets));
  const start = table.memory.u32(table.start, table.rows + 1);
  const entry = table.memory.u32(table.entry, table.entries);
  const some = rows.filter((_, i) => i % step === 0);
  const choosers = new Choosers(evaluationSet, knownColumns(evaluationSet.data), members.length, {
    baskets: some.length,
    pairs: some.length,
  });
  for (const row of some) {
    const basket = Array.from(entry.subarray(start[row]!, start[row + 1]!), unpackEntry);
    choosers.add({ customer: -1, basket, targets: [], hasHistory: false }, null);
  }
  return choiceSets(evaluationSet, members, choosers.all, numbers);
}

/** Basket, and the candidate columns of the customers with it: recommendable, known and not held. */
interface Chooser {
  basket: readonly BasketEntry[];
  columns: number[];
}

/** Choosers of a window's choice sets, one per distinct basket. If candidates are drawn, one per distinct basket and purchased product. */
class Choosers {
  readonly all: Chooser[] = [];
  readonly #sets = new Map<string, number>();
  readonly #evaluationSet: EvaluationSet;
  readonly #known: Uint8Array;
  /** Number of candidates in a set. Null: sets have all candidates. */
  readonly #count: number | null;

  /** @param sets upper bounds of the numbers of choice sets */
  constructor(evaluationSet: EvaluationSet, isKnown: Uint8Array, members: number, sets: SetCounts) {
    this.#evaluationSet = evaluationSet;
    this.#known = isKnown;
    const { allowed } = evaluationSet.cases;
    const candidates = allowed.reduce((sum, is, column) => sum + (is & isKnown[column]!), 0);
    const count = candidatesOfSets(candidates, sets, members);
    this.#count = count < candidates ? count : null;
  }

  /** Index of the choice set of a purchase. Adds the set if it is new. */
  setOf(modelCase: ModelCase, target: number): number {
    const basket = basketKey(modelCase.basket);
    const key = this.#count === null ? basket : pairKey(basket, target);
    const set = this.#sets.get(key) ?? this.add(modelCase, target);
    this.#sets.set(key, set);
    return set;
  }

  /** Adds the choice set of a purchase, or of a customer without a purchase (`target` null). Returns the number of the set. */
  add(modelCase: ModelCase, target: number | null): number {
    const candidate = candidatesOf(this.#evaluationSet.cases, modelCase);
    const columns: number[] = [];
    for (let column = 0; column < candidate.length; column++)
      if (candidate[column] === 1 && this.#known[column] === 1) columns.push(column);
    const drawn =
      this.#count === null ? columns : drawnColumns(columns, target, this.#count, pairKey(basketKey(modelCase.basket), target));
    return this.all.push({ basket: modelCase.basket, columns: drawn }) - 1;
  }
}

/** Creates the choice set of each chooser, in order. */
async function choiceSets(
  { data: { holdings }, cases }: EvaluationSet,
  members: readonly FittedMember[],
  choosers: readonly Chooser[],
  numbers: ProductNumbers,
): Promise<ChoiceSet[]> {
  const baskets = choosers.map(({ basket }) => basket);
  const scorers = await memberScorers(members, baskets, holdings);
  const all = new Float64Array(choosers.reduce((sum, { columns }) => sum + columns.length, 0) * scorers.length);
  let from = 0;
  return choosers.map(({ basket, columns }, place) => {
    const scores = all.subarray(from, from + columns.length * scorers.length);
    from += scores.length;
    for (const [k, score] of scorers.entries()) score(place, columns, scores, k, scorers.length);
    const products = Uint32Array.from(columns, (column) => numbers.of(holdings.table.columns[column]!));
    return { products, scores, tier: tierOf(basket, cases.allowed) };
  });
}
