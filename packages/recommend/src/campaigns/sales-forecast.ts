import { exp, log } from '@basketwise/core';

/**
 * Number of purchases in each part of the time before a date, newest part first. `exposure` is the number of purchases expected in each part at the
 * usual rate.
 */
export interface SalesSeries {
  purchases: readonly number[];
  exposure: readonly number[];
}

/**
 * Model of a log rate: local level with a damped trend (Gardner and McKenzie, 1985). level' = level + damping × trend + noise, trend' = damping ×
 * trend + noise. `level` and `trend` are the standard deviations of the two noises per part, `first` is that of the initial trend.
 */
export interface SalesModel {
  level: number;
  damping: number;
  trend: number;
  first: number;
}

/** Forecast window: number of its parts, and number of parts between the newest known part and the window (`gap`). */
export interface ForecastWindow {
  parts: number;
  gap: number;
}

/** Models of a bank's total sales: without a trend, with a damped trend, and with a lasting trend, each at two noise levels. */
export const bankModels: readonly SalesModel[] = [0.03, 0.12].flatMap((level) => [
  { level, damping: 0, trend: 0, first: 0 },
  { level, damping: 0.9, trend: 0.03, first: 0.05 },
  { level, damping: 1, trend: 0.01, first: 0.05 },
]);
/** Models of a campaign's sales relative to the bank's total. All have a trend, because cross-sells run out of target customers. */
export const campaignModels: readonly SalesModel[] = [
  { level: 0.005, damping: 1, trend: 0.002, first: 0.02 },
  { level: 0.02, damping: 1, trend: 0.005, first: 0.02 },
  { level: 0.04, damping: 0.95, trend: 0.01, first: 0.02 },
];

/** Standard deviations of log rates. `scatter`: of counts beyond Poisson noise. `firstLevel`: of the initial level around the usual rate. */
const [scatter, firstLevel] = [0.07, 0.3];
/** Degrees of freedom of Student's t distribution of forecast errors. */
const freedom = 4;

/** Estimated level and trend of a log rate, with their variances (`ofLevel`, `ofTrend`) and covariance (`both`). */
interface State {
  level: number;
  trend: number;
  ofLevel: number;
  both: number;
  ofTrend: number;
}

/**
 * States after each part of a series, oldest first. Extended Kalman filter (Harvey, 1989) of Poisson counts n with mean m. The error is e = (n - m) /
 * m, whose expectation is 0 for small counts too. Outliers get less weight, as under Student's t distribution: min(1, (f + 1) / (f + e^2 / s)). f is
 * the degrees of freedom, s the variance of e.
 */
function filtered({ purchases, exposure }: SalesSeries, model: SalesModel): State[] {
  const states: State[] = [];
  const first: State = { level: 0, trend: 0, ofLevel: firstLevel ** 2, both: 0, ofTrend: model.first ** 2 };
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

/** Predicts the state one part later, before that part's purchases are known. */
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

/** Predicted log rate in the forecast window, relative to the usual rate: mean over the window's parts, and approximate variance of its error. */
function rateAhead(state: State, model: SalesModel, { parts, gap }: ForecastWindow): { mean: number; variance: number } {
  const ahead = { mean: 0, variance: 0 };
  let then = state;
  for (let part = 0; part < gap + parts; part++) {
    then = stepped(then, model);
    if (part < gap) continue;
    ahead.mean += then.level / parts;
    ahead.variance += then.ofLevel / parts;
  }
  return ahead;
}

/** Sum of `parts` consecutive values, after the `newer` newest values are skipped. */
export function sumOfWindow(values: readonly number[], newer: number, parts: number): number {
  let sum = 0;
  for (let k = newer; k < newer + parts; k++) sum += values[k]!;
  return sum;
}

/**
 * Log likelihood of a window's purchases under a forecast, without the constant. The error of the log of the purchases has Student's t distribution.
 */
function evidence(series: SalesSeries, newer: number, parts: number, { mean, variance }: ReturnType<typeof rateAhead>): number {
  const expected = sumOfWindow(series.exposure, newer, parts) * exp(mean);
  const error = log((sumOfWindow(series.purchases, newer, parts) + 0.5) / (expected + 0.5));
  const spread = variance + 1 / (expected + 0.5) + scatter ** 2 / parts;
  return -((freedom + 1) / 2) * log(1 + error ** 2 / (freedom * spread)) - log(spread) / 2;
}

/**
 * Maximum number of newest parts that a forecast of the past can ignore. At least 3 older parts, and at least a window's length, remain for its
 * level.
 */
export function mostUnknown(knownParts: number, { parts }: ForecastWindow): number {
  return Math.max(0, knownParts - Math.max(3, parts));
}

/**
 * Forecasts the mean log rate in the forecast window for each series, relative to the usual rate. A forecast is the mean over the models, weighted by
 * their likelihood (Bayesian model averaging: Hoeting et al., 1999). The likelihood is that of all earlier windows of all series, each forecast from
 * the parts before it. Windows of several parts overlap; each counts as the part that it adds.
 * @param list series of equal length, at least one part each
 * @returns forecasts by series: [0] from all parts; [n] from all but the n newest parts, for n from `gap + parts` to `mostUnknown`
 */
export function forecastSales(list: readonly SalesSeries[], models: readonly SalesModel[], window: ForecastWindow): number[][] {
  const { parts, gap } = window;
  const byModel = models.map((model) => {
    let likelihood = 0;
    const forecasts = list.map((series) => {
      const states = filtered(series, model);
      const means = [rateAhead(states.at(-1)!, model, window).mean];
      for (let unknown = gap + parts; unknown <= mostUnknown(states.length, window); unknown++) {
        const forecast = rateAhead(states[states.length - 1 - unknown]!, model, window);
        likelihood += evidence(series, unknown - gap - parts, parts, forecast) / parts;
        means[unknown] = forecast.mean;
      }
      return means;
    });
    return { likelihood, forecasts };
  });
  const most = Math.max(...byModel.map(({ likelihood }) => likelihood));
  const weights = byModel.map(({ likelihood }) => exp(likelihood - most));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  return list.map((_, i) =>
    byModel[0]!.forecasts[i]!.map((_, unknown) =>
      byModel.reduce((sum, { forecasts }, m) => sum + (weights[m]! / all) * forecasts[i]![unknown]!, 0),
    ),
  );
}

/** Prior of the share of a forecast change that happens: its mean, and its weight in squared log changes. */
const usualShare = { mean: 0.7, weight: 0.3 };

/**
 * Combines a forecast with "as in the newest window" (combination of forecasts: Bates and Granger, 1969). The weight is the least-squares share of the
 * forecast changes that happened in the past, from 0 to 1, with a prior.
 * @param forecasts forecasts of the series, as `forecastSales` returns them
 * @returns log rate in the forecast window, relative to the usual rate
 */
export function combined(series: SalesSeries, forecasts: readonly number[], { parts, gap }: ForecastWindow): number {
  const rateOf = (newer: number) =>
    log((sumOfWindow(series.purchases, newer, parts) + 0.5) / (sumOfWindow(series.exposure, newer, parts) + 0.5));
  let [happened, all] = [usualShare.mean * usualShare.weight, usualShare.weight];
  for (let unknown = gap + parts; unknown < forecasts.length && unknown + parts <= series.purchases.length; unknown++) {
    const newest = rateOf(unknown);
    const change = forecasts[unknown]! - newest;
    happened += (change * (rateOf(unknown - gap - parts) - newest)) / parts;
    all += change ** 2 / parts;
  }
  const share = Math.min(1, Math.max(0, happened / all));
  return rateOf(0) + share * (forecasts[0]! - rateOf(0));
}
