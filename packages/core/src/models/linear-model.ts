import { type BasketEntry, columnMap, unpackEntry } from '../baskets/basket-table.ts';
import { fillLists, type ListsOfRange, type PreparedRequest, type TopN, type TopNRequest, topNLinear } from '../baskets/topn.ts';
import { stepBands } from '../generated/layouts.ts';
import { offset } from '../wasm/memory.ts';
import type { Explanation, Model, ModelState } from './model.ts';
import type { ScoredLine, ScorePlan, ScoreSpace } from './score-plan.ts';

/** Parts of a model whose scores are sums over held products: score(i) = sum over held j of value[band of j] x matrix[j, i]. */
export interface LinearModelParts {
  kind: string;
  columns: readonly string[];
  pseudoColumns: number;
  /** Matrix of columns x columns. Row j has the contribution of holding j to the score of each column. */
  lines: ItemLines;
  /** Returns the matrices to save, besides `value`. Default: the whole matrix. */
  stored?: () => ModelState['matrices'];
  /** Value of a holding by its band, f64[256]. */
  value: Float64Array;
  parameters: Readonly<Record<string, unknown>>;
}

/** A fitted linear model, with its matrix. */
export interface LinearModel extends Model, Pick<LinearModelParts, 'lines' | 'value'> {}

/** Values of bands, f64[256], for models in which all holdings count 1. */
export function unitValues(): Float64Array {
  return new Float64Array(256).fill(1);
}

/** Makes a model from an item-item matrix, such as that of EASE, item neighbourhoods or lifts. */
export function createLinearModel(parts: LinearModelParts): LinearModel {
  const { kind, columns, pseudoColumns, lines, value, parameters } = parts;
  const width = columns.length;
  const foldIn = (basket: readonly BasketEntry[]) => {
    const scores = new Float64Array(width);
    for (const { column, band } of basket) {
      const weight = value[band]!;
      const line = lines.line(column);
      for (let i = 0; i < width; i++) scores[i]! += weight * line[i]!;
    }
    return scores;
  };
  const whole = () => ({ matrix: { rows: width, columns: width, values: lines.whole(width) } });
  return {
    kind,
    columns,
    pseudoColumns,
    lines,
    value,
    topN: (request) => topNOf(parts, request),
    prepare: (request) => prepareLinear(parts, request),
    addSteps: (plan, space) => addLinearSteps(parts, plan, space),
    foldIn,
    // Rows of a neighbourhood are similarities.
    ...(kind === 'item-knn' && { similarities: (column) => foldIn([{ column, band: 0 }]) }),
    explain: (basket, column) => explainLinear(parts, basket, column),
    state(): ModelState {
      const matrices = { ...(parts.stored ?? whole)(), value: { rows: 1, columns: value.length, values: value } };
      return { kind, columns, pseudoColumns, parameters, matrices };
    },
  };
}

/** Restores a linear model from its `state()`. */
export function linearModelOf(state: ModelState): LinearModel {
  const { kind, columns, pseudoColumns, parameters, matrices } = state;
  return createLinearModel({
    ...{ kind, columns, pseudoColumns, parameters },
    lines: linesOf(new Float64Array(matrices.matrix!.values), columns.length),
    value: new Float64Array(matrices.value!.values),
  });
}

function explainLinear(parts: LinearModelParts, basket: readonly BasketEntry[], column: number): Explanation {
  const { columns, pseudoColumns, lines, value } = parts;
  let [score, baseline] = [0, 0];
  const contributions: { column: number; value: number }[] = [];
  for (const held of basket) {
    const part = value[held.band]! * lines.cell(held.column, column);
    score += part;
    if (held.column >= columns.length - pseudoColumns) baseline += part;
    else contributions.push({ column: held.column, value: part });
  }
  return { score, baseline, contributions: contributions.sort((a, b) => b.value - a.value || a.column - b.column) };
}

/** Adds a step that sums the contributions of held products, in f64. Models that contain this model use it. */
function addLinearSteps({ columns, lines, value }: LinearModelParts, plan: ScorePlan, space: ScoreSpace): ScoredLine {
  const line = plan.line(space);
  const values = plan.storeLines(columns.length, (row) => lines.line(row), space);
  const bands = plan.table.memory.store(value);
  const part = plan.add({ kind: stepBands, line, padded: space.padded, values, bands, ...plan.sum(space) });
  return { line, isLog: false, part };
}

function topNOf(parts: LinearModelParts, request: TopNRequest): Promise<TopN> {
  return fillLists(request, (lists) => prepareLinear(parts, request)(request.range, lists));
}

/**
 * Copies the matrix to kernel memory, in the order of the table's columns. Returns a function that makes the lists of a range.
 */
function prepareLinear({ columns, lines, value }: LinearModelParts, request: PreparedRequest): ListsOfRange {
  const { table } = request;
  const { memory } = table;
  const width = table.columns.length;
  const map = columnMap(columns, table);
  const inTable = new Float32Array(width * width);
  for (const [row, from] of map.entries()) {
    if (from < 0) continue;
    const line = lines.line(from);
    for (const [column, to] of map.entries()) if (to >= 0) inTable[row * width + column] = line[to]!;
  }
  const matrix = memory.store(inTable);
  return (range, given) =>
    fillLists({ ...request, range, ...(given && { lists: given }) }, (lists) => {
      const start = memory.u32(table.start, table.rows + 1);
      const [first, last] = [start[range.from]!, start[range.to]!];
      const weights = new Float32Array(last - first);
      for (const [i, packed] of memory.u32(offset(table.entry, first * 4), last - first).entries()) {
        weights[i] = value[unpackEntry(packed).band]!;
      }
      return topNLinear({ ...request, range, matrix, stride: width, weights: offset(memory.store(weights), -first * 4), lists });
    });
}

/** Largest number of bytes of rows that one matrix caches: enough for all rows of a matrix of 2,896 columns. */
export const lineBytes = 2 ** 26;

/** Source of a square matrix that is computed row by row. */
export interface LineSource {
  /** Writes all values of a row into f64[columns]. */
  write(row: number, line: Float64Array): void;
  /** Computes one value. Absent: the value is read from its computed row. */
  cell?(row: number, column: number): number;
}

/** Read access to the rows of a matrix of columns x columns, or of more rows. Callers must not change the returned arrays. */
export interface ItemLines {
  /** Number of columns of the matrix. */
  readonly width: number;
  /** A row, f64[columns]. */
  line(row: number): Float64Array;
  /** One value of the matrix. It is computed alone if that takes less work than its row. */
  cell(row: number, column: number): number;
  /** The first `rows` rows: f64[rows x columns]. */
  whole(rows: number): Float64Array;
}

/**
 * Matrix whose rows are computed when they are first read. A bounded number of rows is cached. All others are computed again at
 * each read, with the same bytes.
 */
export class CachedLines implements ItemLines {
  readonly width: number;
  readonly #source: LineSource;
  readonly #most: number;
  readonly #lines = new Map<number, Float64Array>();

  constructor(width: number, source: LineSource, bytes = lineBytes) {
    this.width = width;
    this.#source = source;
    this.#most = Math.max(1, Math.floor(bytes / (8 * width)));
  }

  line(row: number): Float64Array {
    const cached = this.#lines.get(row);
    if (cached !== undefined) return cached;
    const line = new Float64Array(this.width);
    this.#source.write(row, line);
    if (this.#lines.size >= this.#most) this.#lines.delete(this.#lines.keys().next().value!);
    this.#lines.set(row, line);
    return line;
  }

  cell(row: number, column: number): number {
    const cached = this.#lines.get(row);
    if (cached !== undefined) return cached[column]!;
    return this.#source.cell?.(row, column) ?? this.line(row)[column]!;
  }

  whole(rows: number): Float64Array {
    const values = new Float64Array(rows * this.width);
    for (let row = 0; row < rows; row++) values.set(this.line(row), row * this.width);
    return values;
  }
}

/** Wraps a matrix in memory, f64[columns x columns], as `ItemLines`. */
export function linesOf(matrix: Float64Array, width: number): ItemLines {
  return {
    width,
    line: (row) => matrix.subarray(row * width, (row + 1) * width),
    cell: (row, column) => matrix[row * width + column]!,
    whole: (rows) => matrix.subarray(0, rows * width),
  };
}
