import { packEntry, unpackEntry } from '../baskets/basket-table.ts';
import type { TrainingSet } from '../baskets/training-rows.ts';
import type { CampaignSide } from '../evaluation/campaign-side.ts';
import { candidatesOf, type ModelCase } from '../evaluation/case-outcomes.ts';
import { hash } from '../evaluation/hash.ts';
import type { LevelsOfCustomer } from '../evaluation/ranking-features.ts';
import { fitSpec } from '../fitting/fit-spec.ts';
import type { ModelSpec } from '../fitting/kind-fit.ts';
import type { MemberCandidate } from '../fitting/next-purchase-members.ts';
import type { Model } from '../models/model.ts';
import { acquiredBand } from '../models/popularity.ts';
import { type AdditivePart, additivePart, partScores } from '../next-purchase/additive-part.ts';
import type { ChoiceCell, ChoiceSet } from '../next-purchase/choice-problem.ts';
import { memberLevel } from '../next-purchase/member-level.ts';
import type { NextPurchaseMember } from '../next-purchase/next-purchase-parts.ts';
import { tierOf } from '../next-purchase/tiers.ts';

/** Numbers of products, the same over all windows: columns differ from window to window. */
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

/** Choices of customers in one window, as members fitted before it see them. */
export interface WindowChoices {
  sets: ChoiceSet[];
  cells: ChoiceCell[];
  /** Cases that are in the cells, by their place among the window's cases. */
  cases: number;
  /** Acquisitions left out, as nobody had acquired the product in the year before: nobody could know it. */
  unknown: number;
}

/** A member that is fitted. */
export type FittedMember = Omit<NextPurchaseMember, 'weight' | 'byTier'>;

/** Fits the members on what was known before a window. */
export async function fitMembers({ data }: CampaignSide, members: readonly MemberCandidate[]): Promise<FittedMember[]> {
  const inner = new Map<ModelSpec, Model>();
  const fitted: FittedMember[] = [];
  for (const { spec, lessLevel } of members) {
    const model = inner.get(spec) ?? (await fitSpec(data, spec, {}, inner));
    inner.set(spec, model);
    fitted.push({ model, level: lessLevel ? await memberLevel(model, data.holdings) : null });
  }
  return fitted;
}

/** A member's additive form, and the level that is taken off its scores. */
interface MemberPart {
  part: AdditivePart;
  level: Float64Array | null;
}

function partsOf(members: readonly FittedMember[]): MemberPart[] {
  return members.map(({ model, level }) => ({ part: additivePart(model), level }));
}

/** One byte per column: 1 where somebody acquired the product in the year before the window; all where there are no dates. */
function knownColumns({ acquisitions, holdings }: CampaignSide['data']): Uint8Array {
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
 * The choices of a window's cases: each acquisition of a product that could be known is one choice among all such products that the customer did not
 * hold. Customers with the same basket and levels share a cell.
 * @param most of more cases than this a sample is looked at, by a hash of their places
 */
export function windowChoices(
  side: CampaignSide,
  members: readonly FittedMember[],
  numbers: ProductNumbers,
  levelsOf: LevelsOfCustomer,
  weight: number,
  most: number,
): WindowChoices {
  const known = knownColumns(side.data);
  const parts = partsOf(members);
  const found: WindowChoices = { sets: [], cells: [], cases: 0, unknown: side.unknown };
  const setOf = new Map<string, { set: number; columns: number[] }>();
  const cellOf = new Map<string, ChoiceCell>();
  for (const one of someCases(side.cases.cases, most)) {
    const targets = one.targets.filter((column) => known[column] === 1);
    found.unknown += one.targets.length - targets.length;
    if (targets.length === 0) continue;
    const key = one.basket.map(packEntry).join(' ');
    let set = setOf.get(key);
    if (set === undefined) {
      const made = choiceSet(side, one, known, parts, numbers);
      set = { set: found.sets.length, columns: made.columns };
      setOf.set(key, set);
      found.sets.push(made);
    }
    const levels = levelsOf(one.customer);
    const cellKey = `${set.set} ${levels.join(' ')}`;
    let cell = cellOf.get(cellKey);
    if (cell === undefined) {
      cell = { set: set.set, levels, taken: new Float64Array(set.columns.length) };
      cellOf.set(cellKey, cell);
      found.cells.push(cell);
    }
    for (const target of targets) cell.taken[set.columns.indexOf(target)]! += weight;
    found.cases++;
  }
  return found;
}

function someCases(cases: readonly ModelCase[], most: number): readonly ModelCase[] {
  if (cases.length <= most) return cases;
  const share = (most / cases.length) * 2 ** 32;
  return cases.filter((_, place) => hash(place, 808) < share);
}

/** Baskets that are looked at where nobody bought anything. */
const looked = 500;

/** Choice sets of target customers, some of them, for a window in which nobody chose anything: what members say there, without a choice. */
export function targetSets(side: CampaignSide, members: readonly FittedMember[], numbers: ProductNumbers): ChoiceSet[] {
  const { table } = side.data.holdings;
  const parts = partsOf(members);
  const rows = side.ranges.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i));
  const step = Math.max(1, Math.floor(rows.length / looked));
  const start = table.memory.u32(table.start, table.rows + 1);
  const entry = table.memory.u32(table.entry, table.entries);
  const known = knownColumns(side.data);
  return rows
    .filter((_, i) => i % step === 0)
    .map((row) => {
      const basket = Array.from(entry.subarray(start[row]!, start[row + 1]!), unpackEntry);
      return choiceSet(side, { customer: -1, basket, targets: [], hasHistory: false }, known, parts, numbers);
    });
}

/** Products that holders of a basket could choose, and what the members say of each. */
function choiceSet(
  side: CampaignSide,
  one: ModelCase,
  known: Uint8Array,
  parts: readonly MemberPart[],
  numbers: ProductNumbers,
): ChoiceSet & { columns: number[] } {
  const { columns, pseudoColumns } = side.data.holdings.table;
  const free = choosable(side, one, known);
  const scores = new Float64Array(free.length * parts.length);
  for (const [k, { part, level }] of parts.entries()) {
    const ofColumns = partScores(part, one.basket, columns.length - pseudoColumns, columns.length);
    for (const [i, column] of free.entries()) scores[i * parts.length + k] = ofColumns[column]! - (level?.[column] ?? 0);
  }
  const chosen = Uint32Array.from(free.map((column) => numbers.of(columns[column]!)));
  return { columns: free, products: chosen, scores, tier: tierOf(one.basket, side.cases.allowed) };
}

/** Columns that a customer could have chosen: recommendable, known, and not held. */
function choosable(side: CampaignSide, one: ModelCase, known: Uint8Array): number[] {
  const candidate = candidatesOf(side.cases, one);
  const free: number[] = [];
  for (let column = 0; column < candidate.length; column++) if (candidate[column] === 1 && known[column] === 1) free.push(column);
  return free;
}
