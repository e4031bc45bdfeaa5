import { storeEntryWeights } from '../als/als-model.ts';
import { confidenceByBand } from '../als/als-parameters.ts';
import { columnMap, levelsOfAll, type RowContexts } from '../baskets/basket-table.ts';
import {
  type Candidates,
  fillLists,
  type ListsOfRange,
  type PreparedRequest,
  storeCandidates,
  type TopN,
  type TopNRequest,
  topNAdditive,
} from '../baskets/topn.ts';
import { type additiveRecord, countedPart, none } from '../generated/layouts.ts';
import type { ItemLines } from '../models/linear-model.ts';
import { type Address, type Fields, type KernelMemory, storeRecords } from '../wasm/memory.ts';
import { lineCount } from './additive-part.ts';
import type { AdditiveTerms } from './additive-terms.ts';

/** Lists of a next-purchase model, with the reason of each product. A kernel adds up the terms in f32. */
export function scoreNextPurchase(terms: AdditiveTerms, request: TopNRequest): Promise<TopN> {
  return fillLists(request, (lists) => prepareNextPurchase(terms, request)(request.range, lists));
}

/** Stores the terms that all rows share. Returns a function that computes lists of a range of rows and adds the range's ALS weights. */
export function prepareNextPurchase(terms: AdditiveTerms, request: PreparedRequest): ListsOfRange {
  const { pool, table } = request;
  const candidates = storeCandidates(request);
  const shared = storeTerms(terms, request, candidates);
  const als = terms.als?.model;
  return (range, given) =>
    fillLists({ ...request, range, ...(given && { lists: given }) }, async (lists) => {
      const reason = lists.reason ?? table.memory.allocate(lists.rows * lists.n * 4);
      const weight = als && (await storeEntryWeights(als, confidenceByBand(als.parameters), { pool, table, range }));
      const stored = { ...shared, ...(weight && { weight }) };
      await topNAdditive({ ...request, range, lists: { ...lists, reason }, candidates, terms: stored });
    });
}

function storeTerms(
  terms: AdditiveTerms,
  { table, contexts }: PreparedRequest,
  candidates: Candidates,
): Fields<typeof additiveRecord> {
  const { memory } = table;
  const { als, linear, tiers } = terms;
  const width = terms.columns.length;
  const map = columnMap(terms.columns, table);
  const products = width - terms.pseudoColumns;
  const ofAls = als && {
    matrix: storeMatrix(als.hat, 1, map, candidates, memory),
    share: memory.store(als.share),
  };
  const ofLinear = linear && {
    matrix2: storeMatrix(linear.lines, tiers, map, candidates, memory),
    bands2: memory.store(Float32Array.from(linear.value)),
  };
  const counted = terms.counts.filter(({ weights }) => weights.some((weight) => weight !== 0));
  return {
    ...{ ...ofAls, ...ofLinear, tiers, linesOfTier: lineCount },
    lines: storeLines(terms.lines, tiers * lineCount, width, map, candidates, memory),
    countsForTier: memory.store(Uint32Array.from(map, (column) => (column < 0 ? 0 : terms.candidates[column]!))),
    productOf: memory.store(Uint32Array.from(map, (column) => (column >= 0 && column < products ? column : none))),
    ...{ counted: storeCounted(counted, terms, map, candidates, memory), countedParts: counted.length },
    levels: memory.store(contextLevels(terms, contexts)),
    effects: storeLines(terms.effects, terms.effects.length / width, width, map, candidates, memory),
    ...(contexts !== undefined && { features: terms.features.length }),
  };
}

/** Stores the values of the candidates from each line, f64[lines x width], as f32[lines x padded number of candidates]. */
function storeLines(
  values: Float64Array,
  lines: number,
  width: number,
  map: Int32Array,
  { columns, padded }: Candidates,
  memory: KernelMemory,
): Address {
  const stored = new Float32Array(Math.max(1, lines) * padded);
  const from = Int32Array.from(columns, (column) => map[column]!);
  for (let line = 0; line < lines; line++) copyLine(stored, line * padded, values.subarray(line * width), from);
  return memory.store(stored);
}

/** Copies the values at the positions `from` of a line. A position of -1 leaves the target unchanged. */
function copyLine(stored: Float32Array, to: number, line: Float64Array, from: Int32Array): void {
  for (let i = 0; i < from.length; i++) if (from[i]! >= 0) stored[to + i] = line[from[i]!]!;
}

/**
 * Stores the contribution of each held column to the score of each candidate: f32[tiers x columns of the table x padded number of
 * candidates]. Columns unknown to the model contribute 0.
 * @param lines matrix of the model, with one row of f64[columns] per tier and held column
 */
function storeMatrix(
  lines: ItemLines,
  tiers: number,
  map: Int32Array,
  { columns, padded }: Candidates,
  memory: KernelMemory,
): Address {
  const address = memory.allocateZeroed(tiers * map.length * padded * 4);
  const stored = memory.f32(address, tiers * map.length * padded);
  const from = Int32Array.from(columns, (column) => map[column]!);
  for (let held = 0; held < map.length; held++) {
    if (map[held]! < 0) continue;
    for (let tier = 0; tier < tiers; tier++) {
      copyLine(stored, (tier * map.length + held) * padded, lines.line(tier * lines.width + map[held]!), from);
    }
  }
  return address;
}

/** Level of each feature of the model in each context, u32[contexts x features]. All bits are set if a context has no level. */
function contextLevels({ features }: AdditiveTerms, contexts: RowContexts | undefined): Uint32Array {
  const levels = contexts === undefined ? new Int32Array(0) : levelsOfAll(features, contexts);
  // Read as u32, the value -1 is `none`: all bits are set.
  return levels.length > 0 ? new Uint32Array(levels.buffer) : Uint32Array.of(none);
}

/** Stores the parts of exact baskets in the format of the kernels (assembly/next-purchase/counts.ts). */
function storeCounted(
  counted: AdditiveTerms['counts'],
  { columns, pseudoColumns }: AdditiveTerms,
  map: Int32Array,
  candidates: Candidates,
  memory: KernelMemory,
): Address {
  const width = columns.length;
  const candidateOf = memory.store(candidateOfColumn(map, candidates, width));
  const parts = counted.map(({ part, weights }) => ({
    ...{ weights: memory.store(weights), prior: memory.store(Float64Array.of(part.prior)) },
    ...{ shares: memory.store(part.shares), lines: part.shares.length / width, width },
    ...{ products: width - pseudoColumns, byRecency: Number(part.byRecency), candidateOf },
    ...part.index.store(memory),
  }));
  return storeRecords(memory, countedPart, parts);
}

/** Index of each column of the model among the candidates, u32[columns]. All bits are set for columns that are no candidates. */
function candidateOfColumn(map: Int32Array, { columns }: Candidates, width: number): Uint32Array {
  const candidateOf = new Uint32Array(width).fill(none);
  for (const [candidate, column] of columns.entries()) if (map[column]! >= 0) candidateOf[map[column]!] = candidate;
  return candidateOf;
}
