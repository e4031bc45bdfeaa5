import { exp, log } from '@basketwise/core/parts';

/** Purchases of a series in each part of a window before a date, the newest first, and the numbers expected at the usual rate of the time. */
export interface SalesSeries {
  purchases: readonly number[];
  exposure: readonly number[];
}

/**
 * Local level with a damped trend (Gardner and McKenzie, 1985) of log rates: level' = level + damping x trend + noise, trend' = damping x
 * trend + noise. `level` and `trend` are the standard deviations of the noise a part.
 */
export interface SalesModel {
  level: number;
  damping: number;
  trend: number;
}

/** The forecast window: its parts, and parts between it and the newest known part. */
export interface ForecastWindow {
  parts: number;
  gap: number;
}

/** Models of the sales of a bank: a level alone, a trend that fades, and one that stays. */
export const bankModels: readonly SalesModel[] = [0.03, 0.12].flatMap((level) => [
  { level, damping: 0, trend: 0 },
  { level, damping: 0.9, trend: 0.03 },
  { level, damping: 1, trend: 0.01 },
]);
/** Models of a campaign's sales relative to those of the bank: always with a trend, as cross-sells run out of targets. */
export const campaignModels: readonly SalesModel[] = [
  { level: 0.01, damping: 1, trend: 0.005 },
  { level: 0.03, damping: 1, trend: 0.01 },
  { level: 0.05, damping: 0.95, trend: 0.02 },
];

/** Standard deviations of log rates: of counts beside chance, of the first level around the usual rate, and of the first trend a part. */
const [scatter, firstLevel, firstTrend] = [0.07, 0.3, 0.05];
/** Degrees of freedom of Student's t distribution of errors. */
const freedom = 4;

/** Level and trend, with their variances and covariance. */
interface State {
  level: number;
  trend: number;
  ofLevel: number;
  both: number;
  ofTrend: number;
}

/**
 * States after each part of a series, the oldest first: extended Kalman filter (Harvey, 1989) of Poisson counts n with mean m, by the errors
 * (n - m) / m, whose mean is 0 also for small counts. An outlier weighs less, as under Student's t distribution: (f + 1) / (f + e^2 / s) for
 * an error e of variance s.
 */
function filtered({ purchases, exposure }: SalesSeries, model: SalesModel): State[] {
  const states: State[] = [];
  const first: State = { level: 0, trend: 0, ofLevel: firstLevel ** 2, both: 0, ofTrend: firstTrend ** 2 };
  for (let k = purchases.length - 1; k >= 0; k--) {
    const next = stepped(states.at(-1) ?? first, model);
    const expected = exposure[k]! * exp(next.level);
    const error = (purchases[k]! - expected) / expected;
    const noise = 1 / expected + scatter ** 2;
    const weight = Math.min(1, (freedom + 1) / (freedom + error ** 2 / (next.ofLevel + noise)));
    const variance = next.ofLevel + noise / weight;
    const [gain, trendGain] = [next.ofLevel / variance, next.both / variance];
    states.push({
      level: next.level + gain * error,
      trend: next.trend + trendGain * error,
      ofLevel: next.ofLevel * (1 - gain),
      both: next.both * (1 - gain),
      ofTrend: next.ofTrend - trendGain * next.both,
    });
  }
  return states;
}

/** The state a part later, before anything is known of that part. */
function stepped({ level, trend, ofLevel, both, ofTrend }: State, model: SalesModel): State {
  const { damping } = model;
  return {
    level: level + damping * trend,
    trend: damping * trend,
    ofLevel: ofLevel + 2 * damping * both + damping ** 2 * ofTrend + model.level ** 2,
    both: damping * both + damping ** 2 * ofTrend,
    ofTrend: damping ** 2 * ofTrend + model.trend ** 2,
  };
}

/** Mean log rate, relative to the usual one, of the parts of a window after a state, and about the variance of its error. */
function rateAhead(state: State, model: SalesModel, { parts, gap }: ForecastWindow): { mean: number; variance: number } {
  const found = { mean: 0, variance: 0 };
  let then = state;
  for (let part = 0; part < gap + parts; part++) {
    then = stepped(then, model);
    if (part < gap) continue;
    found.mean += then.level / parts;
    found.variance += then.ofLevel / parts;
  }
  return found;
}

/** Sum over the `parts` parts before the newest `newer` parts. */
export function sumOfWindow(values: readonly number[], newer: number, parts: number): number {
  let sum = 0;
  for (let k = newer; k < newer + parts; k++) sum += values[k]!;
  return sum;
}

/** Log density of Student's t distribution, without its constant, of the log of a count against its forecast. */
function evidence(series: SalesSeries, newer: number, parts: number, { mean, variance }: ReturnType<typeof rateAhead>): number {
  const expected = sumOfWindow(series.exposure, newer, parts) * exp(mean);
  const error = log((sumOfWindow(series.purchases, newer, parts) + 0.5) / (expected + 0.5));
  const spread = variance + 1 / (expected + 0.5) + scatter ** 2 / parts;
  return -((freedom + 1) / 2) * log(1 + error ** 2 / (freedom * spread)) - log(spread) / 2;
}

/** Most recent parts that a forecast can do without: fewer are too few for a level. */
export function mostUnknown(known: number, { parts }: ForecastWindow): number {
  return Math.max(0, known - Math.max(3, parts));
}

/**
 * Forecasts of the mean log rate of the next window, relative to the usual one, for each series. They are means over the models, weighted by
 * the likelihood of all earlier windows of all series, each forecast from the parts before it (Bayesian model averaging: Hoeting et al., 1999).
 * @param list series of equal length, of at least one part
 */
export function forecastSales(list: readonly SalesSeries[], models: readonly SalesModel[], window: ForecastWindow): number[] {
  const { parts, gap } = window;
  const found = models.map((model) => {
    let likelihood = 0;
    const forecasts = list.map((series) => {
      const states = filtered(series, model);
      for (let unknown = gap + parts; unknown <= mostUnknown(states.length, window); unknown++) {
        const forecast = rateAhead(states[states.length - 1 - unknown]!, model, window);
        likelihood += evidence(series, unknown - gap - parts, parts, forecast);
      }
      return rateAhead(states.at(-1)!, model, window).mean;
    });
    return { likelihood, forecasts };
  });
  const most = Math.max(...found.map(({ likelihood }) => likelihood));
  const weights = found.map(({ likelihood }) => exp(likelihood - most));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  return list.map((_, i) => found.reduce((sum, { forecasts }, m) => sum + (weights[m]! / all) * forecasts[i]!, 0));
}
