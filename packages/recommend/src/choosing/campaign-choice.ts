import { type EvaluationWindow, type ModelSpec, mean } from '@basketwise/core';
import type { CampaignPlan } from '../campaigns/campaign-plan.ts';
import type { WantedModel } from '../campaigns/train.ts';
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
  /** Decision between the learned model and the best tuned model. Absent with dates, or with too few test customers. */
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
   * Comparison of the lists with the best popularity baseline in the newest window, by mean NDCG@5. The weights of these lists come from the older
   * windows. Null if too few customers purchased.
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
