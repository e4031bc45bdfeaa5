import { percent } from '@basketwise/data/published';
import { type Cell, type Html, html, percentCell, table } from '@basketwise/page';
import { ratioChart, shiftChart } from './page-charts.ts';
import { ratioCell } from './page-quality.ts';
import type { ValidationFile } from './validation-file.ts';

/** Lists after the loss of a holding. */
export function robustnessSection({ robustness }: ValidationFile): Html {
  const rows = robustness.map(({ campaign, customers, changed, ndcg, lost }): Cell[] => [
    ...[campaign, customers, percent(changed), ndcg, lost],
  ]);
  return html`<h2 id="robustness">Robustness</h2><p>In the newest window 5 % of the customers lose a random holding, and get a list anew.</p>
${rows.length === 0 ? html`<p class="note">Not known.</p>` : table('Lists of these customers', ['campaign', 'customers', 'lists changed', 'NDCG@5', 'loss in NDCG@5'], rows)}`;
}

function exposureOf({ column, campaign, groups, small }: ValidationFile['exposure'][number]): Html {
  const title = `${column} in ${campaign}: served share over that of the largest group`;
  const most = Math.max(...groups.map(({ customers }) => customers ?? 0));
  const rows = groups.map(({ group, customers, served, share, ratio, probability, recall, flagged }): Cell[] => [
    ...[group, customers, served, percentCell(share), ratioCell(ratio) ?? (customers === most ? 'largest' : null)],
    ...[probability === null ? null : percent(probability, 2), recall, flagged ? 'below 0.8' : ''],
  ]);
  const head = ['group', 'customers', 'with a list', 'share', 'ratio to the largest', 'mean probability', 'recall@5', 'flag'];
  const chart = ratioChart(
    title,
    'ratio',
    groups.map(({ group, ratio }) => ({ label: group, ratio })),
  );
  return html`${chart}${table(`${column} in ${campaign}`, head, rows)}
${small > 0 ? html`<p class="note">Groups of too few customers, not shown: ${small}.</p>` : null}`;
}

/** Exposure by protected columns. */
export function exposureSection({ exposure }: ValidationFile): Html {
  if (exposure.length === 0)
    return html`<h2 id="exposure">Protected columns</h2><p class="note">No figures: no column is protected, or the run did not read it.</p>`;
  return html`<h2 id="exposure">Protected columns</h2><p>No model uses these columns: a config that scores one is refused. A group with less than 0.8 of the
share of the largest group is flagged. Targets of campaigns differ between groups, so that a flag is a question, not an answer.</p>${exposure.map(exposureOf)}`;
}

function comparisonOf(one: ValidationFile['drift'][number]): Html {
  const { against, referenceDate, variables, lists, realised } = one;
  const shifts = variables.map(({ variable, campaign, bins, psi, noise, mark }): Cell[] => [
    ...[variable, campaign ?? 'all customers', bins, psi, String(noise), mark],
  ]);
  const agreement = lists.map(({ campaign, customers, sameFirst, jaccard, overlap }): Cell[] => [
    ...[campaign, customers, percent(sameFirst), jaccard, overlap],
  ]);
  const bought = realised.map(({ campaign, customers, ndcg, ratio }): Cell[] => [campaign, customers, ndcg, ratioCell(ratio)]);
  return html`<h3>Against ${against}, as of ${referenceDate}</h3>${variables.length === 0 ? null : shiftChart(one)}
${table('Shift of variables', ['variable', 'of', 'bins', 'index', 'noise', 'shift'], shifts)}
${agreement.length === 0 ? null : table('Lists of customers with one in both runs', ['campaign', 'customers', 'same first product', 'Jaccard', 'rank-biased overlap'], agreement)}
${bought.length === 0 ? null : table('Lists of the earlier run on the purchases since', ['campaign', 'customers', 'NDCG@5', 'over that of the test windows'], bought)}`;
}

/** Drift against earlier runs. */
export function driftSection({ drift }: ValidationFile): Html {
  if (drift.length === 0) return html`<h2 id="drift">Drift</h2><p class="note">There is no earlier run to compare with.</p>`;
  return html`<h2 id="drift">Drift</h2><p>The population stability index is computed from all customers. Its noise is the mean index without any shift. Above the
noise, 0.1 is some shift and 0.25 a major one. Lists of an earlier run that do much worse on later purchases than the model in the test windows are a sign
that a model uses data of a later date.</p>${drift.map(comparisonOf)}`;
}
