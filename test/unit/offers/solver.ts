import { required } from '@basketwise/core';
import type { OfferProblem } from '@basketwise/offers';
import highsLoader from 'highs';

// what the package declares as its default export is the module itself
const highs = await (highsLoader as unknown as typeof highsLoader.default)();

/** A linear program as it is written: of named columns, each with its objective, in rows with limits. */
class Program {
  readonly #objective: string[] = [];
  readonly #rows = new Map<string, { terms: string[]; most: number; least: number }>();
  readonly #names: string[] = [];

  column(name: string, worth: number): void {
    this.#names.push(name);
    this.#objective.push(`+ ${worth} ${name}`);
  }

  term(row: string, name: string, most: number, { least = 0, times = 1 } = {}): void {
    if (!this.#rows.has(row)) this.#rows.set(row, { terms: [], most, least });
    required(this.#rows, row).terms.push(times === 1 ? name : `${times} ${name}`);
  }

  /** The optimum; null where there is none. */
  maximum(integer: boolean): number | null {
    if (this.#names.length === 0) return 0;
    const lines = [...this.#rows].flatMap(([name, { terms, most, least }]) => [
      ...(Number.isFinite(most) ? [`${name}: ${terms.join(' + ')} <= ${most}`] : []),
      ...(least > 0 ? [`${name}l: ${terms.join(' + ')} >= ${least}`] : []),
    ]);
    const kind = integer ? `General\n${this.#names.join('\n')}\n` : '';
    const { Status, ObjectiveValue } = highs.solve(
      `Maximize\nobj: ${this.#objective.join('\n')}\nSubject To\n${lines.join('\n')}\n${kind}End\n`,
      integer ? { mip_rel_gap: 0 } : {},
    );
    return Status === 'Optimal' ? ObjectiveValue : null;
  }
}

/** Entries that a class may be made: of some worth, and not at rest. */
function candidatesOf({ list, width, start, item, worth, rest, restStart, restItem }: OfferProblem, c: number): number[] {
  const resting = new Set(restItem.subarray(restStart[rest[c]!]!, restStart[rest[c]! + 1]!));
  const lists = [...list.subarray(c * width, (c + 1) * width)];
  return lists
    .flatMap((one) => Array.from({ length: start[one + 1]! - start[one]! }, (_, i) => start[one]! + i))
    .filter((e) => !resting.has(item[e]!) && worth[e] !== 0);
}

/** Capacities that count an entry of a class. */
function countedIn({ capacities, item, group }: OfferProblem, c: number, e: number): number[] {
  return [...capacities.keys()].filter((g) => {
    return capacities[g]!.items.includes(item[e]!) && capacities[g]!.groups.includes(group[c]!);
  });
}

/** Whether a minimum counts no candidate of any customer. */
function hasEmptyMinimum(problem: OfferProblem): boolean {
  const counted = new Set<number>();
  for (let c = 0; c < problem.offered.length; c++) {
    for (const e of candidatesOf(problem, c)) for (const g of countedIn(problem, c, e)) counted.add(g);
  }
  return problem.capacities.some(({ least }, g) => least > 0 && !counted.has(g));
}

/** The optimum by HiGHS, a column for each offer: of the linear relaxation, or in whole offers; null where there is none. */
export function solve(problem: OfferProblem, integer: boolean): number | null {
  const { offered, worth, items, item, perCustomer, perCampaign, capacities } = problem;
  if (hasEmptyMinimum(problem)) return null;
  const program = new Program();
  for (let c = 0; c < offered.length; c++) {
    const n = offered[c]!;
    for (const e of candidatesOf(problem, c)) {
      const { campaign, product, together } = items[item[e]!]!;
      const name = `x${c}_${e}`;
      program.column(name, worth[e]!);
      program.term(`c${c}`, name, perCustomer * n);
      program.term(`m${c}_${campaign}`, name, perCampaign[campaign]! * n);
      program.term(`p${c}_${product}`, name, n);
      for (let bit = 0; bit < 31; bit++) if (together & (1 << bit)) program.term(`t${c}_${bit}`, name, n);
      for (const g of countedIn(problem, c, e)) program.term(`g${g}`, name, capacities[g]!.most, { least: capacities[g]!.least });
    }
  }
  return program.maximum(integer);
}

/**
 * The optimum by HiGHS of the linear relaxation in which a customer takes shares of whole sets of offers, a column for each allowed set (Dantzig and Wolfe,
 * 1960). It is what the Lagrangian dual comes to: never above the relaxation offer by offer, and below it where sets of which one is
 * offered overlap.
 */
export function solveSets(problem: OfferProblem): number | null {
  const { offered, worth, capacities } = problem;
  if (hasEmptyMinimum(problem)) return null;
  const program = new Program();
  for (let c = 0; c < offered.length; c++) {
    for (const [i, entries] of allowedSets(problem, candidatesOf(problem, c)).entries()) {
      const name = `x${c}_${i}`;
      program.column(
        name,
        entries.reduce((sum, e) => sum + worth[e]!, 0),
      );
      program.term(`c${c}`, name, offered[c]!);
      const counts = new Map<number, number>();
      for (const e of entries) for (const g of countedIn(problem, c, e)) counts.set(g, (counts.get(g) ?? 0) + 1);
      for (const [g, times] of counts) program.term(`g${g}`, name, capacities[g]!.most, { least: capacities[g]!.least, times });
    }
  }
  return program.maximum(false);
}

/** All sets of candidates that a customer may be made, but for the empty one. */
function allowedSets({ items, item, perCustomer, perCampaign }: OfferProblem, candidates: readonly number[]): number[][] {
  const found: number[][] = [];
  const extend = (set: readonly number[], from: number) => {
    for (let i = from; i < candidates.length && set.length < perCustomer; i++) {
      const mine = items[item[candidates[i]!]!]!;
      const others = set.map((e) => items[item[e]!]!);
      if (others.some(({ product, together }) => product === mine.product || (together & mine.together) !== 0)) continue;
      if (others.filter(({ campaign }) => campaign === mine.campaign).length >= perCampaign[mine.campaign]!) continue;
      found.push([...set, candidates[i]!]);
      extend(found.at(-1)!, i + 1);
    }
  };
  extend([], 0);
  return found;
}
