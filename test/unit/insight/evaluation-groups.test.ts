import { expect, test } from 'vitest';
import { breakdowns } from '../../../packages/insight/src/evaluation/breakdown.ts';
import { compareModels, metricValues } from '../../../packages/insight/src/evaluation/compare-models.ts';
import { pooledEvaluations } from '../../../packages/insight/src/evaluation/pooled.ts';
import type { TestedCase } from '../../../packages/insight/src/evaluation/tested.ts';

const options = { at: [1, 5], resamples: 200, seed: 1 };
const at = (rank: number) => ({ ranks: [rank], targets: 1 });
const model = (name: string, ranks: readonly number[]) => ({ name, values: metricValues(ranks.map(at), options.at, 5) });
const customer = (i: number, size = 1, cluster = '0'): TestedCase => ({
  key: `2022-07-31 ${i}`,
  size,
  hasHistory: cluster !== 'none',
  labels: new Map([['cluster deposit', cluster]]),
});
const many = <T>(count: number, of: (i: number) => T) => Array.from({ length: count }, (_, i) => of(i));

test('metrics are means over customers, differences are paired, and a model is level with itself', () => {
  const ranks = many(40, (i) => 2 + (i % 3));
  const [popularity, better] = compareModels(
    [
      model('popularity', ranks),
      model(
        'better',
        ranks.map((rank) => rank - 1),
      ),
    ],
    options,
  );
  expect(popularity!.metrics['hit rate@1']).toBe(0);
  expect(better!.metrics['hit rate@1']).toBeCloseTo(14 / 40, 12);
  expect(better!.metrics['ndcg@5']).toBe(better!.ndcg);
  expect(better!.minusPopularity!.mean).toBeCloseTo(better!.ndcg - popularity!.ndcg, 12);
  expect(better!.minusPopularity!.low).toBeGreaterThan(0);
  expect(better!.minusBest).toEqual({ mean: 0, low: 0, high: 0, level: true });
  expect(popularity!.minusBest!.level).toBe(false);
});

test('best sellers are the better of the popularity baselines', () => {
  const ranked = [4, 1, 3, 2].map((rank) => many(30, () => rank));
  const names = ['popularity', 'own', 'popularity of 3 months', 'popularity of 1 month'];
  const found = compareModels(
    names.map((name, i) => model(name, ranked[i]!)),
    options,
  );
  for (const { ndcg, minusBestSellers } of found) expect(minusBestSellers!.mean).toBeCloseTo(ndcg - found[3]!.ndcg, 12);
  expect(found[3]!.minusBestSellers).toEqual({ mean: 0, low: 0, high: 0, level: true });
});

test('groups are compared by themselves, and groups of fewer than ten customers have no figures', () => {
  const cases = [...many(12, (i) => customer(i, 1, '10')), ...many(30, (i) => customer(12 + i, 5, '2')), customer(50, 0, 'none')];
  const found = breakdowns(cases, [model('popularity', [...many(12, () => 1), ...many(30, () => 2), 1])], options);
  // Customers without history are a group of their own.
  expect(found.map(({ by, small }) => [by, small])).toEqual([
    ['history', 1],
    ['products held', 0],
    ['cluster deposit', 0],
  ]);
  expect(found[0]!.groups.map(({ label, customers }) => [label, customers])).toEqual([['some', 40]]);
  expect(found[1]!.groups.map(({ label, customers }) => [label, customers])).toEqual([
    ['1', 10],
    ['4 and more', 30],
  ]);
  const clusters = found[2]!.groups;
  expect(clusters.map(({ label }) => label)).toEqual(['2', '10']);
  expect(clusters[0]!.models[0]!.metrics['hit rate@1']).toBe(0);
  expect(clusters[0]!.models[0]!.interval).not.toBeNull();
  expect(clusters[1]!.models[0]!.metrics['hit rate@1']).toBe(1);
  // Enough for a figure, too few for an interval.
  expect(clusters[1]!.models[0]!.interval).toBeNull();
});

test('campaigns together count a customer once, by the models that all of them have', () => {
  const upsell = {
    ...{ campaign: 'up', class: 'deposit', cases: many(20, (i) => customer(i)) },
    models: [
      model(
        'popularity',
        many(20, () => 1),
      ),
      model(
        'extra',
        many(20, () => 1),
      ),
    ],
  };
  const cross = {
    ...{ campaign: 'cross', class: 'fund', cases: many(10, (i) => customer(10 + i)) },
    models: [
      model(
        'popularity',
        many(10, () => 9),
      ),
    ],
  };
  const idle = { campaign: 'idle', class: 'insurance', cases: [], models: [] };
  const few = {
    campaign: 'few',
    class: 'fund',
    cases: many(9, (i) => customer(i)),
    models: [
      model(
        'popularity',
        many(9, () => 9),
      ),
    ],
  };
  const [all, deposit, fund, ...others] = pooledEvaluations([upsell, cross, idle, few], options);
  expect(others).toEqual([]);
  expect([all!.class, all!.campaigns, all!.tested]).toEqual([null, ['up', 'cross'], 20]);
  expect(all!.models.map(({ name }) => name)).toEqual(['popularity']);
  // Ten customers hit always, ten in one campaign of two.
  expect(all!.models[0]!.metrics['hit rate@1']).toBeCloseTo(0.75, 12);
  expect(deposit!.models.map(({ name }) => name)).toEqual(['popularity', 'extra']);
  expect([fund!.class, fund!.tested, fund!.models[0]!.interval]).toEqual(['fund', 10, null]);
});
