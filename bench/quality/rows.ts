import {
  alsGrid,
  type Candidate,
  candidates,
  chooseModel,
  fitSpec,
  hitRate,
  lookups,
  type ModelSpec,
  ndcg,
  type Outcome,
  outcomes,
  reciprocalRank,
  tuneCandidate,
  wideFactors,
} from '@basketwise/pipeline';
import type { DataSet } from './data-set.ts';
import type { Fold } from './protocol.ts';

/** What is reported of a model: one value per test customer and metric. */
export const columns = ['NDCG@5', 'HR@1', 'HR@3', 'HR@5', 'MRR'] as const;

const values: Readonly<Record<(typeof columns)[number], (outcome: Outcome) => number>> = {
  'NDCG@5': (o) => ndcg(o, 5),
  'HR@1': (o) => hitRate(o, 1),
  'HR@3': (o) => hitRate(o, 3),
  'HR@5': (o) => hitRate(o, 5),
  MRR: reciprocalRank,
};

/** A row of the table: a model over all folds. */
export interface Row {
  name: string;
  /** By column, one value per test customer of all folds. */
  perCustomer: Record<(typeof columns)[number], number[]>;
  /** What was chosen in each fold. */
  chosen: ModelSpec[];
}

const ridges = [1, 3, 10, 30, 100, 300, 1000, 3000];

/** The family, each tuned on the inner split alone. */
function family(set: DataSet): Candidate[] {
  const { items, sets } = set;
  // Long baskets have too many frequent sets to list: pairs only.
  const longest = sets.reduce((sum, held) => sum + held.length, 0) > 10 * sets.length ? 2 : 4;
  const available = { contexts: set.contexts !== undefined, acquisitions: set.acquisitions !== undefined };
  const knn = (similarity: 'cosine' | 'tfidf' | 'bm25') =>
    [20, 50, 1000].map((neighbours): ModelSpec => ({ kind: 'item-knn', similarity, neighbours }));
  const scaled = alsGrid(1, items.length).flatMap((spec): ModelSpec[] =>
    spec.kind === 'als' && spec.alpha === 10 ? [{ ...spec, frequencyScaling: 1 }] : [],
  );
  const bpr = [8, 32].flatMap((factors) =>
    [0.001, 0.01, 0.1].map((regularization): ModelSpec => ({ kind: 'bpr', factors, regularization })),
  );
  const plain = ridges.map((regularization): ModelSpec => ({ kind: 'ease', regularization, constant: 0, context: 0 }));
  return [
    ...candidates(available),
    { name: 'ease', grid: plain, member: false },
    { name: 'als', grid: alsGrid(0, items.length), member: false },
    { name: 'als + constant', grid: alsGrid(1, items.length), member: false },
    { name: 'als + lookup', over: 'als + constant', grid: lookups(), member: false },
    { name: 'als, frequency scaled', grid: scaled, member: false },
    { name: 'bpr', grid: bpr, member: false },
    { name: 'cosine', grid: knn('cosine'), member: false },
    { name: 'tfidf', grid: knn('tfidf'), member: false },
    { name: 'bm25', grid: knn('bm25'), member: false },
    {
      name: 'rules',
      grid: [0.0005, 0.001, 0.003, 0.01].map((minSupport): ModelSpec => ({ kind: 'rules', minSupport, longest })),
      member: false,
    },
  ];
}

/** The best of an ALS grid, and the same with other numbers of factors where the grid has only one. */
function otherFactors({ items }: DataSet, spec: ModelSpec & { kind: 'als' }): ModelSpec[] {
  const isOne = alsGrid(0, items.length).every((one) => one.kind === 'als' && one.factors === spec.factors);
  return isOne ? [spec, ...wideFactors.map((factors) => ({ ...spec, factors }))] : [spec];
}

/** Adds one fold to the rows, which are made at the first. */
export async function addFold(rows: Map<string, Row>, set: DataSet, { inner, outer }: Fold): Promise<void> {
  const available = { contexts: set.contexts !== undefined, acquisitions: set.acquisitions !== undefined };
  const add = async (name: string, spec: ModelSpec) => addOutcomes(rows, name, spec, await test(spec));
  const test = async (spec: ModelSpec) => outcomes(await fitSpec(outer.data, spec), outer.cases);
  const best = new Map<string, ModelSpec>();
  for (const { name, grid, over } of family(set)) {
    const base = over === undefined ? undefined : best.get(over);
    const specs = grid.map((spec) => (base !== undefined && spec.kind === 'lookup' ? { ...spec, base } : spec));
    let { spec } = await tuneCandidate(inner.data, inner.cases, { name, grid: specs });
    if (spec.kind === 'als') ({ spec } = await tuneCandidate(inner.data, inner.cases, { name, grid: otherFactors(set, spec) }));
    best.set(name, spec);
    await add(name, spec);
  }
  const chosen = await chooseModel(inner.data, inner.cases, candidates(available));
  for (const { name, spec } of chosen.trials) if (name === 'blend') await add(name, spec);
  await add('default', chosen.spec);
}

function addOutcomes(rows: Map<string, Row>, name: string, spec: ModelSpec, list: readonly Outcome[]): void {
  const row = rows.get(name) ?? {
    name,
    perCustomer: { 'NDCG@5': [], 'HR@1': [], 'HR@3': [], 'HR@5': [], MRR: [] },
    chosen: [],
  };
  for (const column of columns) for (const outcome of list) row.perCustomer[column].push(values[column](outcome));
  row.chosen.push(spec);
  rows.set(name, row);
}
