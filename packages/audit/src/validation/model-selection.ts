import { type EvaluationWindow, learningWindows, windowText } from '@basketwise/core';
import type { Config } from '@basketwise/pipeline';
import { automaticKind, usualSample, verdictText } from '@basketwise/recommend';
import type { LearnedFacts, ReportFacts } from './run-facts.ts';
import { groupedCount } from './validation-text.ts';

type CampaignFacts = ReportFacts['campaigns'][number];
type CampaignConfig = Config['campaigns'][string];

/** Length of a window in words. */
export function spanWords({ months, days }: Config['evaluate']['window']): string {
  const parts = [
    { of: 'month', count: months },
    { of: 'day', count: days },
  ].filter(({ count }) => count > 0);
  return parts.length === 0 ? '0 days' : parts.map(({ of, count }) => `${count} ${of}${count === 1 ? '' : 's'}`).join(' and ');
}

/** Sentences on the customers and products of a campaign: targets, candidates, baskets and training customers. */
export function scopeTexts(campaign: CampaignConfig, { recommendable, appearing, models }: CampaignFacts): string[] {
  const { kind, class: of, columns = [of], train = kind === 'upsell' ? 'holders' : 'all' } = campaign;
  const targets =
    kind === 'upsell' ? `hold a product of the class ${of} (up-sell)` : `hold no product of the class ${of} (cross-sell)`;
  const fitted = models.length === 1 ? ` In this run: ${groupedCount(models[0]!.customers)}.` : '';
  const trained = train === 'holders' ? `customers with a product of the class ${of}` : 'all customers';
  return [
    `Targets: customers who ${targets}.`,
    `Candidates: the ${recommendable} products of this class on sale, without those that a customer holds or may not get. ${appearing} of them are on at least one list.`,
    `Baskets: holdings of the ${columns.length === 1 ? 'class' : 'classes'} ${columns.join(', ')}. Components are fitted on ${trained}.${fitted}`,
  ];
}

/** Sentences on the training of learned weights, with the strength of their prior. */
function learnedTexts({ learned, trials }: LearnedFacts, { evaluate, features }: Config, isDated: boolean): string[] {
  if (learned === undefined) return [];
  const effects = [
    ...(features === undefined ? [] : [{ of: 'features', ridge: learned.ridge }]),
    ...(learned.clusterRidge === null ? [] : [{ of: 'clusters', ridge: learned.clusterRidge }]),
  ].map(({ of, ridge }) => `of ${of} ${ridge === null ? 'none' : `with ridge ${ridge}`}`);
  const source = isDated
    ? `purchases in the ${learningWindows} windows of ${spanWords(evaluate.window)} before the reference date; each counts 0.7 times the next newer one`
    : 'products held out in folds of customers';
  const selected = isDated
    ? 'the newest of these windows selects the ridge, or no effects'
    : 'held-out folds select the ridge, or no effects';
  return [
    `Weights are learned from ${source}. They rest on ${groupedCount(learned.customers)} customers ${isDated ? 'with a purchase' : 'with a product held out'}. The prior, weights from generated banks, counts as much as about 10 purchases.`,
    ...(effects.length === 0 ? [] : [`Effects: ${effects.join(', ')} (${selected}; a larger ridge draws effects closer to 0).`]),
    ...(trials === 0 ? [] : [`The run compared the model with its components alone in the newest window: ${trials} models.`]),
  ];
}

/**
 * Sentences on the selection of a campaign's model and on the result of its test in the run.
 * @param learned facts on the learned weights. Absent: the config gives the model and its parameters
 */
export function selectionTexts(
  config: Config,
  campaign: CampaignConfig,
  { verdict }: CampaignFacts,
  learned: LearnedFacts | undefined,
): string[] {
  const isDated = config.tables.holdings.date !== null;
  const model = campaign.model?.kind ?? config.model.kind;
  const sample = config.model.sample ?? usualSample.sample;
  const how =
    model === automaticKind
      ? `The config names the model ${automaticKind}: ${isDated ? 'a next-purchase model, whose weights each run learns, or a simple model that is better in past windows' : 'each run learns a next-purchase model, and replaces it if a tuned model is better on held-out folds'}. Selection reads at most about ${groupedCount(sample)} customers, drawn by a hash.`
      : `The config names the model ${model} and its parameters; a run selects none.`;
  const tested =
    verdict === null
      ? ''
      : ` (${windowText(verdict.window as EvaluationWindow)}, ${groupedCount(verdict.tested)} customers, with those that rules exclude from lists)`;
  const consequence = verdict?.verdict === 'better' ? '' : ' The run uses the model in any case: a verdict changes no list.';
  return [
    how,
    ...(learned === undefined ? [] : learnedTexts(learned, config, isDated)),
    `Verdict of the run on past windows: ${verdictText(verdict)}${tested}.${consequence}`,
  ];
}
