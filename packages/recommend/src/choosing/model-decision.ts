import { mean } from '@basketwise/core/parts';
import { minimumCustomers } from '../evaluation/bootstrap.ts';
import { standardError } from './choose-model.ts';

/** NDCG@5 of each test customer of a fold, with the learned model and with the tuned one. */
export interface FoldValues {
  learned: Float64Array;
  tuned: Float64Array;
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
 * Decides whether a tuned model replaces the learned one: its mean difference over all customers of the folds has to exceed the standard error.
 * @param tuningFold fold on which the model was tuned, which favours it. It decides alone if the other folds have too few test customers
 * @param others other folds. The ridges of the learned model are chosen on all folds, which favours it slightly
 */
export function decideBetween(tuned: string, tuningFold: FoldValues, others: readonly FoldValues[]): ModelDecision {
  const tested = others.reduce((sum, { learned }) => sum + learned.length, 0);
  const folds = tested < minimumCustomers ? [tuningFold] : others;
  const ahead = Float64Array.from(folds.flatMap(({ learned, tuned }) => Array.from(tuned, (value, i) => value - learned[i]!)));
  const [difference, error] = [mean(ahead), standardError(ahead)];
  const about = { folds: folds.length, tested: ahead.length, difference, standardError: error };
  return { tuned, replaces: difference > error, ...about };
}
