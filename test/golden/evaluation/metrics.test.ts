import { averagePrecision, ndcg, precision, ranksInList, recall, type TargetRanks } from '@basketwise/recommend';
import { describe, expect, test } from 'vitest';

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
