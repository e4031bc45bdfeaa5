import { windowText } from '@basketwise/core';
import { countWords } from '@basketwise/data/base';
import { markdownTable, markdownText } from '@basketwise/page';
import { apartText, publishedScores } from '@basketwise/pipeline';
import type { MeanInterval } from '@basketwise/recommend';
import type { Breakdown } from './breakdown.ts';
import type { ComparedModel } from './compare-models.ts';
import type { EvaluationFile } from './evaluation-summary.ts';
import type { ProbabilityQuality } from './judge-probabilities.ts';
import type { PooledEvaluation } from './pooled.ts';
import type { CampaignEvaluation } from './summarise.ts';

const figure = (value: number) => (Number.isFinite(value) ? value.toFixed(4) : '');
const interval = (found: (MeanInterval & { level?: boolean }) | null) =>
  found === null ? '' : `${figure(found.mean)} (${figure(found.low)} .. ${figure(found.high)})${found.level ? ' level' : ''}`;

/** Evaluation as Markdown: tables of all campaigns together and of each class, then a section per campaign. */
export function evaluationText({ windows, pooled, probabilities, campaigns }: Omit<EvaluationFile, 'version'>): string {
  const tests = windows.map((window) => `- ${windowText(window)}\n`);
  const isHeldOut = windows.some(({ folds }) => folds !== undefined);
  return `# Evaluation\n\n${tests.join('')}\n${[...pooled.map(poolSection), ...(probabilities ? [`## Probabilities of all campaigns\n\n${probabilityQualityText(probabilities, isHeldOut)}`] : []), ...campaigns.map((one) => campaignMarkdown(one, isHeldOut))].join('\n')}`;
}

const comparisonHead = (models: readonly ComparedModel[]) => {
  return ['model', ...Object.keys(models[0]?.metrics ?? {}), '95 % of NDCG', 'minus popularity', 'minus best'];
};
const comparisonRow = ({ name, metrics, interval: own, minusPopularity, minusBest }: ComparedModel) => {
  return [name, ...Object.values(metrics).map(figure), interval(own), interval(minusPopularity), interval(minusBest)];
};

function poolSection({ class: of, campaigns, tested, models }: PooledEvaluation): string {
  const head = `## ${of === null ? 'All campaigns' : `Class ${markdownText(of)}`}\n\n${markdownText(campaigns.join(', '))}: ${countWords(tested)} customers tested.\n`;
  return models.length === 0 ? head : `${head}\n${markdownTable(comparisonHead(models), models.map(comparisonRow))}`;
}

function campaignMarkdown(found: CampaignEvaluation, isHeldOut: boolean): string {
  const { campaign, targets, tested, models, breakdowns, products, probabilities, notes } = found;
  const rows = models.map((model) => [
    ...[...comparisonRow(model), figure(model.catalogue.coverage), figure(model.catalogue.meanPopularityRank)],
  ]);
  const response = products.map(({ product, auc, topDecileLift, buyers }) => [
    product,
    String(buyers),
    figure(auc),
    figure(topDecileLift),
  ]);
  return [
    `## ${markdownText(campaign)}\n\n${countWords(targets)} targets, ${countWords(tested)} of them purchased a recommendable product.\n${apartText(found)}`,
    ...notes.map((note) => `- ${markdownText(note)}\n`),
    models.length === 0 ? '' : `\n${markdownTable([...comparisonHead(models), 'coverage', 'mean popularity rank'], rows)}`,
    ...breakdowns.map(breakdownText),
    response.length > 0
      ? `\nModel of the config, by product:\n\n${markdownTable(['product', 'buyers', 'AUC', 'top-decile lift'], response)}`
      : '',
    probabilities === null ? '' : `\n${probabilityQualityText(probabilities, isHeldOut)}`,
  ].join('');
}

/** Table with the results of every model in every group. */
function breakdownText({ by, groups, small }: Breakdown): string {
  const rows = groups.flatMap(({ label, customers, models }) =>
    models.map(({ name, ndcg, minusPopularity, minusBest }) => [
      ...[label, String(customers), name, figure(ndcg), interval(minusPopularity), interval(minusBest)],
    ]),
  );
  const left = small === 0 ? '' : `\nNot shown: ${small} with fewer than 10 customers.\n`;
  const head = [by, 'customers', 'model', 'NDCG', 'minus popularity', 'minus best'];
  return `\nBy ${markdownText(by)}:\n${rows.length > 0 ? `\n${markdownTable(head, rows)}` : ''}${left}`;
}

/**
 * Table of the quality of probabilities.
 * @param isHeldOut whether held-out products take the place of purchases
 */
function probabilityQualityText(quality: ProbabilityQuality, isHeldOut: boolean): string {
  const { pairs, bought, expected, brier, brierOfRate, reliability } = publishedScores(quality);
  const rows = reliability.map(({ pairs: count, predicted, observed }) => [
    ...[countWords(count), figure(predicted), observed === null ? '' : figure(observed)],
  ]);
  const about = isHeldOut
    ? 'Probabilities of the next product, against products held out'
    : 'Probabilities as of the date of the lists, against purchases in the window';
  const head = `${about}: ${bought} of ${pairs} recommendations purchased, ${expected} expected. Brier score ${brier ?? '–'} (the rate of all: ${brierOfRate ?? '–'}).`;
  return `${head}\n\n${markdownTable(['recommendations', 'predicted', 'bought'], rows)}`;
}
