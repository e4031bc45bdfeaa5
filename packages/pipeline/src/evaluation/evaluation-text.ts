import type { Interval } from './bootstrap.ts';
import type { CampaignCalibration } from './calibrate-side.ts';
import type { CampaignEvaluation } from './evaluate-campaign.ts';
import type { EvaluationWindow } from './windows.ts';

const number = (value: number) => (Number.isFinite(value) ? value.toFixed(4) : '');
const interval = (found: (Interval & { level?: boolean }) | null) =>
  found === null ? '' : `${number(found.mean)} (${number(found.low)} .. ${number(found.high)})${found.level ? ' level' : ''}`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}

/** An evaluation as Markdown tables, one section per campaign. */
export function evaluationText(windows: readonly EvaluationWindow[], campaigns: readonly CampaignEvaluation[]): string {
  const tests = windows.map(({ at, from, to }) => `- trained as of ${at}, tested on acquisitions after ${from} up to ${to}\n`);
  return `# Evaluation\n\n${tests.join('')}\n${campaigns.map(section).join('\n')}`;
}

function section({ campaign, targets, tested, models, products, calibration, notes }: CampaignEvaluation): string {
  const names = Object.keys(models[0]?.metrics ?? {});
  const head = ['model', ...names, '95 % of NDCG', 'minus popularity', 'minus best', 'coverage', 'mean popularity rank'];
  const rows = models.map(({ name, metrics, minusPopularity, minusBest, catalogue, ...model }) => [
    ...[name, ...names.map((metric) => number(metrics[metric]!)), interval(model.interval)],
    ...[interval(minusPopularity), interval(minusBest), number(catalogue.coverage), number(catalogue.meanPopularityRank)],
  ]);
  const sizes = models.flatMap(({ name, bySize }) =>
    Object.entries(bySize).flatMap(([size, { customers, ndcg }]) =>
      customers < 10 ? [] : [[name, size, String(customers), number(ndcg)]],
    ),
  );
  const response = products.map(({ product, auc, topDecileLift, buyers }) => [
    product,
    String(buyers),
    number(auc),
    number(topDecileLift),
  ]);
  return [
    `## ${campaign}\n\n${targets} targets, ${tested} of them took something that could be recommended.\n`,
    ...notes.map((note) => `- ${note}\n`),
    `\n${table(head, rows)}`,
    sizes.length > 0 ? `\nBy what was held:\n\n${table(['model', 'products', 'customers', 'NDCG'], sizes)}` : '',
    response.length > 0
      ? `\nModel of the config, by product:\n\n${table(['product', 'buyers', 'AUC', 'top-decile lift'], response)}`
      : '',
    calibration === null ? '' : calibrationText(calibration),
  ].join('');
}

/** How scores of the campaign's own model become probabilities, and how well. */
function calibrationText({ calibration, spec, pairs, bought, quality }: CampaignCalibration): string {
  const head = `\nProbability of ${spec.kind} scores: ${calibration.method}, on ${pairs} recommendations of which ${bought} were bought.`;
  if (quality === null) return `${head} Too few to judge it by.\n`;
  const { brier, brierOfRate, reliability } = quality;
  const rows = reliability.map(({ pairs: count, predicted, observed }) => [
    ...[String(count), number(predicted), number(observed)],
  ]);
  const judged = `Brier score ${brier.toFixed(6)} (the rate of all: ${brierOfRate.toFixed(6)}), by customers who did not make it:`;
  return `${head} ${judged}\n\n${table(['recommendations', 'predicted', 'bought'], rows)}`;
}
