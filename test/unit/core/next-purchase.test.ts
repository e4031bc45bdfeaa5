import {
  acquiredBand,
  type BasketEntry,
  type BasketRow,
  createInlinePool,
  createNextPurchase,
  createRandom,
  fitAls,
  fitEase,
  fitLift,
  fitLookup,
  fitLookupNext,
  fitPopularity,
  fitSpec,
  type ModelSpec,
  type ModelState,
  memberLevel,
  noProductsReason,
  popularReason,
  sameProductsReason,
  type TopN,
  type TrainingSet,
  tableFromRows,
} from '@basketwise/core';
import { describe, expect, test } from 'vitest';

const products = 23;
const columns = [...Array.from({ length: products }, (_, i) => `p${String(i).padStart(2, '0')}`), 'baseline'];
const constant: BasketEntry = { column: products, band: 4 };
const random = createRandom(7);
const below = (n: number) => Math.floor(random.next() * n);

/** Distinct baskets of up to six products, in order of their entries. */
function baskets(count: number): BasketEntry[][] {
  const found = new Map<string, BasketEntry[]>();
  for (let i = 0; i < count; i++) {
    const held = new Map<number, number>();
    for (let k = below(7); k > 0; k--) held.set(Math.floor(below(products) * random.next()), below(4));
    const basket = [...held].map(([column, band]) => ({ column, band })).sort((a, b) => a.column - b.column);
    found.set(JSON.stringify(basket), basket);
  }
  return [...found.values()];
}

const pool = createInlinePool();
const trainingOn = (rows: readonly BasketRow[]): TrainingSet => ({
  pool,
  table: tableFromRows(pool.memory, columns, rows, 1),
  range: { from: 0, to: rows.length },
});
const held = baskets(300);
const holdings = trainingOn(held.map((basket) => ({ entries: [...basket, constant], multiplicity: 1 + below(9) })));
const acquisitions = trainingOn(
  held.flatMap((basket) => {
    const column = below(products);
    if (basket.some((entry) => entry.column === column)) return [];
    return [{ entries: [...basket, { column, band: acquiredBand }, constant], multiplicity: 1 + below(5) }];
  }),
);
const features = [
  { name: 'sex', levels: ['f', 'm'] },
  { name: 'age', levels: ['young', 'middle', 'old'] },
];
const effects = Float64Array.from({ length: 5 * columns.length }, () => random.next() - 0.5);
/** Weights of pairs of products. */
const pairs = Float64Array.from({ length: columns.length ** 2 }, (_, at) =>
  at < products * columns.length ? (at % 7) / 7 - 0.4 : 0,
);
const candidates = Uint8Array.from(columns, (_, i) => (i < products && i % 5 !== 3 ? 1 : 0));

const parameters = {
  factors: 5,
  regularization: 3,
  alpha: 5,
  weights: [1, 0.75, 0.5, 0.25],
  pseudoWeights: [1],
  iterations: 5,
};

/** Weights by tier, some of them 0. */
const tiers = [
  [0.4, 0.1, 0.6, 0],
  [0.7, 0.9, 0, 0.2],
  [0, 0.5, 0.8, 1.1],
  [0.3, 0, 0.2, 0.4],
  [2.5, 0, 1, 4],
  [3, 5, 0, 1],
  [0.2, 0, 0.6, 0.9],
  [0.5, 0.3, 0, 0.8],
  [0, 1.2, 0.7, 0.4],
];

/** @param byTier whether weights differ by how many of the candidates are held */
async function makeModel(byTier = false) {
  const upsell = fitPopularity(acquisitions, { of: 'upsell', byRecency: true });
  const popularity = fitPopularity(holdings);
  const [ease, als] = [await fitEase(holdings, { regularization: 20 }), await fitAls(holdings, parameters)];
  return createNextPurchase({
    features,
    effects,
    pairs,
    candidates,
    members: [
      { model: popularity, weight: 0.4, level: null },
      { model: upsell, weight: 0.7, level: null },
      { model: fitLookupNext(acquisitions, upsell, { prior: 3, byRecency: true }), weight: 0.5, level: null },
      { model: fitLookup(holdings, popularity, { prior: 10 }), weight: 0.3, level: null },
      { model: ease, weight: 2.5, level: await memberLevel(ease, holdings) },
      { model: als, weight: 3, level: await memberLevel(als, holdings) },
      { model: fitLookup(holdings, upsell, { prior: 4 }), weight: 0.6, level: null },
      { model: await fitLift(holdings, { pairs: 'held', prior: 5 }), weight: 0.8, level: null },
      { model: await fitLift(acquisitions, { pairs: 'next', prior: 5 }), weight: 0.9, level: null },
    ].map((member, k) => ({ ...member, ...(byTier && { byTier: tiers[k] }) })),
  });
}

const contexts = [
  ['f', 'old'],
  ['m', 'young'],
  ['m', 'never seen'],
];

/** The combinations as codes; a label that the model does not have is a level of its own here. */
function combinationsOf(all: readonly (readonly string[])[]) {
  const own = features.map(({ name, levels }, f) => ({ name, levels: [...levels.toReversed(), all.at(-1)![f]!] }));
  return {
    features: own,
    codes: Int16Array.from(all.flatMap((context) => context.map((label, f) => own[f]!.levels.indexOf(label)))),
  };
}

/** The three combinations in turn. */
function rowContexts(rows: number) {
  return { ...combinationsOf(contexts), ofRow: Uint32Array.from({ length: rows }, (_, row) => row % contexts.length) };
}

describe('next purchase', () => {
  test.each([false, true])(
    'the kernel lists what the float64 reference ranks first, with its reasons (weights by tier: %s)',
    async (byTier) => {
      const model = await makeModel(byTier);
      const { table } = holdings;
      const ofRows = rowContexts(table.rows);
      const { ofRow } = ofRows;
      const n = 5;
      const mark = pool.memory.mark();
      const lists = await model.topN({
        ...{
          pool,
          table,
          range: { from: 3, to: table.rows },
          n,
          allowed: candidates,
          contexts: ofRows,
          reasons: true,
        },
      });
      const [count, column, score, reason] = [
        pool.memory.u32(lists.count, lists.rows),
        pool.memory.u32(lists.column, lists.rows * n),
        pool.memory.f32(lists.score, lists.rows * n),
        pool.memory.u32(lists.reason!, lists.rows * n),
      ];
      const seen = new Map<number, number>();
      for (let i = 0; i < lists.rows; i++) {
        const basket = [...held[i + 3]!, constant];
        const context = contexts[ofRow[i + 3]!]!;
        const reference = model.foldIn(basket, context);
        const free = [...reference.keys()].filter((c) => candidates[c] === 1 && !basket.some((entry) => entry.column === c));
        const best = free.sort((a, b) => reference[b]! - reference[a]! || a - b).slice(0, n);
        expect(count[i]).toBe(best.length);
        for (const [rank, wanted] of best.entries()) {
          const listed = column[i * n + rank]!;
          expect(score[i * n + rank]).toBeCloseTo(reference[wanted]!, 4);
          expect(reference[listed]).toBeCloseTo(reference[wanted]!, 4);
          const why = model.explain(basket, listed, context);
          const { contributions, exact = 0, mean = 0, features: ofFeatures = [] } = why;
          const terms = [
            { code: popularReason, value: Math.abs(why.score - mean) / 10 },
            { code: basket.length === 1 ? noProductsReason : sameProductsReason, value: exact },
            ...contributions.map(({ column: c, value }) => ({ code: c, value })),
            ...ofFeatures.flatMap(({ feature, value }) => {
              const level = features[feature]!.levels.indexOf(context[feature]!);
              return level < 0 ? [] : [{ code: columns.length + level + (feature === 1 ? 2 : 0), value }];
            }),
          ];
          const most = Math.max(...terms.map(({ value }) => value));
          const named = terms.find(({ code }) => code === reason[i * n + rank]);
          expect(named?.value).toBeCloseTo(most, 4);
          seen.set(named!.code, (seen.get(named!.code) ?? 0) + 1);
        }
      }
      for (const code of [popularReason, sameProductsReason]) expect(seen.get(code)).toBeGreaterThan(2);
      expect([...seen].filter(([code]) => code < products).length).toBeGreaterThan(5);
      expect([...seen].filter(([code]) => code >= columns.length && code < noProductsReason).length).toBeGreaterThan(2);
      pool.memory.release(mark);
    },
  );

  test('ranges that share their terms have the lists of the whole table', async () => {
    const { table } = holdings;
    const request = { ...{ pool, table, n: 4, allowed: candidates, reasons: true }, contexts: rowContexts(table.rows) };
    const listed = ({ rows, count, column, score, reason }: TopN) => ({
      count: pool.memory.u32(count, rows).slice(),
      column: pool.memory.u32(column, rows * 4).slice(),
      score: pool.memory.f32(score, rows * 4).slice(),
      reason: pool.memory.u32(reason!, rows * 4).slice(),
    });
    const mark = pool.memory.mark();
    for (const model of [await makeModel(true), await fitLift(holdings, { pairs: 'held', prior: 5 })]) {
      const whole = listed(await model.topN({ ...request, range: { from: 0, to: table.rows } }));
      const listsOf = model.prepare!(request);
      for (const [from, to] of [
        [0, 17],
        [100, table.rows],
        [17, 100],
      ] as const) {
        const part = listed(await listsOf({ from, to }));
        expect(part.count).toEqual(whole.count.subarray(from, to));
        for (const name of ['column', 'score', 'reason'] as const) {
          expect(part[name]).toEqual(whole[name].subarray(from * 4, to * 4));
        }
      }
      pool.memory.release(mark);
    }
  });

  test('a table whose columns are others than the model has the same lists', async () => {
    const model = await makeModel(true);
    const others = ['aa', ...columns.slice(0, products).reverse(), 'zz', 'baseline'];
    const rows = held.map((basket) => {
      const entries = [...basket, constant].map(({ column, band }) => ({ column: others.indexOf(columns[column]!), band }));
      const isStranger = basket.length % 2 === 1;
      const all = isStranger ? [...entries, { column: 0, band: 0 }, { column: products + 1, band: 1 }] : entries;
      return { entries: all.sort((a, b) => a.column - b.column), multiplicity: 1 };
    });
    const mark = pool.memory.mark();
    const table = tableFromRows(pool.memory, others, rows, 1);
    const allowed = Uint8Array.from(others, (code) => candidates[columns.indexOf(code)] ?? 0);
    const lists = await model.topN({ pool, table, range: { from: 0, to: table.rows }, n: 3, allowed });
    const column = pool.memory.u32(lists.column, lists.rows * 3);
    const score = pool.memory.f32(lists.score, lists.rows * 3);
    for (const [row, basket] of held.entries()) {
      const reference = model.foldIn([...basket, constant]);
      const free = [...reference.keys()].filter((c) => candidates[c] === 1 && !basket.some((entry) => entry.column === c));
      const best = free.map((c) => reference[c]!).sort((a, b) => b - a);
      for (let rank = 0; rank < 3; rank++) {
        expect(score[row * 3 + rank]).toBeCloseTo(best[rank]!, 4);
        expect(reference[columns.indexOf(others[column[row * 3 + rank]!]!)]).toBeCloseTo(best[rank]!, 4);
      }
    }
    pool.memory.release(mark);
  });

  test('a customer gets the weights of the tier of what they hold', async () => {
    const model = await makeModel(true);
    const { parts } = model;
    const alone = tiers[0]!.map((_, tier) => {
      return createNextPurchase({
        ...parts,
        members: parts.members.map(({ byTier: _, ...one }, k) => ({ ...one, weight: tiers[k]![tier]! })),
      });
    });
    const seen = new Set<number>();
    for (const one of held) {
      const basket = [...one, constant];
      const tier = Math.min(3, one.filter(({ column }) => candidates[column] === 1).length);
      seen.add(tier);
      const [own, wanted] = [model.foldIn(basket, contexts[0]), alone[tier]!.foldIn(basket, contexts[0])];
      for (const [column, score] of own.entries()) expect(score).toBeCloseTo(wanted[column]!, 9);
    }
    expect(seen.size).toBe(4);
  });

  test.each([false, true])(
    'explanations sum to the score, and every term is centred on the candidates (weights by tier: %s)',
    async (byTier) => {
      const model = await makeModel(byTier);
      for (const [i, one] of held.entries()) {
        const basket = [...one, constant];
        const context = contexts[i % contexts.length]!;
        const scores = model.foldIn(basket, context);
        for (const column of [0, 5, 11]) {
          const { score, baseline, contributions, exact = 0, features = [] } = model.explain(basket, column, context);
          const sum = [...contributions, ...features].reduce((total, { value }) => total + value, baseline + exact);
          expect(score).toBeCloseTo(scores[column]!, 8);
          expect(sum).toBeCloseTo(score, 8);
        }
      }
      const effectsOfSex = model.foldIn([], ['m', 'never seen']).map((score, i) => score - model.foldIn([])[i]!);
      const mean = effectsOfSex.reduce((sum, value, i) => sum + (candidates[i] === 1 ? value : 0), 0);
      expect(mean).toBeCloseTo(0, 10);
    },
  );

  test('its lookups and lifts count what may be recommended alone, which changes no score of it', async () => {
    const base: ModelSpec = { kind: 'popularity', of: 'holders' };
    const ofHolders: ModelSpec = { kind: 'lookup', prior: 10, base };
    const next: ModelSpec = { kind: 'lookup-next', prior: 3, byRecency: true, base };
    const lift: ModelSpec = { kind: 'lift', pairs: 'held', prior: 5 };
    const members = [ofHolders, next, lift].map((model, k) => ({ model, weight: 0.3 + k }));
    const spec: ModelSpec = { kind: 'next-purchase', members, features: [], effects: [] };
    const data = { holdings, acquisitions, candidates, bandWeights: parameters.weights };
    const model = await fitSpec(data, spec);
    const alone = await Promise.all(members.map(async ({ model, weight }) => ({ model: await fitSpec(data, model), weight })));
    const whole = createNextPurchase({
      members: alone.map((member) => ({ ...member, level: null })),
      ...{ features: [], effects: new Float64Array(), candidates },
    });
    const isCandidate = (column: number) => candidates[column] === 1;
    for (const basket of held) {
      const [own, all] = [model.foldIn(basket), whole.foldIn(basket)];
      expect(own.filter((_, column) => isCandidate(column))).toEqual(all.filter((_, column) => isCandidate(column)));
    }
    for (const k of [0, 1]) {
      const columnsOf = ({ matrices }: ModelState) => matrices[`${k}.counts`]!.values.filter((_, at) => at % 4 === 2);
      expect(columnsOf(model.state()).every(isCandidate)).toBe(true);
      expect(columnsOf(whole.state()).every(isCandidate)).toBe(false);
    }
    const isLifted = ({ matrices }: ModelState) =>
      matrices['2.matrix']!.values.some((value, at) => value !== 0 && !isCandidate(at % columns.length));
    expect([isLifted(model.state()), isLifted(whole.state())]).toEqual([false, true]);
  });

  test('weights of pairs add to scores, for holders of the first product, and explain them', async () => {
    const members = [{ model: fitPopularity(holdings), weight: 1, level: null }];
    const parts = { members, features: [], effects: new Float64Array(), candidates };
    const [model, without] = [createNextPurchase({ ...parts, pairs }), createNextPurchase(parts)];
    const basket = [...held.find(({ length }) => length === 2)!, constant];
    const added = Array.from(model.foldIn(basket), (score, column) => score - without.foldIn(basket)[column]!);
    const weights = columns.map((_, i) => basket.reduce((sum, { column }) => sum + pairs[column * columns.length + i]!, 0));
    const mean =
      weights.reduce((sum, weight, i) => sum + weight * candidates[i]!, 0) / candidates.reduce((sum, is) => sum + is, 0);
    for (const [i, weight] of weights.entries()) expect(added[i]).toBeCloseTo(weight - mean, 10);
    const { contributions, score, baseline } = model.explain(basket, 1);
    expect(contributions.reduce((sum, { value }) => sum + value, baseline)).toBeCloseTo(score, 10);
    expect(contributions.map(({ column }) => column).sort()).toContain(basket[0]!.column);
  });

  test('linear components with another meaning of a constant are refused', async () => {
    const value = new Float64Array(256).fill(1);
    value[constant.band] = 0.5;
    const members = [
      await fitEase(holdings, { regularization: 20, value }),
      await fitLift(holdings, { pairs: 'held', prior: 5 }),
    ];
    const parts = { features: [], effects: new Float64Array(), candidates };
    const withAll = () => createNextPurchase({ ...parts, members: members.map((model) => ({ model, weight: 1, level: null })) });
    expect(withAll).toThrow(/constant/);
  });

  test('the level of a member is the mean of its scores over holders of something else', async () => {
    const all = trainingOn([
      { entries: [constant], multiplicity: 5000 },
      ...held.map((basket, i) => ({ entries: [...basket, constant], multiplicity: 1 + (i % 5) })),
    ]);
    const weightOf = (i: number) => 1 + (i % 5);
    for (const model of [await fitAls(all, parameters), await fitEase(all, { regularization: 20 })]) {
      const [sums, counts] = [columns.map(() => 0), columns.map(() => 0)];
      for (const [i, basket] of held.entries()) {
        if (basket.length === 0) continue;
        const scores = model.foldIn([...basket, constant]);
        for (const [column, score] of scores.entries()) {
          if (column === products || basket.some((entry) => entry.column === column)) continue;
          sums[column]! += weightOf(i) * score;
          counts[column]! += weightOf(i);
        }
      }
      const level = (await memberLevel(model, all))!;
      for (let column = 0; column < products; column++) expect(level[column]).toBeCloseTo(sums[column]! / counts[column]!, 9);
    }
    expect(await memberLevel(fitPopularity(all), all)).toBeNull();
  });
});
