import { confidenceByBand } from '../als/als-parameters.ts';
import { storeEntryWeights } from '../als/als-scoring.ts';
import { columnMap } from '../baskets/column-map.ts';
import { levelsOf, type RowContexts } from '../baskets/row-contexts.ts';
import { type Candidates, storeCandidates, topNAdditive } from '../baskets/topn.ts';
import { fillLists, partOfTopN, type TopN, type TopNRequest } from '../baskets/topn-lists.ts';
import { forEachRow } from '../baskets/training-rows.ts';
import { type Address, nowhere, offset } from '../wasm/address.ts';
import { blocksOf, type RowRange } from '../wasm/blocks.ts';
import { CountedBasket, type CountsPart, forEachCounted, lineCount, lineOfNewest, roomForAdded } from './additive-part.ts';
import type { AdditiveTerms } from './additive-terms.ts';
import { tierOfCount } from './tiers.ts';

/** Rows whose weights and single values are in memory at a time. */
const rowsAtOnce = 2 ** 19;
/** In place of a level that the model never saw. */
const noLevel = 0xffff_ffff;

/** Lists of a next-purchase model, with the reason of each product: the terms are added up by a kernel, in f32. */
export function scoreNextPurchase(terms: AdditiveTerms, request: TopNRequest): Promise<TopN> {
  return fillLists(request, async (lists) => {
    const { pool, table, range, contexts } = request;
    const { memory } = table;
    const candidates = storeCandidates(request);
    const map = columnMap(terms.columns, table);
    const lines = storeLines(terms.lines, terms.tiers * lineCount, terms.columns.length, map, candidates, memory);
    const matrix = terms.als && storeMatrix(terms.als.hat, terms.columns.length, map, candidates, memory);
    const matrix2 = terms.linear && storeMatrix(terms.linear.matrix, terms.columns.length, map, candidates, memory);
    const effectLines = terms.effects.length / terms.columns.length;
    const effects = storeLines(terms.effects, effectLines, terms.columns.length, map, candidates, memory);
    const levels = memory.store(contextLevels(terms, contexts));
    const mark = memory.mark();
    for (const some of blocksOf(range, rowsAtOnce)) {
      const part = partOfTopN(lists, { from: some.from - range.from, to: some.to - range.from });
      const tiers = rowTiers(terms, table, some, map);
      const weights = terms.als
        ? await storeEntryWeights(terms.als.model, confidenceByBand(terms.als.model.parameters), { pool, table, range: some })
        : nowhere;
      const weights2 = terms.linear ? storeBandWeights(request, some, terms.linear.value) : nowhere;
      if (terms.als) scaleByTier(weights, terms.als.share, request, some, tiers);
      if (terms.linear) scaleByTier(weights2, terms.linear.share, request, some, tiers);
      const rows = storeRows(terms, request, some, map, candidates, tiers);
      const reason = part.reason ?? memory.allocate(part.rows * part.n * 4);
      const stored = {
        ...{ weights, matrix: matrix ?? nowhere, weights2, matrix2: matrix2 ?? nowhere, lines, levels, effects },
        ...{ ...rows, features: contexts === undefined ? 0 : terms.features.length },
      };
      await topNAdditive({ ...request, range: some, lists: { ...part, reason }, candidates, terms: stored });
      memory.release(mark);
    }
  });
}

type Table = TopNRequest['table'];
type Memory = Table['memory'];

/** f32[lines x padded]: the candidates of each line of f64[lines x width]. */
function storeLines(
  values: Float64Array,
  lines: number,
  width: number,
  map: Int32Array,
  { columns, padded }: Candidates,
  memory: Memory,
): Address {
  const stored = new Float32Array(Math.max(1, lines) * padded);
  for (let line = 0; line < lines; line++) {
    for (const [candidate, column] of columns.entries()) {
      const from = map[column]!;
      if (from >= 0) stored[line * padded + candidate] = values[line * width + from]!;
    }
  }
  return memory.store(stored);
}

/** f32[columns of the table x padded]: what holding each adds to the candidates; zeros for columns that the model never saw. */
function storeMatrix(
  values: Float64Array,
  width: number,
  map: Int32Array,
  { columns, padded }: Candidates,
  memory: Memory,
): Address {
  const stored = new Float32Array(map.length * padded);
  for (const [held, row] of map.entries()) {
    if (row < 0) continue;
    for (const [candidate, column] of columns.entries()) {
      const from = map[column]!;
      if (from >= 0) stored[held * padded + candidate] = values[row * width + from]!;
    }
  }
  return memory.store(stored);
}

/** u32[contexts x features]: the model's level of each feature of each context. */
function contextLevels({ features }: AdditiveTerms, contexts: RowContexts | undefined): Uint32Array {
  const levels = (contexts?.contexts ?? []).flatMap((context) =>
    levelsOf(features, context).map((level) => (level < 0 ? noLevel : level)),
  );
  return Uint32Array.from(levels.length > 0 ? levels : [noLevel]);
}

/** f32 by entry of the range's rows, addressed as if they were the whole table's: what its band counts for. */
function storeBandWeights({ table }: TopNRequest, { from, to }: RowRange, value: Float64Array): Address {
  const start = table.memory.u32(table.start, table.rows + 1);
  const [first, last] = [start[from]!, start[to]!];
  const address = table.memory.allocate((last - first) * 4);
  const weights = table.memory.f32(address, last - first);
  const entry = table.memory.u32(offset(table.entry, first * 4), last - first);
  for (let i = 0; i < entry.length; i++) weights[i] = value[entry[i]! & 0xff]!;
  return offset(address, -first * 4);
}

/** u8[rows]: the tier whose weights each row gets; null: there are none but those of all. */
function rowTiers({ tiers, candidates }: AdditiveTerms, table: Table, range: RowRange, map: Int32Array): Uint8Array | null {
  if (tiers === 1) return null;
  const isCandidate = Uint8Array.from(map, (column) => (column < 0 ? 0 : candidates[column]!));
  const found = new Uint8Array(range.to - range.from);
  forEachRow(table, range, (entry, from, to, row) => {
    let held = 0;
    for (let at = from; at < to; at++) held += isCandidate[entry[at]! >>> 8]!;
    found[row - range.from] = tierOfCount(held);
  });
  return found;
}

/** Multiplies f32 by entry, addressed as if they were the whole table's, by the share of each row's tier. */
function scaleByTier(
  weights: Address,
  share: Float64Array,
  { table }: TopNRequest,
  range: RowRange,
  tiers: Uint8Array | null,
): void {
  if (tiers === null) return;
  const start = table.memory.u32(table.start, table.rows + 1);
  const first = start[range.from]!;
  const values = table.memory.f32(offset(weights, first * 4), start[range.to]! - first);
  for (let row = range.from; row < range.to; row++) {
    const factor = share[tiers[row - range.from]!]!;
    if (factor === 1) continue;
    for (let at = start[row]! - first; at < start[row + 1]! - first; at++) values[at]! *= factor;
  }
}

/** Values of single candidates, row after row. */
class SingleValues {
  #candidate = new Uint32Array(2 ** 14);
  #value = new Float32Array(2 ** 14);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(candidate: number, value: number): void {
    if (this.#count === this.#value.length) this.#grow();
    this.#candidate[this.#count] = candidate;
    this.#value[this.#count++] = value;
  }

  /** Puts them into kernel memory. */
  store(memory: Memory): { singleCandidate: Address; singleValue: Address } {
    const [candidate, value] = [this.#candidate.subarray(0, this.#count), this.#value.subarray(0, this.#count)];
    return { singleCandidate: memory.store(candidate), singleValue: memory.store(value) };
  }

  #grow(): void {
    const [candidate, value] = [new Uint32Array(this.#count * 2), new Float32Array(this.#count * 2)];
    candidate.set(this.#candidate);
    value.set(this.#value);
    [this.#candidate, this.#value] = [candidate, value];
  }
}

/** Sums that counts add to the baskets of a table: customers of other clusters and contexts hold the same sets. */
const addedTo = new WeakMap<Table, Map<CountsPart, Float64Array | undefined>>();

function addedOf(table: Table, part: CountsPart, width: number): Float64Array | undefined {
  const ofTable = addedTo.get(table) ?? new Map<CountsPart, Float64Array | undefined>();
  addedTo.set(table, ofTable);
  if (!ofTable.has(part)) ofTable.set(part, roomForAdded(part, width));
  return ofTable.get(part);
}

/** Line, context and single values of each row of a range. */
function storeRows(
  terms: AdditiveTerms,
  { table, contexts }: TopNRequest,
  range: RowRange,
  map: Int32Array,
  candidates: Candidates,
  tiers: Uint8Array | null,
) {
  const { memory } = table;
  const rows = range.to - range.from;
  const width = terms.columns.length;
  const products = width - terms.pseudoColumns;
  const candidateOf = candidateOfColumn(map, candidates, width);
  const line = new Uint32Array(rows);
  const single = new Uint32Array(rows + 1);
  const found = new SingleValues();
  let tier = 0;
  const parts = terms.counts.flatMap(({ part, weights }) => {
    const add = (column: number, value: number) => {
      if (candidateOf[column]! >= 0) found.add(candidateOf[column]!, weights[tier]! * value);
    };
    return weights.every((weight) => weight === 0) ? [] : [{ part, weights, add, added: addedOf(table, part, width) }];
  });
  const basket = new CountedBasket();
  forEachRow(table, range, (entry, from, to, row) => {
    basket.clear();
    for (let at = from; at < to; at++) {
      const column = map[entry[at]! >>> 8]!;
      if (column >= 0 && column < products) basket.add(column, entry[at]! & 0xff);
    }
    tier = tiers === null ? 0 : tiers[row - range.from]!;
    line[row - range.from] = tier * lineCount + lineOfNewest(basket.newest, lineCount);
    for (let i = 0; i < parts.length; i++) {
      const { part, weights, add, added } = parts[i]!;
      if (weights[tier] !== 0) forEachCounted(part, basket, products, width, add, added);
    }
    single[row - range.from + 1] = found.count;
  });
  return {
    lineOf: memory.store(line),
    context: memory.store(contexts?.ofRow.slice(range.from, range.to) ?? new Uint32Array(rows)),
    single: memory.store(single),
    ...found.store(memory),
  };
}

/** i32[columns of the model]: candidate of each, or -1. */
function candidateOfColumn(map: Int32Array, { columns }: Candidates, width: number): Int32Array {
  const candidateOf = new Int32Array(width).fill(-1);
  for (const [candidate, column] of columns.entries()) if (map[column]! >= 0) candidateOf[map[column]!] = candidate;
  return candidateOf;
}
