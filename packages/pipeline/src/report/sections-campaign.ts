import { windowText } from '@basketwise/core';
import { percent } from '@basketwise/data/base';
import { type Cell, type Html, html, percentCell, table } from '@basketwise/page';
import { barChart, histogram, pairedBarChart, partsChart } from '@basketwise/page/charts';
import { verdictsText, verdictText } from '@basketwise/recommend';
import { probabilityTexts } from '../config/campaign-plan.ts';
import type { PublicReport } from './run-report.ts';

type Campaign = PublicReport['campaigns'][number];

function coverage({ appearing, recommendable }: Campaign): string {
  return recommendable === 0 ? '–' : percent(appearing / recommendable);
}

/**
 * First section of a report: whether the lists were better than the popularity baselines in past windows. Includes the
 * difference and its interval.
 */
export function verdictSection({ campaigns }: PublicReport): Html {
  const windows = campaigns.flatMap(({ verdict }) => (verdict ? [verdict.window] : []));
  if (windows.length === 0) return html`<p class="note">${verdictsText(campaigns)}</p>`;
  const rows = campaigns.map(({ campaign, model, verdict }): Cell[] => [
    ...[campaign, model.kind, verdictText(verdict)],
    ...[verdict?.ndcg ?? null, verdict?.windows ?? null, verdict?.tested ?? null],
  ]);
  return html`${table('Lists against best sellers', ['campaign', 'model', 'lists are', 'NDCG@5', 'windows', 'customers tested'], rows)}
<p class="note">Newest window: ${windowText(windows[0]!)}. NDCG@5 is 1 if the products that a customer then purchased lead their list, less the
later they come, and 0 if none is among the first five.</p>`;
}

/** Paragraph on the meaning of `probability` in the lists. */
export function probabilitySection({ probability }: PublicReport): Html {
  if (probability === null) return html`<p class="note">The lists have no probabilities.</p>`;
  return html`<p class="note">In the lists, <code>probability</code> is ${probabilityTexts[probability]}.</p>`;
}

/** Table of the purchases in earlier windows against their forecasts. It shows how far the forecasts were off. */
export function earlierSection({ campaigns }: PublicReport): Html {
  const rows = campaigns.flatMap(({ campaign, earlier }): Cell[][] => {
    if (!earlier || earlier.windows === 0) return [];
    const { windows, bought, expected, ratio } = earlier;
    const [value, low, high] = ratio ? [ratio.value, ratio.low, ratio.high].map((share) => share.toFixed(2)) : [];
    return [[campaign, windows, bought, expected, ratio ? `${value} [${low}, ${high}]` : null]];
  });
  if (rows.length === 0) return html``;
  return table(
    'Purchases of earlier windows, against the forecasts that probabilities follow',
    ['campaign', 'windows', 'purchases', 'forecast', 'purchases / forecast [95 %]'],
    rows,
  );
}

/** Chart of each campaign's targets: customers served with a list, and customers without a list by reason. */
function pathChart(campaigns: readonly Campaign[]): Html {
  const wholes = campaigns.map(({ campaign, served, unserved }) => ({
    label: campaign,
    parts: [{ name: 'served', value: served }, ...Object.entries(unserved).map(([name, value]) => ({ name, value }))],
  }));
  return partsChart('Targets of each campaign: served, and why not', 'customers', wholes);
}

/** Section on the numbers of targets, lists and recommended products of each campaign. */
export function funnelSection({ campaigns }: PublicReport): Html {
  const rows = campaigns.map((campaign): Cell[] => [
    campaign.campaign,
    ...[campaign.targets, campaign.served, campaign.rows, campaign.baskets, campaign.models.length],
    ...[campaign.recommendable, campaign.appearing, coverage(campaign)],
  ]);
  const head = [
    'campaign',
    'targets',
    'served',
    'recommendations',
    'distinct baskets',
    'models',
    'on sale',
    'recommended',
    'coverage',
  ];
  return html`${pathChart(campaigns)}${table('From targets to recommendations', head, rows)}`;
}

function exclusions(campaign: Campaign): Html {
  const counts = (label: string, record: Campaign['unserved']) =>
    Object.entries(record).map(([reason, count]): Cell[] => [`${label}${reason}`, count]);
  return table(
    `${campaign.campaign}: every target, by what became of it`,
    ['what', 'customers'],
    [
      ['targets', campaign.targets],
      ['served', campaign.served],
      ...counts('not served: ', campaign.unserved),
      ...counts('fails the rule ', campaign.suppressed),
    ],
  );
}

function products({ campaign, products }: Campaign): Html {
  const rows = products.map(({ code, name, first, firstShare, heldShare }): Cell[] => [
    ...[code, name, first],
    ...[percentCell(firstShare), percentCell(heldShare)],
  ]);
  return html`${pairedBarChart(
    `${campaign}: recommended first, against held`,
    '% of lists, % of holdings',
    ['recommended first', 'held'],
    products.map(({ name, firstShare, heldShare }) => ({
      label: name,
      values: [(firstShare ?? 0) * 100, (heldShare ?? 0) * 100],
    })),
  )}${table('Products most often recommended first', ['code', 'product', 'lists led', 'share of lists', 'share of holdings'], rows)}`;
}

type Decision = NonNullable<NonNullable<Campaign['choice']>['decision']>;

/** Candidates of an automatic model, and the decision between the learned one and its challenger. */
function choiceTable({ window, tested, trials, decision }: NonNullable<Campaign['choice']>): Html {
  const title = `Choice of the model: ${windowText(window)} (${tested ?? 'fewer than 10'} customers)`;
  const rows = trials.map(({ name, spec, score }): Cell[] => [name, spec.kind, score]);
  return html`${table(title, ['candidate', 'kind', 'NDCG@5'], rows)}
${decision === undefined ? null : html`<p class="note">${decisionText(decision, window.folds === undefined ? 'window' : 'fold')}</p>`}`;
}

/** Decision between the learned model and its challenger: the difference, its standard error, and the windows or folds that decided. */
export function decisionText(
  { challenger, replaces, folds, tested, difference, standardError }: Decision,
  unit: 'window' | 'fold',
): string {
  const apart = `NDCG@5 ${Math.abs(difference).toFixed(4)} ${difference < 0 ? 'lower' : 'higher'} than`;
  const compared = difference === 0 ? 'the same NDCG@5 as' : apart;
  const where = `${folds} ${unit}${folds === 1 ? '' : 's'} (${tested ?? 'fewer than 10'} customers)`;
  const chosen = replaces ? challenger : 'next-purchase';
  return `Decided by ${where}: ${challenger} has ${compared} next-purchase (standard error ${standardError.toFixed(4)}). Chosen: ${chosen}.`;
}

/** Section on one campaign: its funnel, recommendations, scores and models. */
export function campaignSection(campaign: Campaign): Html {
  const { scores, models, sources, choice } = campaign;
  const modelRows = models.map((model): Cell[] => [
    model.cluster === null ? 'all' : String(model.cluster),
    ...[model.customers, model.baskets, model.columns, model.factors, model.iterations, model.objective],
  ]);
  const lists = Object.entries(sources).map(([source, count]) => ({ label: source, value: count }));
  return html`${exclusions(campaign)}
${campaign.products.length > 0 ? products(campaign) : html`<p class="note">No customer was served.</p>`}
${scores.length > 0 ? histogram(`${campaign.campaign}: scores of first places`, { x: 'score', y: 'customers' }, scores) : null}
${lists.length > 1 ? barChart('Recommendations by source', 'recommendations', lists) : null}
${choice === null ? null : choiceTable(choice)}
${table('Models', ['cluster', 'customers', 'distinct baskets', 'columns', 'factors', 'iterations', 'objective'], modelRows)}`;
}
