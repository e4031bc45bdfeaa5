import {
  acquiredBand,
  type BasketRow,
  constantName,
  createInlinePool,
  createNodePool,
  fitSpec,
  forMoreCustomers,
  type KernelPool,
  kinds,
  type LearningData,
  loadModel,
  type Model,
  type ModelSpec,
  modelFromState,
  needsAcquisitions,
  popularReason,
  saveModel,
  shortenedSpec,
  tableFromRows,
} from '@basketwise/core';
import { describe, expect, test } from 'vitest';
import { specOfConfig } from '../../../packages/pipeline/src/config/campaign-plan.ts';
import { type GivenModel, withDefaults } from '../../../packages/pipeline/src/config/schema-model.ts';

const columns = ['a', 'b', 'c', 'd', 'e', constantName];
const bandWeights = [1, 0.5];
/** Recency band of each product held, by column, and the number of customers. */
const held: [Record<number, number>, number][] = [
  [{ 0: 0 }, 5],
  [{ 0: 0, 1: 1 }, 7],
  [{ 0: 1, 1: 0, 2: 1 }, 3],
  [{ 0: 1, 3: 0 }, 4],
  [{ 1: 0, 2: 0 }, 6],
  [{ 1: 1, 4: 1 }, 2],
  [{ 2: 0, 3: 1, 4: 0 }, 2],
];
const rows: BasketRow[] = held.map(([products, multiplicity]) => ({
  entries: [
    ...Object.entries(products).map(([column, band]) => ({ column: Number(column), band })),
    { column: 5, band: bandWeights.length },
  ],
  multiplicity,
}));
/** Each basket took its last product last. */
const acquired: BasketRow[] = rows
  .filter(({ entries }) => entries.length > 2)
  .map(({ entries, multiplicity }) => ({
    entries: entries.map((entry, at) => (at === entries.length - 2 ? { ...entry, band: acquiredBand } : entry)),
    ...(multiplicity === undefined ? {} : { multiplicity }),
  }));

function dataOn(pool: KernelPool): LearningData {
  const setOf = (of: readonly BasketRow[]) => {
    const table = tableFromRows(pool.memory, columns, of, 1);
    return { pool, table, range: { from: 0, to: table.rows } };
  };
  return { holdings: setOf(rows), acquisitions: setOf(acquired), bandWeights };
}

async function listsOf(model: Model, { holdings }: LearningData, n: number) {
  const { pool } = holdings;
  const allowed = Uint8Array.of(1, 1, 1, 0, 1, 0);
  const top = await model.topN({ ...holdings, n, allowed });
  const [count, column] = [pool.memory.u32(top.count, top.rows), pool.memory.u32(top.column, top.rows * n)];
  const score = pool.memory.f32(top.score, top.rows * n);
  return Array.from(count, (found, row) => ({
    columns: [...column.subarray(row * n, row * n + found)],
    scores: [...score.subarray(row * n, row * n + found)],
  }));
}

/** Members that a kind takes: a sum of terms only such as have single terms. */
function membersOf(kind: string): string[] {
  if (kind === 'next-purchase') return ['als', 'ease', 'lift', 'popularity'];
  return kinds.filter(({ part }) => part !== 'none').map((of) => of.kind);
}

/** The least that a config can say of each kind. */
const named: [string, GivenModel][] = kinds.map(({ kind, parameters }) => [
  kind,
  {
    kind,
    ...('members' in parameters ? { members: membersOf(kind).map((of) => ({ kind: of, weight: 0.5 })) } : {}),
  },
]) as [string, GivenModel][];

describe.each(named)('%s', (kind, given) => {
  const spec = specOfConfig(withDefaults(given));

  test('a config names it, and its spec is plain JSON', () => {
    expect(spec.kind).toBe(kind);
    expect(JSON.parse(JSON.stringify(spec))).toEqual(spec);
  });

  test('lists hold the best of what may be recommended and is not held, by the scores of the basket', async () => {
    const data = dataOn(createInlinePool());
    const model = await fitSpec(data, spec);
    expect(model.kind).toBe(kind);
    const lists = await listsOf(model, data, 2);
    expect(lists.some(({ columns }) => columns.length > 0)).toBe(true);
    for (const [row, list] of lists.entries()) {
      const basket = rows[row]!.entries;
      const scores = model.foldIn(basket);
      const rest = [0, 1, 2, 4].filter((column) => !basket.some((entry) => entry.column === column));
      for (const [at, column] of list.columns.entries()) {
        expect(rest).toContain(column);
        expect(list.scores[at]).toBeCloseTo(scores[column]!, 4);
        if (at > 0) expect(list.scores[at]).toBeLessThanOrEqual(list.scores[at - 1]!);
      }
      const missed = rest.filter((column) => !list.columns.includes(column));
      for (const column of list.columns.length < 2 ? [] : missed)
        expect(scores[column]).toBeLessThanOrEqual(list.scores[1]! + 1e-4);
    }
  });

  test('the reasons of lists are those of the explanations', async () => {
    const data = dataOn(createInlinePool());
    const { pool } = data.holdings;
    // what memory held before must not be taken for a reason
    const mark = pool.memory.mark();
    pool.memory.u8(pool.memory.allocate(2 ** 20), 2 ** 20).fill(3);
    pool.memory.release(mark);
    const model = await fitSpec(data, spec);
    const top = await model.topN({ ...data.holdings, n: 3, allowed: Uint8Array.of(1, 1, 1, 0, 1, 0), reasons: true });
    if (top.reason === undefined) return;
    const [count, column] = [pool.memory.u32(top.count, top.rows), pool.memory.u32(top.column, top.rows * 3)];
    const reason = pool.memory.u32(top.reason, top.rows * 3);
    for (const [row, { entries }] of rows.entries()) {
      for (let at = row * 3; at < row * 3 + count[row]!; at++) {
        const why = model.explain(entries, column[at]!);
        const terms = [{ column: popularReason, value: Math.abs(why?.score ?? 0) / 10 }, ...(why?.contributions ?? [])];
        const most = Math.max(...terms.map(({ value }) => value));
        expect(reason[at]).toBe(terms.find(({ value }) => value === most)!.column);
      }
    }
  });

  test('what it explains sums to the score', async () => {
    const model = await fitSpec(dataOn(createInlinePool()), spec);
    for (const { entries } of rows) {
      const scores = model.foldIn(entries);
      for (const column of [0, 1, 2, 3, 4].filter((one) => !entries.some((entry) => entry.column === one))) {
        const why = model.explain(entries, column);
        if (why === null) continue;
        expect(why.score).toBeCloseTo(scores[column]!, 5);
        const values = why.contributions.map(({ value }) => value);
        expect(values).toEqual(values.toSorted((a, b) => b - a));
        expect(why.contributions.reduce((sum, { value }) => sum + value, why.baseline + (why.exact ?? 0))).toBeCloseTo(
          why.score,
          5,
        );
      }
    }
  });

  test('a saved model is the same model', async () => {
    const data = dataOn(createInlinePool());
    const model = await fitSpec(data, spec);
    const { state } = await loadModel(await saveModel(model.state(), { dataHash: 'd' }), { dataHash: 'd' });
    const back = await modelFromState(state);
    expect(back.kind).toBe(kind);
    for (const { entries } of rows) expect(back.foldIn(entries)).toEqual(model.foldIn(entries));
    expect(await listsOf(back, data, 3)).toEqual(await listsOf(model, data, 3));
  });

  test('one worker and three give the same bytes', async () => {
    const results = [];
    for (const pool of [createInlinePool(), await createNodePool(3)]) {
      const data = dataOn(pool);
      const model = await fitSpec(data, spec);
      results.push({ state: model.state(), lists: await listsOf(model, data, 3) });
      await pool.close();
    }
    expect(results[1]).toEqual(results[0]);
  });

  test('for more customers, or in fewer sweeps, it is another model of the same kind that can be fitted', async () => {
    for (const changed of [forMoreCustomers(spec, 4), shortenedSpec(spec, 0.5, 1)]) {
      expect(changed.kind).toBe(kind);
      await fitSpec(dataOn(createInlinePool()), changed);
    }
    expect(forMoreCustomers(spec, 1)).toEqual(spec);
    expect(shortenedSpec(spec, 1, 1)).toEqual(spec);
  });

  test('it says when it needs acquisitions', async () => {
    const { acquisitions: _, ...undated } = dataOn(createInlinePool());
    if (needsAcquisitions(spec)) await expect(fitSpec(undated, spec)).rejects.toThrow('needs the dates of acquisitions');
    else await fitSpec(undated, spec);
  });
});

test('what a parameter counts for reaches the models inside', () => {
  const inner: ModelSpec = { kind: 'als', factors: 4, regularization: 2, alpha: 1, constant: 1, iterations: 10, seed: 0 };
  const spec: ModelSpec = {
    kind: 'blend',
    members: [{ model: { kind: 'lookup', prior: 1, base: inner }, scale: 'log', weight: 1 }],
  };
  const changed = (regularization: number, iterations: number) => ({
    ...spec,
    members: [{ ...spec.members[0]!, model: { kind: 'lookup', prior: 1, base: { ...inner, regularization, iterations } } }],
  });
  expect(forMoreCustomers(spec, 9)).toEqual(changed(6, 10));
  expect(shortenedSpec(spec, 0.5, 3)).toEqual(changed(2, 5));
});
