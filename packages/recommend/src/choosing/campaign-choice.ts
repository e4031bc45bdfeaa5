import { type EvaluationWindow, type ModelSpec, mean } from '@basketwise/core';
import type { CampaignPlan } from '../campaigns/campaign-plan.ts';
import type { WantedModel } from '../campaigns/train.ts';
import { isBestSellers } from '../evaluation/best-sellers.ts';
import { minimumCustomers } from '../evaluation/bootstrap.ts';
import type { CampaignVerdict, TestedValues } from '../evaluation/verdict.ts';
import { standardError, type Trial } from './choose-model.ts';

/** Model that the automatic choice selected for a campaign, with the evidence for it. */
export interface CampaignChoice {
  campaign: string;
  spec: ModelSpec;
  /**
   * Specification whose weights are learned without the newest window, for calibration. Absent if the older windows have no purchases, or if the
   * chosen model has no learned weights.
   */
  olderSpec?: ModelSpec;
  /** Newest window before the reference date. Its purchases decided the choice. */
  window: EvaluationWindow;
  /** Number of customers used: all customers, or a sample of them. */
  customers: number;
  /** Number of training customers. */
  trained: number;
  /** Number of test customers who purchased a product in the window. */
  tested: number;
  /** Best trial of each candidate model, with its mean NDCG@5. Empty if too few customers purchased. */
  trials: readonly Trial[];
  /** Decision between the learned model and its challenger. Absent with too few test customers. */
  decision?: ModelDecision;
  /** Weights of a next-purchase model, learned from several windows. */
  learned?: {
    /** Weight of each component, for scores scaled to standard deviation 1. */
    weights: Readonly<Record<string, number>>;
    /** Ridge on the effects of features. Null: the model has no feature effects. */
    ridge: number | null;
    /** Ridge on the effects of clusters. Null: the model has no cluster effects, for example because earlier clusters are unknown. */
    clusterRidge: number | null;
    /** Ridge on the weights of pairs of a held and a recommended product. Null: the model has no pair weights. */
    pairRidge: number | null;
    /** Number of customers whose purchases were used to learn the weights. */
    customers: number;
    /** Number of purchases of products that no customer had purchased before the window. */
    unknown: number;
  };
  /**
   * Comparison of the lists with the best popularity baseline in the judged windows, by mean NDCG@5. The weights of the lists in a window come from
   * the other windows. Null if too few customers purchased.
   */
  verdict: CampaignVerdict | null;
  warnings: readonly string[];
}

/** Model whose lists in the newest window calibrate probabilities. A learned model uses weights learned without the purchases of that window. */
export function calibratedModel(plan: CampaignPlan, choices: readonly CampaignChoice[]): WantedModel {
  const wanted = wantedModel(plan, choices);
  const older = plan.spec === null ? choices.find(({ campaign }) => campaign === plan.name)?.olderSpec : undefined;
  return { ...wanted, spec: older ?? wanted.spec };
}

/** Model of a campaign: the configured specification if the plan has one, otherwise the chosen one. */
export function wantedModel({ name, spec: configured }: CampaignPlan, choices: readonly CampaignChoice[]): WantedModel {
  if (configured !== null) return { spec: configured, trained: null };
  const { spec, trained } = choices.find(({ campaign }) => campaign === name)!;
  return { spec, trained };
}

/** Simple model, with the NDCG@5 of each test customer. */
export type SimpleValues = TestedValues & Pick<Trial, 'spec'>;

/** NDCG@5 of each test customer of a fold or window: with the learned model, with its challenger, and with each simple model. */
export interface FoldValues {
  learned: Float64Array;
  challenger: Float64Array;
  /** Popularity baselines; with dates also EASE. */
  simple: readonly SimpleValues[];
}

/** Decision between the learned model and its challenger: without dates a tuned model, with dates the best simple model. */
export interface ModelDecision {
  challenger: string;
  replaces: boolean;
  /** Number of folds or windows that decided. The customers of folds differ. */
  folds: number;
  /** Number of their test customers. */
  tested: number;
  /** Mean paired difference of NDCG@5 over these customers: challenger minus learned model. */
  difference: number;
  standardError: number;
}

/**
 * Folds that decide between the learned model and a tuned one.
 * @param tuningFold fold on which the model was tuned, which favours it. It decides alone if the other folds have too few test customers
 * @param others other folds. The ridges of the learned model are chosen on all folds, which favours it slightly
 */
export function decidingFolds(tuningFold: FoldValues, others: readonly FoldValues[]): readonly FoldValues[] {
  return joined(others, ({ learned }) => learned).length < minimumCustomers ? [tuningFold] : others;
}

/** Simple model with the best NDCG@5 over all test customers of some windows, and these windows with it as the challenger. */
export function bestSimpleModel(windows: readonly Omit<FoldValues, 'challenger'>[]): [SimpleValues, FoldValues[]] {
  const { simple } = windows[0]!;
  const scores = simple.map((_, k) => mean(joined(windows, (window) => window.simple[k]!.values)));
  const best = scores.indexOf(Math.max(...scores));
  return [simple[best]!, windows.map((window) => ({ ...window, challenger: window.simple[best]!.values }))];
}

/** Decides whether a challenger replaces the learned model: its mean difference over all customers of the folds has to exceed the standard error. */
export function decideBetween(challenger: string, folds: readonly FoldValues[]): ModelDecision {
  const ahead = joined(folds, ({ learned, challenger }) => challenger.map((value, i) => value - learned[i]!));
  const [difference, error] = [mean(ahead), standardError(ahead)];
  const about = { folds: folds.length, tested: ahead.length, difference, standardError: error };
  return { challenger, replaces: difference > error, ...about };
}

/** NDCG@5 of all test customers of some folds: with the chosen model, and with each popularity baseline. */
export function testedOn(folds: readonly FoldValues[], isReplaced: boolean): { own: Float64Array; baselines: TestedValues[] } {
  const simple = folds[0]!.simple.map(({ name }, k) => ({ name, values: joined(folds, (fold) => fold.simple[k]!.values) }));
  const baselines = simple.filter(({ name }) => isBestSellers(name));
  return { own: joined(folds, ({ challenger, learned }) => (isReplaced ? challenger : learned)), baselines };
}

function joined<Fold>(folds: readonly Fold[], valuesOf: (fold: Fold) => Float64Array): Float64Array {
  return Float64Array.from(folds.flatMap((fold) => Array.from(valuesOf(fold))));
}
