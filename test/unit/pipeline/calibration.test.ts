import { describe, expect, test } from 'vitest';
import {
  fitCalibration,
  fitIsotonic,
  judgeCalibration,
  probabilityOf,
  type ScoredPairs,
} from '../../../packages/pipeline/src/campaigns/calibration.ts';

const points: ScoredPairs = {
  score: Float64Array.of(0.1, 0.2, 0.2, 0.35, 0.4, 0.55, 0.6, 0.75, 0.8, 0.95),
  pairs: Float64Array.of(10, 20, 5, 8, 12, 30, 7, 9, 4, 3),
  bought: Float64Array.of(1, 1, 2, 0, 3, 6, 0, 4, 1, 3),
};

describe('calibration', () => {
  test('isotonic equals scikit-learn 1.9.1: IsotonicRegression(out_of_bounds="clip").fit(x, bought / pairs, sample_weight=pairs)', () => {
    const asked = [0.0, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.57, 0.6, 0.7, 0.76, 0.8, 0.9, 0.95, 2.0];
    const golden = [
      ...[0.09302325581395349, 0.09302325581395349, 0.09302325581395349, 0.09302325581395349, 0.09302325581395349],
      ...[0.1836734693877551, 0.1836734693877551, 0.1836734693877551, 0.1836734693877551, 0.31763474620617477],
      ...[0.38461538461538464, 0.38461538461538464, 0.794871794871795, 1, 1],
    ];
    const calibration = fitIsotonic(points);
    for (const [i, score] of asked.entries()) expect(probabilityOf(calibration, score)).toBeCloseTo(golden[i]!, 12);
  });

  test('never falls as the score rises, and is a probability, with few purchases and with many', () => {
    const many = { ...points, pairs: points.pairs.map((n) => n * 20), bought: points.bought.map((n) => n * 20) };
    expect(fitCalibration(many)!.method).toBe('isotonic');
    expect(fitCalibration(points)!.method).toBe('platt');
    for (const calibration of [fitCalibration(points)!, fitCalibration(many)!]) {
      let before = 0;
      for (let score = -1; score < 2; score += 0.01) {
        const probability = probabilityOf(calibration, score);
        expect(probability).toBeGreaterThanOrEqual(before);
        expect(probability).toBeLessThanOrEqual(1);
        before = probability;
      }
    }
  });

  test('a few scores far from the rest, where most is bought, do not throw the sigmoid: as many purchases as there were, no certainties', () => {
    const far: ScoredPairs = {
      score: Float64Array.of(0.001, 0.002, 0.003, 0.01, 0.9),
      pairs: Float64Array.of(20_000, 15_000, 10_000, 5000, 20),
      bought: Float64Array.of(1, 2, 4, 8, 10),
    };
    const calibration = fitCalibration(far)!;
    expect(calibration.method).toBe('platt');
    const predicted = [...far.score].map((score) => probabilityOf(calibration, score));
    for (const probability of predicted) expect(probability > 1e-6 && probability < 0.9).toBe(true);
    expect(predicted.reduce((sum, probability, i) => sum + probability * far.pairs[i]!, 0)).toBeGreaterThan(24);
    expect(predicted.reduce((sum, probability, i) => sum + probability * far.pairs[i]!, 0)).toBeLessThan(27);
  });

  test("sigmoid equals the optimum of scipy 1.17.1: minimize(method='BFGS') of the negative log-likelihood with Platt's targets", () => {
    const calibration = fitCalibration(points)!;
    if (calibration.method !== 'platt') expect.fail(calibration.method);
    expect(calibration.slope).toBeCloseTo(3.141058, 5);
    expect(calibration.intercept).toBeCloseTo(-2.930997, 5);
  });

  test('says nothing with fewer than ten purchases', () => {
    expect(fitCalibration({ ...points, bought: points.bought.map((n) => Math.min(n, 1) * 0.5) })).toBeNull();
  });

  test('judged on other customers, beats the rate of all where scores tell something', () => {
    const parts = [1, 2, 3].map(() => ({
      ...points,
      pairs: points.pairs.map((n) => n * 9),
      bought: points.bought.map((n) => n * 9),
    }));
    const { brier, brierOfRate, reliability } = judgeCalibration(parts)!;
    expect(brier).toBeLessThan(brierOfRate);
    expect(reliability.reduce((sum, { pairs }) => sum + pairs, 0)).toBe(27 * 108);
  });
});
