import { percent } from '@basketwise/data/published';
import { type Cell, figureCell, type Html, html, percentCell, table, unknownFigure } from '@basketwise/page';
import { ratioChart, shiftChart } from './page-charts.ts';
import { gapCell, ratioCell } from './page-quality.ts';
import type { ValidationFile } from './validation-file.ts';
import { testedWords } from './validation-text.ts';

/** Loss of NDCG with its interval, and as a share of the NDCG before. */
function lossCells({ ndcg, lost }: ValidationFile['losses'][number]): Cell[] {
  if (lost === null) return [ndcg, unknownFigure, unknownFigure];
  const share = ndcg > 0 && !lost.level ? `${lost.mean > 0 ? 'lost' : 'gained'} ${percent(Math.abs(lost.mean) / ndcg)}` : '';
  return [ndcg, gapCell(lost), lost.level ? 'none proven' : share];
}

/** Table of the NDCG of test customers after changes; null without figures. */
function lossTable(
  { losses, length }: ValidationFile,
  title: string,
  isIn: (one: ValidationFile['losses'][number]) => boolean,
): Html | null {
  const rows = losses
    .filter(isIn)
    .map((one): Cell[] => [
      one.campaign,
      one.change,
      one.customers,
      percentCell(one.changed),
      percentCell(one.otherFirst),
      ...lossCells(one),
    ]);
  const metric = `NDCG@${length}`;
  const head = [
    'campaign',
    'change',
    'test customers',
    'lists changed',
    'another first product',
    metric,
    `loss in ${metric}`,
    'verdict',
  ];
  return rows.length === 0 ? null : table(title, head, rows);
}

const isOfLearning = ({ change }: { change: string }) => change === 'one learning window less';

/** Section on robustness: changes of lists after the loss of a holding, and quality after wrong inputs. */
export function robustnessSection(file: ValidationFile): Html {
  const { robustness } = file;
  const rows = robustness.map(({ campaign, customers, changed, changedOthers }): Cell[] => [
    ...[campaign, customers, percentCell(changed), percentCell(changedOthers)],
  ]);
  return html`<h2 id="robustness">Robustness</h2><p>In the newest window 5 % of the customers lose a random holding, together with all holdings of the same product. The same models then make their lists anew.
A list counts as changed if an entry or the order of entries differs. Scores depend on the holdings, and the lost product can be recommended again; a customer who held one product has none left.</p>
${rows.length === 0 ? html`<p class="note">Not known.</p>` : table('Lists of these customers', ['campaign', 'customers', 'lists changed', 'changed, without the entry of the lost product'], rows)}
<p class="note">Customers: all with a list who lost a product.</p>
<p>A changed list can be as good as before. Therefore a second test measures NDCG before and after a change: each test customer of all windows loses a product or all features, or gets the features of another test customer.</p>
${lossTable(file, 'Test customers with wrong inputs', (one) => !isOfLearning(one)) ?? html`<p class="note">Not known: fewer than 20 test customers.</p>`}`;
}

type Exposure = ValidationFile['exposure'][number];

function exposureOf({ column, campaign, groups, small }: Exposure, length: number): Html {
  const title = `${column} in ${campaign}: served share over that of the largest group`;
  const hasProbability = groups.some(({ probability }) => probability !== null);
  const rows = groups.map(({ group, customers, served, largest, share, ratio, most, probability, ...one }): Cell[] => [
    ...[group, customers, served, percentCell(share), largest ? 'largest' : ratioCell(ratio, { most })],
    ...(hasProbability ? [probability === null ? unknownFigure : percent(probability, 2)] : []),
    ...[one.tested, figureCell(one.recall), largest ? 'largest' : gapCell(one.recallMinus), one.flagged ? 'below 0.8' : ''],
  ]);
  const head = [
    'group',
    'customers',
    'with a list',
    'share',
    'ratio to the largest',
    ...(hasProbability ? ['mean probability'] : []),
    'test customers',
    `recall@${length}`,
    'recall minus that of the largest',
    'flag of the share',
  ];
  const chart = ratioChart(
    title,
    'ratio',
    groups.map(({ group, ratio }) => ({ label: group, ratio })),
  );
  return html`<div class="groups">${chart}${table(`${column} in ${campaign}`, head, rows)}</div>
${small > 0 ? html`<p class="note">Groups of too few customers, not shown: ${small}.</p>` : null}`;
}

/** Text on the features and clusters that models may use: columns that the config does not protect. */
function featuresUsed({ data: { features }, calibration }: ValidationFile): Html {
  if (features.length === 0) return html`<p>No model uses features or clusters of customers.</p>`;
  const reported = calibration.some(({ by }) => by.startsWith('feature ')) ? ' The section on calibration reports by them.' : '';
  const named = features.map(({ name, from }, i) => html`${i === 0 ? '' : '; '}<b>${name}</b> (${from})`);
  return html`<p>Not protected by this config: the columns of customers by which models may rank, ${named}.${reported}</p>`;
}

/** The same figures by features, which models may use, so that groups may differ; null without features. */
function personalFeatures({ featureExposure, length }: ValidationFile): Html | null {
  if (featureExposure.length === 0) return null;
  return html`<h3>By features</h3><p>The same shares by the features that models may use. No bound judges them: features decide which products a customer gets, and rules of eligibility can name them.</p>${featureExposure.map((one) => exposureOf(one, length))}`;
}

/** Section on exposure: shares of customers with a list, by groups of protected columns. */
export function exposureSection(file: ValidationFile): Html {
  const { exposure, length } = file;
  if (exposure.length === 0)
    return html`<h2 id="exposure">Protected columns</h2><p class="note">No figures: no column is protected, or the run did not read it.</p>${featuresUsed(file)}${personalFeatures(file)}`;
  return html`<h2 id="exposure">Protected columns</h2><p>The config protects these columns, and no model uses them: a config that scores one is refused. A group is flagged if its share of customers with a list is below 0.8 of that of the
largest group, not of the best served one: compare the shares, too. Target customers differ between groups, so a flag needs an explanation.</p>${featuresUsed(file)}
<p class="note">Groups are those of the customers table as the run read it; for recall, of the present table, also in past windows. Mean probability: of the list entries of the group in this run, the probability ${testedWords(file).probability}.
Recall: of the test customers of the windows, also those without a product before. Of many differences without a true one, about 5 in 100 are not level by chance.</p>${exposure.map((one) => exposureOf(one, length))}${personalFeatures(file)}`;
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
      verdict ?? 'no verdict',
    ],
  ]);
  const agreement = lists.map(({ campaign, customers, sameFirst, jaccard, overlap }): Cell[] => [
    ...[campaign, customers, percentCell(sameFirst), jaccard, overlap],
  ]);
  const since = realised.map(({ campaign, customers, ndcg, ratio }): Cell[] => [campaign, customers, ndcg, ratioCell(ratio)]);
  return html`<h3>Against ${against}, as of ${referenceDate}</h3>${variables.length === 0 ? null : shiftChart(one)}
${table('Shift of variables', ['variable', 'of', 'bins', 'index', 'noise', 'shift'], shifts)}
${agreement.length === 0 ? null : table('Lists of customers with one in both runs', ['campaign', 'customers', 'same first product', 'Jaccard', 'rank-biased overlap'], agreement)}
${since.length === 0 ? null : table('Lists of the earlier run on the purchases since', ['campaign', 'customers', `NDCG@${length}`, 'over that of the newest test window'], since)}`;
}

/** Section on drift and stability without an earlier run: from the newest window to the run, and with one learning window less. */
export function stabilitySection(file: ValidationFile): Html {
  const { since } = file;
  const less = lossTable(file, 'Lists of models that learned from one window less', isOfLearning);
  const changes = since === null ? html`<p class="note">Not known: it needs test windows and dates.</p>` : sinceTables(since);
  return html`<h2 id="stability">Stability</h2><p>${seedText(file)}</p>${changes}
${less === null ? null : html`<p>In each window the weights were also learned without the newest learning window before it.</p>${less}`}`;
}

/** Text on the random parts of the fits. */
function seedText({ models }: ValidationFile): string {
  const random = models.filter((one) => one.random.length > 0);
  const none = models.filter((one) => one.random.length === 0).map(({ campaign }) => campaign);
  const without =
    none.length === 0
      ? ''
      : `No random part: ${none.join(', ')}. No component begins with random numbers, even if its parameters name a seed: another seed makes the same lists.`;
  const parts = random.map((one) => `${one.campaign} (${one.random.join(', ')})`);
  return [
    ...(without === '' ? [] : [without]),
    ...(parts.length === 0
      ? []
      : [`A seed of the config draws a part of the fit: ${parts.join('; ')}. Lists with another seed are not measured.`]),
  ].join(' ');
}

function sinceTables({ at, variables, lists }: NonNullable<ValidationFile['since']>): Html {
  const shifts = variables.map(({ variable, campaign, bins, psi, noise, verdict }): Cell[] => [
    ...[variable, campaign ?? 'all customers', bins, psi, noise === null ? unknownFigure : String(noise)],
    verdict ?? 'no verdict',
  ]);
  const agreement = lists.map(({ campaign, customers, sameFirst, jaccard, overlap }): Cell[] => [
    ...[campaign, customers, percentCell(sameFirst), jaccard, overlap],
  ]);
  return html`<p>From ${at}, the training date of the newest window, to the run: customers of that date against those of the run; purchases of the window before each date; lists of the window against those of the run, with models learned anew. Of these, the bound psi judges features and products held.</p>
<p class="note">Lists have no verdict: models learned anew from few purchases move the lists of many customers at once, and the level of probabilities follows the sales of the campaign. Purchases / expected by window, in the section on calibration, is the error of that level.</p>
${table(`Shift since ${at}`, ['variable', 'of', 'bins', 'index', 'noise', 'shift'], shifts)}
${agreement.length === 0 ? null : table(`Lists of customers with one on ${at} and in the run`, ['campaign', 'customers', 'same first product', 'Jaccard', 'rank-biased overlap'], agreement)}`;
}

/** Section on drift: comparisons with earlier runs. */
export function driftSection({ drift, length }: ValidationFile): Html {
  if (drift.length === 0) return html`<h2 id="drift">Drift</h2><p class="note">There is no earlier run to compare with.</p>`;
  return html`<h2 id="drift">Drift</h2><p>The population stability index of customers has a noise: the mean index without any shift. Above the noise, it is stable below
0.1, and shifted above 0.25. That of lists also has the change of the models, which each run fits anew: compare it with that of earlier runs. Lists of an earlier run that do much worse on later purchases than the model in the newest test window are a sign
that a model uses data of a later date.</p>${drift.map((one) => comparisonOf(one, length))}`;
}
