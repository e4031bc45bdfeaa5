import { percent } from '@basketwise/data/published';
import { type Cell, figureCell, type Html, html, percentCell, table, unknownFigure } from '@basketwise/page';
import { ratioChart, shiftChart } from './page-charts.ts';
import { ratioCell } from './page-quality.ts';
import type { ValidationFile } from './validation-file.ts';
import { testedWords } from './validation-text.ts';

/** Section on robustness: changes of lists after the loss of a holding. */
export function robustnessSection({ robustness, length }: ValidationFile): Html {
  const rows = robustness.map(({ campaign, customers, changed, changedOthers, ndcg, lost }): Cell[] => [
    ...[campaign, customers, percentCell(changed), percentCell(changedOthers), figureCell(ndcg), figureCell(lost)],
  ]);
  return html`<h2 id="robustness">Robustness</h2><p>In the newest window 5 % of the customers lose a random holding, together with all holdings of the same product. The same models then make their lists anew.
A list counts as changed if an entry or the order of entries differs. Scores depend on the holdings, and the lost product can be recommended again; a customer who held one product has none left.</p>
${rows.length === 0 ? html`<p class="note">Not known.</p>` : table('Lists of these customers', ['campaign', 'customers', 'lists changed', 'changed, without the entry of the lost product', `NDCG@${length}`, `loss in NDCG@${length}`], rows)}
<p class="note">Customers: all with a list who lost a product. NDCG is not known if fewer than 20 of them were test customers.</p>`;
}

function exposureOf({ column, campaign, groups, small }: ValidationFile['exposure'][number], length: number): Html {
  const title = `${column} in ${campaign}: served share over that of the largest group`;
  const rows = groups.map(({ group, customers, served, largest, share, ratio, most, probability, recall, flagged }): Cell[] => [
    ...[group, customers, served, percentCell(share), largest ? 'largest' : ratioCell(ratio, { most })],
    ...[probability === null ? unknownFigure : percent(probability, 2), figureCell(recall), flagged ? 'below 0.8' : 'no'],
  ]);
  const head = [
    'group',
    'customers',
    'with a list',
    'share',
    'ratio to the largest',
    'mean probability',
    `recall@${length}`,
    'flag',
  ];
  const chart = ratioChart(
    title,
    'ratio',
    groups.map(({ group, ratio }) => ({ label: group, ratio })),
  );
  return html`${chart}${table(`${column} in ${campaign}`, head, rows)}
${small > 0 ? html`<p class="note">Groups of too few customers, not shown: ${small}.</p>` : null}`;
}

/** Text on the features and clusters that models may use: columns that the config does not protect. */
function featuresUsed({ data: { features }, calibration }: ValidationFile): Html {
  if (features.length === 0) return html`<p>No model uses features or clusters of customers.</p>`;
  const reported = calibration.some(({ by }) => by.startsWith('feature ')) ? ' The section on calibration reports by them.' : '';
  const named = features.map(({ name, from }, i) => html`${i === 0 ? '' : '; '}<b>${name}</b> (${from})`);
  return html`<p>Not protected by this config: the columns of customers by which models may rank, ${named}.${reported}</p>`;
}

/** Section on exposure: shares of customers with a list, by groups of protected columns. */
export function exposureSection(file: ValidationFile): Html {
  const { exposure, length } = file;
  if (exposure.length === 0)
    return html`<h2 id="exposure">Protected columns</h2><p class="note">No figures: no column is protected, or the run did not read it.</p>${featuresUsed(file)}`;
  return html`<h2 id="exposure">Protected columns</h2><p>The config protects these columns, and no model uses them: a config that scores one is refused. A group is flagged if its share of customers with a list is below 0.8 of that of the
largest group. Target customers differ between groups, so a flag needs an explanation.</p>${featuresUsed(file)}
<p class="note">Groups are those of the customers table as the run read it; for recall, of the present table, also in past windows. Mean probability: of the list entries of the group in this run, the probability ${testedWords(file).probability}.
Recall: of the test customers of the windows, also those without a product before.</p>${exposure.map((one) => exposureOf(one, length))}`;
}

function comparisonOf(one: ValidationFile['drift'][number], length: number): Html {
  const { against, referenceDate, variables, lists, realised } = one;
  const shifts = variables.map(({ variable, campaign, bins, psi, noise, verdict }): Cell[] => [
    ...[
      variable,
      campaign ?? 'all customers',
      bins,
      psi,
      noise === null ? unknownFigure : String(noise),
      verdict ?? unknownFigure,
    ],
  ]);
  const agreement = lists.map(({ campaign, customers, sameFirst, jaccard, overlap }): Cell[] => [
    ...[campaign, customers, percentCell(sameFirst), jaccard, overlap],
  ]);
  const since = realised.map(({ campaign, customers, ndcg, ratio }): Cell[] => [campaign, customers, ndcg, ratioCell(ratio)]);
  return html`<h3>Against ${against}, as of ${referenceDate}</h3>${variables.length === 0 ? null : shiftChart(one)}
${table('Shift of variables', ['variable', 'of', 'bins', 'index', 'noise', 'shift'], shifts)}
${agreement.length === 0 ? null : table('Lists of customers with one in both runs', ['campaign', 'customers', 'same first product', 'Jaccard', 'rank-biased overlap'], agreement)}
${since.length === 0 ? null : table('Lists of the earlier run on the purchases since', ['campaign', 'customers', `NDCG@${length}`, 'over that of the test windows'], since)}`;
}

/** Section on drift: comparisons with earlier runs. */
export function driftSection({ drift, length }: ValidationFile): Html {
  if (drift.length === 0) return html`<h2 id="drift">Drift</h2><p class="note">There is no earlier run to compare with.</p>`;
  return html`<h2 id="drift">Drift</h2><p>The population stability index of customers has a noise: the mean index without any shift. Above the noise, it is stable below
0.1, and shifted above 0.25. That of lists also has the change of the models, which each run fits anew: compare it with that of earlier runs. Lists of an earlier run that do much worse on later purchases than the model in the test windows are a sign
that a model uses data of a later date.</p>${drift.map((one) => comparisonOf(one, length))}`;
}
