import { type BasketEntry, columnMap, unpackEntry } from '../baskets/basket-table.ts';
import { topNLinear } from '../baskets/topn.ts';
import { fillLists, type TopN, type TopNRequest } from '../baskets/topn-lists.ts';
import { stepBands } from '../generated/layouts.ts';
import { offset } from '../wasm/address.ts';
import type { Explanation, Model, ModelState } from './model.ts';
import type { ScoredLine, ScorePlan, ScoreSpace } from './score-plan.ts';

/** Model whose scores are sums over held products: score(i) = sum over held j of value[band of j] x matrix[j, i]. */
export interface LinearModelParts {
  kind: string;
  columns: readonly string[];
  pseudoColumns: number;
  /** Contributions, f64[columns x columns], row-major: row j holds those of product j to the score of each column. */
  matrix: Float64Array;
  /** Value of a holding of each band, f64[256]. */
  value: Float64Array;
  parameters: Readonly<Record<string, unknown>>;
}

/** Values of bands by which every holding counts 1. */
export function unitValues(): Float64Array {
  return new Float64Array(256).fill(1);
}

/** Creates a model from an item-item matrix, such as those of EASE and of neighbourhoods. */
export function createLinearModel(parts: LinearModelParts): Model {
  const { kind, columns, pseudoColumns, matrix, value, parameters } = parts;
  const width = columns.length;
  const foldIn = (basket: readonly BasketEntry[]) => {
    const scores = new Float64Array(width);
    for (const { column, band } of basket) {
      const weight = value[band]!;
      const line = column * width;
      for (let i = 0; i < width; i++) scores[i]! += weight * matrix[line + i]!;
    }
    return scores;
  };
  return {
    kind,
    columns,
    pseudoColumns,
    topN: (request) => topNOf(parts, request),
    addSteps: (plan, space) => addLinearSteps(parts, plan, space),
    foldIn,
    // Rows of a neighbourhood are similarities.
    ...(kind === 'item-knn' && { similarities: (column) => foldIn([{ column, band: 0 }]) }),
    explain: (basket, column) => explainLinear(parts, basket, column),
    state(): ModelState {
      const matrices = {
        matrix: { rows: width, columns: width, values: matrix },
        value: { rows: 1, columns: value.length, values: value },
      };
      return { kind, columns, pseudoColumns, parameters, matrices };
    },
  };
}

/** Restores a linear model from its `state()`. */
export function linearModelOf(state: ModelState): Model {
  const { kind, columns, pseudoColumns, parameters, matrices } = state;
  const matrix = new Float64Array(matrices.matrix!.values);
  return createLinearModel({
    kind,
    columns,
    pseudoColumns,
    parameters,
    matrix,
    value: new Float64Array(matrices.value!.values),
  });
}

function explainLinear(parts: LinearModelParts, basket: readonly BasketEntry[], column: number): Explanation {
  const { columns, pseudoColumns, matrix, value } = parts;
  let [score, baseline] = [0, 0];
  const contributions: { column: number; value: number }[] = [];
  for (const held of basket) {
    const part = value[held.band]! * matrix[held.column * columns.length + column]!;
    score += part;
    if (held.column >= columns.length - pseudoColumns) baseline += part;
    else contributions.push({ column: held.column, value: part });
  }
  return { score, baseline, contributions: contributions.sort((a, b) => b.value - a.value || a.column - b.column) };
}

/** Adds the sum over held products in f64, for models built on this one. */
function addLinearSteps({ matrix, value }: LinearModelParts, plan: ScorePlan, space: ScoreSpace): ScoredLine {
  const line = plan.line(space);
  const [values, bands] = [plan.store(matrix, space), plan.table.memory.store(value)];
  const part = plan.add({ kind: stepBands, line, padded: space.padded, values, bands, ...plan.sum(space) });
  return { line, isLog: false, part };
}

function topNOf({ columns, matrix, value }: LinearModelParts, request: TopNRequest): Promise<TopN> {
  const { table, range } = request;
  const { memory } = table;
  return fillLists(request, (lists) => {
    const width = table.columns.length;
    const map = columnMap(columns, table);
    const inTable = new Float32Array(width * width);
    for (const [row, from] of map.entries()) {
      if (from < 0) continue;
      for (const [column, to] of map.entries()) if (to >= 0) inTable[row * width + column] = matrix[from * columns.length + to]!;
    }
    const start = memory.u32(table.start, table.rows + 1);
    const [first, last] = [start[range.from]!, start[range.to]!];
    const weights = new Float32Array(last - first);
    for (const [i, packed] of memory.u32(offset(table.entry, first * 4), last - first).entries()) {
      weights[i] = value[unpackEntry(packed).band]!;
    }
    const parts = { matrix: memory.store(inTable), stride: width, weights: offset(memory.store(weights), -first * 4) };
    return topNLinear({ ...request, ...parts, lists });
  });
}
