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
} from '@basketwise/core/parts';
import type { EvaluationSet } from '../evaluation/campaign-side.ts';
import { candidatesOf, type ModelCase } from '../evaluation/case-outcomes.ts';
import { hash } from '../evaluation/hash.ts';
import type { LevelsOfCustomer } from '../evaluation/ranking-features.ts';

/** Numbers of products, the same over all windows; columns differ between windows. */
export class ProductNumbers {
  readonly codes: string[] = [];
  readonly #numbers = new Map<string, number>();

  of(code: string): number {
    const known = this.#numbers.get(code);
    if (known !== undefined) return known;
    this.#numbers.set(code, this.codes.length);
    return this.codes.push(code) - 1;
  }
}

/** Choices of customers in one window, with the scores of components fitted before it. */
export interface WindowChoices {
  sets: ChoiceSet[];
  cells: ChoiceCell[];
  /** Cases in the cells, by position among the window's cases. */
  cases: number;
  /** Purchases excluded because no customer had purchased the product in the year before: the components cannot know it. */
  unknown: number;
}

/** Fitted component model of the ensemble. */
export type FittedMember = Omit<NextPurchaseMember, 'weight' | 'byTier'>;

/** Fits the components to the data before a window. */
export async function fitMembers({ data }: EvaluationSet, members: readonly MemberCandidate[]): Promise<FittedMember[]> {
  const inner = new Map<ModelSpec, Model>();
  const own = forMembers(data);
  const fitted: FittedMember[] = [];
  for (const { spec, lessLevel } of members) {
    const model = inner.get(spec) ?? (await fitSpec(own, spec, {}, inner));
    inner.set(spec, model);
    fitted.push({ model, level: lessLevel ? await memberLevel(model, data.holdings) : null });
  }
  return fitted;
}

/**
 * Writes the scores of a component, less its level, of some columns for a basket: a value for each column, `apart` elements from each
 * other.
 */
type MemberScorer = (place: number, columns: readonly number[], into: Float64Array, from: number, apart: number) => void;

/** Scorers of the components for some baskets. */
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
      const { matrix, weightsOf } = holdingSums(part, pool);
      const weights = await weightsOf(baskets);
      scorers.push((place, columns, into, from, apart) => {
        const lines = baskets[place]!.map(({ column }) => column * width);
        const own = weights[place]!;
        for (let i = 0, at = from; i < columns.length; i++, at += apart) {
          const column = columns[i]!;
          let sum = 0;
          for (let e = 0; e < lines.length; e++) sum += own[e]! * matrix[lines[e]! + column]!;
          into[at] = sum - (level?.[column] ?? 0);
        }
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

/** One byte per column: 1 if a customer purchased it in the year before the window; 1 for all without dates. */
function knownColumns({ acquisitions, holdings }: EvaluationSet['data']): Uint8Array {
  const width = holdings.table.columns.length;
  if (acquisitions === undefined) return new Uint8Array(width).fill(1);
  return acquiredColumns(acquisitions, width);
}

function acquiredColumns({ table }: TrainingSet, width: number): Uint8Array {
  const known = new Uint8Array(width);
  for (const packed of table.memory.u32(table.entry, table.entries)) {
    const { column, band } = unpackEntry(packed);
    if (band === acquiredBand) known[column] = 1;
  }
  return known;
}

/**
 * The choices of a window's cases: each purchase of a known product is one choice among all known products that the customer did not hold.
 * Customers with the same basket and levels share a cell.
 * @param most of more cases, a sample is used, drawn by a hash of their positions
 */
export async function windowChoices(
  evaluationSet: EvaluationSet,
  members: readonly FittedMember[],
  numbers: ProductNumbers,
  levelsOf: LevelsOfCustomer,
  weight: number,
  most: number,
): Promise<WindowChoices> {
  const known = knownColumns(evaluationSet.data);
  const found: Omit<WindowChoices, 'sets'> = { cells: [], cases: 0, unknown: evaluationSet.unknown };
  const setOf = new Map<string, number>();
  const cellOf = new Map<string, ChoiceCell>();
  const choosers: Chooser[] = [];
  for (const one of casesInMemory(evaluationSet, levelsOf, most)) {
    const targets = one.targets.filter((column) => known[column] === 1);
    found.unknown += one.targets.length - targets.length;
    if (targets.length === 0) continue;
    const key = one.basket.map(packEntry).join(' ');
    const set = setOf.get(key) ?? choosers.push(chooserOf(evaluationSet, one, known)) - 1;
    setOf.set(key, set);
    const { columns } = choosers[set]!;
    const levels = levelsOf(one.customer);
    const cellKey = `${set} ${levels.join(' ')}`;
    let cell = cellOf.get(cellKey);
    if (cell === undefined) {
      cell = { set, levels, taken: new Float64Array(columns.length) };
      cellOf.set(cellKey, cell);
      found.cells.push(cell);
    }
    for (const target of targets) cell.taken[columns.indexOf(target)]! += weight;
    found.cases++;
  }
  return { ...found, sets: await choiceSets(evaluationSet, members, choosers, numbers) };
}

function drawnCases(cases: readonly ModelCase[], most: number): readonly ModelCase[] {
  if (cases.length <= most) return cases;
  const share = (most / cases.length) * 2 ** 32;
  return cases.filter((_, place) => hash(place, 808) < share);
}

/** Up to so many classes of levels all cases are used, if they are no more than asked for. */
const fewFeatureClasses = 4096;
/** Most effects of a window's classes on products: a fit has three numbers of 8 bytes for each. */
const mostEffects = 2 ** 22;

/** Cases drawn from a window. Of cases with many classes of levels fewer are drawn, as a class takes memory and time by product. */
function casesInMemory(
  { cases: { cases, allowed } }: EvaluationSet,
  levelsOf: LevelsOfCustomer,
  most: number,
): readonly ModelCase[] {
  const drawn = drawnCases(cases, most);
  const classes = new Set(drawn.map(({ customer }) => levelsOf(customer).join(' '))).size;
  if (classes <= fewFeatureClasses) return drawn;
  return drawnCases(cases, Math.min(most, Math.max(fewFeatureClasses, Math.floor(mostEffects / allowed.length))));
}

/** Baskets sampled if no customer purchased anything. */
const sampledBaskets = 500;

/** Choice sets of a sample of target customers, for a window without choices: for the spread of the components' scores. */
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
  const known = knownColumns(evaluationSet.data);
  const choosers = rows
    .filter((_, i) => i % step === 0)
    .map((row) => {
      const basket = Array.from(entry.subarray(start[row]!, start[row + 1]!), unpackEntry);
      return chooserOf(evaluationSet, { customer: -1, basket, targets: [], hasHistory: false }, known);
    });
  return choiceSets(evaluationSet, members, choosers, numbers);
}

/** A basket, and the candidate columns of its holders: recommendable, known, and not held. */
interface Chooser {
  basket: readonly BasketEntry[];
  columns: number[];
}

function chooserOf(evaluationSet: EvaluationSet, one: ModelCase, known: Uint8Array): Chooser {
  const candidate = candidatesOf(evaluationSet.cases, one);
  const columns: number[] = [];
  for (let column = 0; column < candidate.length; column++)
    if (candidate[column] === 1 && known[column] === 1) columns.push(column);
  return { basket: one.basket, columns };
}

/** Choice sets of some baskets, in order. */
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
