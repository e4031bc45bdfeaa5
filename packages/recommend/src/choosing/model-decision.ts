import { mean } from '@basketwise/core/parts';
import { minimumCustomers } from '../evaluation/bootstrap.ts';
import type { TestedValues } from '../evaluation/verdict.ts';
import { standardError } from './choose-model.ts';

/** NDCG@5 of each test customer of a fold: with the learned model, with the tuned one, and with each popularity baseline. */
export interface FoldValues {
  learned: Float64Array;
  tuned: Float64Array;
  baselines: readonly TestedValues[];
}

/** Decision between the learned model and a tuned one, for data without dates. */
export interface ModelDecision {
  /** Name of the tuned model among the trials. */
  tuned: string;
  /** Whether the tuned model replaces the learned one. */
  replaces: boolean;
  /** Number of folds that decided. Their customers differ. */
  folds: number;
  /** Number of their test customers. */
  tested: number;
  /** Mean paired difference of NDCG@5 over these customers: tuned minus learned model. */
  difference: number;
  /** Standard error of the difference. */
  standardError: number;
}

/**
 * Folds that decide between the models.
 * @param tuningFold fold on which the model was tuned, which favours it. It decides alone if the other folds have too few test customers
 * @param others other folds. The ridges of the learned model are chosen on all folds, which favours it slightly
 */
export function decidingFolds(tuningFold: FoldValues, others: readonly FoldValues[]): readonly FoldValues[] {
  return joined(others, ({ learned }) => learned).length < minimumCustomers ? [tuningFold] : others;
}

/** Decides whether a tuned model replaces the learned one: its mean difference over all customers of the folds has to exceed the standard error. */
export function decideBetween(tuned: string, folds: readonly FoldValues[]): ModelDecision {
  const ahead = joined(folds, ({ learned, tuned }) => tuned.map((value, i) => value - learned[i]!));
  const [difference, error] = [mean(ahead), standardError(ahead)];
  const about = { folds: folds.length, tested: ahead.length, difference, standardError: error };
  return { tuned, replaces: difference > error, ...about };
}

/** NDCG@5 of all test customers of some folds: with the tuned model, and with each popularity baseline. */
export function testedOn(folds: readonly FoldValues[]): { own: Float64Array; baselines: TestedValues[] } {
  const baselines = folds[0]!.baselines.map(({ name }, k) => ({
    name,
    values: joined(folds, (fold) => fold.baselines[k]!.values),
  }));
  return { own: joined(folds, ({ tuned }) => tuned), baselines };
}

function joined(folds: readonly FoldValues[], valuesOf: (fold: FoldValues) => Float64Array): Float64Array {
  return Float64Array.from(folds.flatMap((fold) => Array.from(valuesOf(fold))));
}
