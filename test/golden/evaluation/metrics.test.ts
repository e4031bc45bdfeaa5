import {
  averagePrecision,
  hitRate,
  ndcg,
  precision,
  ranksInList,
  rankTargets,
  recall,
  reciprocalRank,
  type TargetRanks,
} from '@basketwise/recommend';
import { describe, expect, test } from 'vitest';
import { drawnRankings } from '../../reference/drawn.ts';
import peers from '../peers.json' with { type: 'json' };

// Lists and expected values of Apache Spark's RankingMetricsSuite.
const a = [1, 6, 2, 7, 8, 3, 9, 10, 4, 5];
const b = [4, 1, 5, 6, 2, 7, 3, 8, 9, 10];
const c = [1, 2, 3, 4, 5];
const outcomes = [ranksInList(a, [1, 2, 3, 4, 5]), ranksInList(b, [1, 2, 3]), ranksInList(c, [])];
const short = [ranksInList([1, 6, 2], [1, 2, 3, 4, 5]), ranksInList([], [1, 2, 3])];

const mean = (of: readonly TargetRanks[], value: (outcome: TargetRanks) => number) =>
  of.reduce((sum, outcome) => sum + value(outcome), 0) / of.length;

describe('ranking metrics equal those of Spark', () => {
  test.each([
    [1, 1 / 3],
    [2, 1 / 3],
    [3, 1 / 3],
    [4, 0.75 / 3],
    [5, 0.8 / 3],
    [10, 0.8 / 3],
    [15, 8 / 45],
  ])('precision at %i', (k, expected) => {
    expect(mean(outcomes, (o) => precision(o, k))).toBeCloseTo(expected, 9);
  });

  test('mean average precision', () => {
    expect(mean(outcomes, (o) => averagePrecision(o))).toBeCloseTo(0.355026, 5);
    expect(mean(outcomes, (o) => averagePrecision(o, 1))).toBeCloseTo(0.333334, 5);
    expect(mean(outcomes, (o) => averagePrecision(o, 2))).toBeCloseTo(0.25, 9);
    expect(mean(outcomes, (o) => averagePrecision(o, 3))).toBeCloseTo(0.24074, 5);
  });

  test.each([
    [3, 1 / 3],
    [5, 0.328788],
    [10, 0.487913],
    [15, 0.487913],
  ])('NDCG at %i', (k, expected) => {
    expect(mean(outcomes, (o) => ndcg(o, k))).toBeCloseTo(expected, 6);
  });

  test.each([
    [1, 1 / 15],
    [2, 8 / 45],
    [3, 11 / 45],
    [4, 11 / 45],
    [5, 16 / 45],
    [10, 2 / 3],
    [15, 2 / 3],
  ])('recall at %i', (k, expected) => {
    expect(mean(outcomes, (o) => recall(o, k))).toBeCloseTo(expected, 9);
  });

  test('lists shorter than k count their missing places as misses', () => {
    expect(mean(short, (o) => precision(o, 1))).toBeCloseTo(0.5, 9);
    expect(mean(short, (o) => precision(o, 2))).toBeCloseTo(0.25, 9);
    expect(mean(short, (o) => ndcg(o, 1))).toBeCloseTo(0.5, 9);
    expect(mean(short, (o) => ndcg(o, 2))).toBeCloseTo(0.30657, 5);
    expect(mean(short, (o) => recall(o, 1))).toBeCloseTo(0.1, 9);
    expect(mean(short, (o) => recall(o, 2))).toBeCloseTo(0.1, 9);
  });
});

test('ranks and metrics of 150 drawn lists equal those of ir_measures', () => {
  const popularity = new Float64Array(25);
  const ranks = drawnRankings().map(({ scores, held, targets }) => {
    const candidates = Uint8Array.from(held, (isHeld) => (isHeld ? 0 : 1));
    return rankTargets(Float64Array.from(scores), candidates, popularity, targets);
  });
  const found = {
    'hit rate': mean(ranks, (o) => hitRate(o, 5)),
    precision: mean(ranks, (o) => precision(o, 5)),
    recall: mean(ranks, (o) => recall(o, 5)),
    map: mean(ranks, (o) => averagePrecision(o)),
    ndcg: mean(ranks, (o) => ndcg(o, 5)),
    'ndcg of 10': mean(ranks, (o) => ndcg(o, 10)),
    mrr: mean(ranks, reciprocalRank),
  };
  for (const [name, value] of Object.entries(peers.rankingMetrics)) {
    expect(found[name as keyof typeof found], name).toBeCloseTo(value, 12);
  }
});
