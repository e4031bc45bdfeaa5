import {
  chooseModel,
  fitSpec,
  hitRate,
  type ModelSpec,
  ndcg,
  type Outcome,
  outcomes,
  reciprocalRank,
  tuneCandidate,
} from '@basketwise/pipeline';
import type { DataSet } from './data-set.ts';
import { type FamilyRow, family } from './family.ts';
import type { Fold, Side } from './protocol.ts';

/** The figures of a model: one value per test customer and metric. */
export const columns = ['NDCG@5', 'HR@1', 'HR@3', 'HR@5', 'MRR'] as const;
export type Column = (typeof columns)[number];

const values: Readonly<Record<Column, (outcome: Outcome) => number>> = {
  'NDCG@5': (o) => ndcg(o, 5),
  'HR@1': (o) => hitRate(o, 1),
  'HR@3': (o) => hitRate(o, 3),
  'HR@5': (o) => hitRate(o, 5),
  MRR: reciprocalRank,
};

/** A model in one fold: what was chosen on the inner split, and what it reached on each test customer. */
export interface FoldRow {
  name: string;
  chosen: ModelSpec;
  perCustomer: Record<Column, number[]>;
}

/**
 * Makes some rows of a fold; the test customers are looked at once per row, after everything is chosen. `candidates` brings all that a model is chosen from
 * where holdings have no dates, and their blend. `tell` hears of each row.
 */
export async function foldRows(
  set: DataSet,
  { inner, outer }: Fold,
  names: readonly string[],
  tell: (row: string) => void,
): Promise<FoldRow[]> {
  const rows: FoldRow[] = [];
  const add = async (name: string, spec: ModelSpec) => {
    const found = outcomes(await fitSpec(outer.data, spec), outer.cases);
    const perCustomer = Object.fromEntries(columns.map((column) => [column, found.map(values[column])]));
    rows.push({ name, chosen: spec, perCustomer: perCustomer as Record<Column, number[]> });
    tell(name);
  };
  if (names.includes('candidates')) {
    const { trials } = await chooseModel(inner.data, inner.cases);
    tell('choice among the candidates');
    for (const { name, spec } of trials) await add(name, spec);
  }
  const best = new Map<string, ModelSpec>();
  for (const row of family(set)) {
    if (!names.includes(row.name)) continue;
    const spec = await tune(inner, row, best.get(row.over ?? ''));
    best.set(row.name, spec);
    await add(row.name, spec);
  }
  return rows;
}

/** The best of a row's grid on the inner split, in the row's rounds. */
async function tune({ data, cases }: Side, row: FamilyRow, base: ModelSpec | undefined): Promise<ModelSpec> {
  const { first, later = (spec: ModelSpec) => spec, around } = row;
  let specs = row.grid.map((spec) => (base !== undefined && spec.kind === 'lookup' ? { ...spec, base } : spec));
  if (first === undefined && around === undefined) return (await tuneCandidate(data, cases, specs)).spec;
  /** The best of some specs, each tried in a way; ties: the earlier one. */
  const best = async (from: readonly ModelSpec[], tried: (spec: ModelSpec) => ModelSpec, count: number) => {
    const scores: number[] = [];
    for (const spec of from) scores.push((await tuneCandidate(data, cases, [tried(spec)])).score);
    const order = [...from.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b);
    return order.slice(0, count).map((at) => from[at]!);
  };
  if (first !== undefined) specs = await best(specs, first, 3);
  const [found] = await best(specs, later, 1);
  const others = around?.(found!) ?? [];
  return others.length === 0 ? found! : (await best([found!, ...others], later, 1))[0]!;
}
