import { type Cell, type Html, html, table } from '@basketwise/page';
import { componentWords } from './component-words.ts';
import { weightChart } from './page-charts.ts';
import type { ValidationFile } from './validation-file.ts';
import { groupedCount } from './validation-text.ts';

/** Table of the weights of a model's components in this run and in earlier runs. */
function weightTable({ components, earlier }: ValidationFile['models'][number]): Html {
  const rows = components.map(({ name, weight }): Cell[] => [
    ...[name, weight, ...earlier.map(({ weights }) => weights[name] ?? 'none')],
  ]);
  const title = earlier.length === 0 ? 'Weights of its components' : 'Weights of its components, by run';
  return table(title, ['component', 'this run', ...earlier.map(({ run }) => run)], rows);
}

/** Paragraph on the effects of features. */
function effectText({ effects }: ValidationFile['models'][number]): Html {
  return effects.length === 0
    ? html`<p class="note">Features of customers have no effect in this model: it has none, or they did not improve its fit to purchases.</p>`
    : html`<p>Largest effects of features on the choice between products:</p><ul>${effects.map((text) => html`<li>${text}</li>`)}</ul>`;
}

/** Section on a campaign's model: customers and products, selection, components, effects. */
function modelSection(one: ValidationFile['models'][number]): Html {
  const { campaign, kind, about, clusters, targets, served, components, scope, selection } = one;
  const parts =
    components.length === 0
      ? html`<p class="note">One model, without components.</p>`
      : html`<div class="beside">${weightChart(one)}${weightTable(one)}</div>`;
  return html`<h3>${campaign}</h3><p><b>${kind}</b>: ${about}</p>
<ul>${scope.map((text) => html`<li>${text}</li>`)}</ul><p>How it was chosen:</p><ul>${selection.map((text) => html`<li>${text}</li>`)}</ul>
<p>${clusters === null ? null : html`The config lets this model differ by the cluster of a customer in the scheme ${clusters} (<code>by_cluster</code>): the table of clusters describes them. `}Customers with a list: ${groupedCount(served)} of ${groupedCount(targets)} targets.</p>${parts}
${effectText(one)}`;
}

/** Table that explains the components of all models; null without components. */
function componentTable({ models }: ValidationFile): Html | null {
  const names = new Set(models.flatMap(({ components }) => components.map(({ name }) => name)));
  const rows = [...names].flatMap((name): Cell[][] => {
    const meaning = componentWords[name];
    return meaning === undefined ? [] : [[name, meaning]];
  });
  return rows.length === 0
    ? null
    : html`${table('Components', ['component', 'score of a product for a customer'], rows)}
<p class="note">Learned weights are of scores in standard deviations, so weights of different components can be compared. A weight has no interval in this pack.
Customers of a score are those of the training data of the campaign. A component without data in a campaign keeps its prior weight in the table; the model leaves it out, as it does one of weight 0 for all customers.</p>`;
}

/** Table of the clusters by which models may differ, with the columns in which each differs most; null without clusters. */
function clusterTable({ clusters }: ValidationFile): Html | null {
  const rows = clusters.map(({ scheme, cluster, customers, differs }): Cell[] => [
    ...[`${scheme}\u00a0${cluster}`, customers, differs.length === 0 ? 'not known' : differs.join('; ')],
  ]);
  return rows.length === 0
    ? null
    : html`${table('Clusters by which models may differ', ['cluster', 'customers', 'differs most in (mean; all customers of the scheme)'], rows)}
<p class="note">A cluster is a group of similar customers, by the columns in the table of features. A cluster of one class can help a campaign of another, because it describes the customer.</p>`;
}

/** Section on models: each campaign's model, then the meaning of components and clusters. */
export function modelsSection(file: ValidationFile): Html {
  return html`<h2 id="models">Models</h2>${file.models.map(modelSection)}${componentTable(file)}${clusterTable(file)}`;
}
