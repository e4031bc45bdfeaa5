import { required } from '@basketwise/core';
import { type Cell, type CellCase, isTarget } from './cell.ts';
import { CustomerView } from './customer-at.ts';
import { type DatedHoldings, never } from './dated-bank.ts';

/** Many other customers of the same world, part by part; `traits` has the values of their columns. */
export interface Others {
  parts: () => Iterable<{ holdings: DatedHoldings; traitsOf: (customer: number) => string }>;
  /** Traits of a customer of the bank itself. */
  traitsOf: (customer: number) => string;
}

/** Customers that a count leans on those of the coarser group. */
const leaning = 5;
const bandDays = [182, 365, 1095];

/** Names of the groups that a customer belongs to, from coarse to fine: recency of the newest, traits, basket, and all of these together. */
function groupsOf(
  { held }: Pick<CellCase, 'held'>,
  columns: ReadonlySet<string>,
  classOf: readonly string[],
  at: number,
  traits: string,
): string[] {
  const own = held.filter(({ product }) => columns.has(classOf[product]!));
  const bandOf = (opened: number) => (opened === never ? 3 : (bandDays.findIndex((days) => at - opened <= days) + 4) % 4);
  const newest = own.reduce((least, { opened }) => Math.min(least, bandOf(opened)), 9);
  const basket = own.map(({ product }) => product).join(' ');
  const banded = own.map(({ product, opened }) => `${product}:${bandOf(opened)}`).join(' ');
  const names = [`r${newest}`, `b${basket}`, `c${banded}`];
  return traits === '' ? names : [names[0]!, `t${newest} ${traits}`, names[1]!, `u${basket} ${traits}`, `v${banded} ${traits}`];
}

/** Purchases by group, of the groups that are asked about alone. */
class GroupCounts {
  readonly #counts = new Map<string, Float64Array>();
  readonly all: Float64Array;

  constructor(products: number) {
    this.all = new Float64Array(products);
  }

  ask(groups: readonly string[]): void {
    for (const name of groups) if (!this.#counts.has(name)) this.#counts.set(name, new Float64Array(this.all.length));
  }

  add(groups: readonly string[], bought: readonly number[]): void {
    for (const product of bought) {
      this.all[product]!++;
      for (const name of groups) {
        const counts = this.#counts.get(name);
        if (counts !== undefined) counts[product]!++;
      }
    }
  }

  /** Shares of what customers like this one bought: the finest group's, leaning on the coarser ones. */
  shares(groups: readonly string[]): Float64Array {
    const total = this.all.reduce((sum, count) => sum + count, 0);
    let shares = this.all.map((count) => count / Math.max(1, total));
    for (const name of groups) {
      const counts = required(this.#counts, name);
      const sum = counts.reduce((all, count) => all + count, 0);
      const coarser = shares;
      shares = counts.map((count, product) => (count + leaning * coarser[product]!) / (sum + leaning));
    }
    return shares;
  }
}

/** A near-oracle for the cells of a day: scores by product of a customer, counted from what others like them bought in the same window. */
export async function nearOracle(
  cells: readonly Cell[],
  classOf: readonly string[],
  { at, months }: { at: number; months: number },
  { parts, traitsOf }: Others,
): Promise<(cell: Cell, which: number) => Float64Array> {
  const columns = cells.map(({ campaign }) => new Set(campaign.columns));
  const counts = cells.map(() => new GroupCounts(classOf.length));
  for (const [c, cell] of cells.entries()) {
    for (const one of cell.cases) counts[c]!.ask(groupsOf(one, columns[c]!, classOf, at, traitsOf(one.customer)));
  }
  for (const { holdings, traitsOf: traitsOfOther } of parts()) {
    const view = new CustomerView(holdings, at, months);
    for (let customer = 0; customer < holdings.customers; customer++) {
      if (!view.hasBought(customer)) continue;
      const one = view.of(customer);
      if (one.bought.length === 0 || one.held.length === 0) continue;
      const held = one.held.map(({ product }) => product);
      for (const [c, { campaign, candidate }] of cells.entries()) {
        const bought = one.bought.filter((product) => candidate[product] === 1);
        if (bought.length === 0 || !isTarget(campaign, held, classOf)) continue;
        counts[c]!.add(groupsOf(one, columns[c]!, classOf, at, traitsOfOther(customer)), bought);
      }
    }
  }
  return (cell, which) => {
    const c = cells.indexOf(cell);
    const one = cell.cases[which]!;
    return counts[c]!.shares(groupsOf(one, columns[c]!, classOf, at, traitsOf(one.customer)));
  };
}
