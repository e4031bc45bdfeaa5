import { windowText } from '@basketwise/core';
import { type Cell, formatNumber, type Html, html, table } from '@basketwise/page';
import { intervalChart } from '@basketwise/page/charts';
import { apartText, type QualityFigures } from './quality-figures.ts';

type Evaluation = NonNullable<QualityFigures['evaluation']>;
type EvaluatedCampaign = Evaluation['campaigns'][number];

/** Text of an estimate and its interval. `level`: the interval contains 0. */
function estimate(found: { mean: number; low: number; high: number; level?: boolean } | null): Cell {
  if (found === null) return null;
  const [mean, low, high] = [found.mean, found.low, found.high].map((value) => value.toFixed(4));
  return `${mean} (${low} to ${high})${found.level ? ', level' : ''}`;
}

/**
 * Metrics that tables show: those at list length 5 (or at the last length if 5 was not measured), and those without a length.
 * NDCG is left out here, because it has a column with its interval. All other intervals are in report.json.
 */
function shownMetrics(names: readonly string[]): string[] {
  const lengths = [...new Set(names.flatMap((name) => name.split('@').slice(1)))];
  const shown = lengths.includes('5') ? '5' : lengths.at(-1);
  return names.filter((name) => !name.includes('@') || (name.endsWith(`@${shown}`) && !name.startsWith('ndcg')));
}

const counted = (customers: number | null) => (customers === null ? 'fewer than 10' : formatNumber(customers));

/** Table of the models in one comparison. */
function comparisonTable(title: string, models: EvaluatedCampaign['models']): Html | null {
  if (models.length === 0) return null;
  const metrics = shownMetrics(Object.keys(models[0]!.metrics));
  const rows = models.map(({ name, metrics: values, ndcg, interval, minusPopularity, minusBest }): Cell[] => [
    ...[name, ...metrics.map((metric) => values[metric] ?? null)],
    ...[interval ? estimate(interval) : ndcg, estimate(minusPopularity), estimate(minusBest)],
  ]);
  return table(title, ['model', ...metrics, 'NDCG with 95 % interval', 'minus popularity', 'minus best'], rows);
}

/** Table of the models of a campaign in each group of the tested customers. */
function breakdown(campaign: string, { by, groups, small }: EvaluatedCampaign['breakdowns'][number]): Html {
  const rows = groups.flatMap(({ label, customers, models }) =>
    models.map(({ name, ndcg, minusPopularity, minusBest }): Cell[] => [
      ...[label, customers, name, ndcg, estimate(minusPopularity), estimate(minusBest)],
    ]),
  );
  const head = [by, 'customers', 'model', 'NDCG', 'minus popularity', 'minus best'];
  return html`${rows.length > 0 ? table(`${campaign}: hold-out by ${by}`, head, rows) : null}
${small > 0 ? html`<p class="note">By ${by}: ${formatNumber(small)} of too few customers are not shown.</p>` : null}`;
}

function evaluated(found: EvaluatedCampaign): Html {
  const { campaign, targets, tested, models, breakdowns, notes } = found;
  const drawn = models.flatMap(({ name, interval }) => (interval ? [{ label: name, ...interval }] : []));
  return html`<h3>${campaign}</h3><p class="note">Targets: ${counted(targets)}; of them ${counted(tested)} made a new purchase that could be recommended. ${apartText(found)}</p>
${notes.map((note) => html`<p>${note}</p>`)}
${drawn.length > 0 ? intervalChart(`${campaign}: NDCG on what was bought, with 95 % intervals`, 'NDCG', drawn) : null}
${comparisonTable(`${campaign}: models on the hold-out`, models)}
${breakdowns.length > 0 ? html`<details><summary>${campaign}: by what was held, cluster and segment</summary>${breakdowns.map((one) => breakdown(campaign, one))}</details>` : null}`;
}

/** Section on the comparison over all campaigns, or over the campaigns of one class. */
function pooled({ class: of, campaigns, tested, models }: Evaluation['pooled'][number]): Html {
  const title = of === null ? 'All campaigns' : `Class ${of}`;
  return html`<h3>${title}</h3><p class="note">${campaigns.join(', ')}: ${counted(tested)} customers tested.</p>
${comparisonTable(`${title}: models on the hold-out`, models)}`;
}

/** Table of predicted probabilities against purchases, by tenths, with the Brier score. */
function reliability({ probabilities }: Evaluation): Html | null {
  if (probabilities === null) return null;
  const { pairs, bought, expected, brier, brierOfRate, reliability: lines } = probabilities;
  const rows = lines.map((line): Cell[] => [line.pairs, line.predicted, line.observed]);
  return html`${table('Probabilities of all campaigns, by tenths', ['recommendations', 'predicted', 'bought'], rows)}
<p class="note">${formatNumber(bought)} of ${formatNumber(pairs)} recommendations were bought, ${formatNumber(expected)} expected. Brier score ${brier ?? '–'}, of the rate of all ${brierOfRate ?? '–'}.</p>`;
}

/** Section on the last evaluation on held-out purchases: whether the lists beat the popularity baselines, with intervals. */
export function evaluationSection({ evaluation }: QualityFigures): Html {
  if (!evaluation) {
    return html`<p class="note">No evaluation yet: run basketwise evaluate, and the next report shows it.</p>`;
  }
  const tests = evaluation.windows.map((window) => html`<li>${windowText(window)}</li>`);
  return html`<p class="note">The last evaluation in this output folder:</p><ul>${tests}</ul>${reliability(evaluation)}${evaluation.pooled.map(pooled)}${evaluation.campaigns.map(evaluated)}`;
}

/** Section on the last tuning: the gain of the best parameters. */
export function tuningSection({ tuning }: QualityFigures): Html | null {
  if (!tuning) return null;
  const { window, metric, campaigns } = tuning;
  const rows = campaigns.map(({ campaign, tested, trials, current, best, minusCurrent, minusPopularity }): Cell[] => [
    ...[campaign, tested, trials, current, best?.score ?? null],
    best
      ? Object.entries(best.parameters)
          .map(([name, value]) => `${name} ${value}`)
          .join(', ')
      : null,
    ...[estimate(minusCurrent), estimate(minusPopularity)],
  ]);
  const head = [
    ...['campaign', 'customers', 'trials', `${metric} of the config`, `${metric} of the best trial`, 'its parameters'],
    ...['later, minus the config', 'later, minus popularity'],
  ];
  return html`<p class="note">Inner split: trained as of ${window.at}, tested on purchases after ${window.from} up to ${window.to}.
A best trial is the luckiest of many: its evidence is what it reached, once, in the later window that no trial saw.</p>${table('The last tuning in this output folder', head, rows)}`;
}
