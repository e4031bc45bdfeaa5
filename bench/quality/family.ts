import { candidates, lookups, type ModelSpec } from '@basketwise/pipeline';
import type { DataSet } from './data-set.ts';

/** A row beside the automatic model's candidates: a grid, tuned on the inner split in the way that suits its cost. */
export interface FamilyRow {
  name: string;
  grid: readonly ModelSpec[];
  /** Row by whose best spec lookups are refined. */
  over?: string;
  /** A cheap first round over the grid: how a spec is tried in it. The best three come to the next. */
  first?: (spec: ModelSpec) => ModelSpec;
  /** How a spec is tried in later rounds; default: as it is. */
  later?: (spec: ModelSpec) => ModelSpec;
  /** A last round: what else to try around the best of the grid. */
  around?: (best: ModelSpec) => ModelSpec[];
}

/** Columns up to which ALS is tried with few factors and a fine grid; wider sets need many factors. */
const narrow = 40;
/** Numbers of factors that wide sets try beside the grid's, with the best of its other parameters. */
const wideFactors = [8, 16, 96];

/**
 * The published figures of EASE without constant and contexts come out with these ridges (the grid of the automatic model's EASE is its own): the
 * row shows that data, splits and metrics are those of the published protocol.
 */
const publishedRidges = (columns: number) => (columns <= narrow ? [2, 10, 50, 200, 1000] : [50, 200, 1000]);

/** Factors x regularization x alpha of ALS, wide as large lambdas are what works; the start is the deterministic one. */
function alsGrid(constant: number, columns: number): ModelSpec[] {
  const [factors, regularizations, alphas] =
    columns <= narrow
      ? [
          [4, 8],
          [1, 3, 10, 30, 100, 300],
          [1, 3, 10],
        ]
      : [[64], [3, 30, 100, 300, 1000], [3, 10, 40]];
  const rest = { constant, iterations: 15, start: 'svd' as const };
  return factors!.flatMap((f) =>
    regularizations!.flatMap((regularization) =>
      alphas!.map((alpha): ModelSpec => ({ kind: 'als', factors: f, regularization, alpha, ...rest })),
    ),
  );
}

/**
 * On wide sets few sweeps of few factors tell bad parameters, half the sweeps tell the best of the rest, and other numbers of factors follow;
 * narrow ones try everything in full.
 */
function als(name: string, { items }: DataSet, constant: number): FamilyRow {
  const grid = alsGrid(constant, items.length);
  if (items.length <= narrow) return { name, grid };
  const tried = (iterations: number, factors?: number) => (spec: ModelSpec) =>
    spec.kind === 'als' ? { ...spec, iterations, factors: factors ?? spec.factors } : spec;
  const around = (best: ModelSpec) => (best.kind === 'als' ? wideFactors.map((factors) => ({ ...best, factors })) : []);
  return { name, grid, first: tried(4, 16), later: tried(8), around };
}

/** Whether baskets are long: costs that grow with the length of a basket, or faster, are held down. */
function isLong({ sets }: DataSet): boolean {
  return sets.reduce((sum, held) => sum + held.length, 0) > 10 * sets.length;
}

function bpr(set: DataSet): FamilyRow {
  const grid = [8, 32].flatMap((factors) =>
    [0.001, 0.01, 0.1].map((regularization): ModelSpec => ({ kind: 'bpr', factors, regularization })),
  );
  // A sample costs as much as its customer holds: few passes tell the best of the grid.
  const [early, late] = isLong(set) ? [5, 10] : [10, 25];
  const tried = (iterations: number) => (spec: ModelSpec) => (spec.kind === 'bpr' ? { ...spec, iterations } : spec);
  return { name: 'bpr', grid, first: tried(early), later: tried(late) };
}

/** Models that learn from dates of purchases. */
const ofDates: readonly FamilyRow[] = [
  { name: 'up-sell popularity', grid: [{ kind: 'popularity', of: 'upsell' }] },
  {
    name: 'up-sell popularity by recency',
    grid: [1, 10, 100].map((prior): ModelSpec => ({ kind: 'popularity', of: 'upsell', by: 'recency', prior })),
  },
  {
    name: 'lookup-next',
    grid: [1, 3, 10, 30, 100].map((prior): ModelSpec => {
      return {
        kind: 'lookup-next',
        prior,
        byRecency: true,
        base: { kind: 'popularity', of: 'upsell', by: 'recency', prior: 10 },
      };
    }),
  },
];

/** The rest of the family: everything that the automatic model does not choose from. */
export function family(set: DataSet): FamilyRow[] {
  // Long baskets have too many frequent sets to list: pairs only.
  const longest = isLong(set) ? 2 : 4;
  const knn = (similarity: 'cosine' | 'tfidf' | 'bm25'): FamilyRow => ({
    name: similarity,
    grid: [20, 50, 1000].map((neighbours): ModelSpec => ({ kind: 'item-knn', similarity, neighbours })),
  });
  const plain = publishedRidges(set.items.length).map(
    (regularization): ModelSpec => ({ kind: 'ease', regularization, constant: 0, context: 0 }),
  );
  const supports = [0.0005, 0.001, 0.003, 0.01];
  return [
    { name: 'ease', grid: plain },
    als('als', set, 0),
    als('als + constant', set, 1),
    { name: 'als + lookup', over: 'als + constant', grid: lookups },
    bpr(set),
    knn('cosine'),
    knn('tfidf'),
    knn('bm25'),
    { name: 'rules', grid: supports.map((minSupport): ModelSpec => ({ kind: 'rules', minSupport, longest })) },
    ...(set.acquisitions === undefined ? [] : ofDates),
  ];
}

/** Rows that one process makes: wide sets have several, so that they do not wait for one another. */
export function partsOf(set: DataSet): string[][] {
  const names = family(set).map(({ name }) => name);
  if (set.items.length <= narrow) return [['candidates', ...names]];
  const alone = [['als'], ['als + constant', 'als + lookup'], ['bpr']];
  return [...alone, ['candidates', ...names.filter((name) => !alone.flat().includes(name))]];
}

/** All rows of the table in their order, and why a set may lack one. */
export function rowsOf(set: DataSet): { name: string; absent?: string }[] {
  const there = [...candidates, ...family(set)].map(({ name }) => ({ name }));
  const missing = set.acquisitions === undefined ? ofDates.map(({ name }) => ({ name, absent: 'no dates' })) : [];
  return [...there, ...missing, { name: 'blend' }];
}
