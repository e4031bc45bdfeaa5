import { countWords, percent } from '@basketwise/data/published';
import { type Cell, formatNumber, type Html, html, pagePolicy, pageStyle, table } from '@basketwise/page';
import { barChart } from '@basketwise/page/charts';
import type { PublicReport } from './run-report.ts';

import { campaignSection, earlierSection, funnelSection, probabilitySection, verdictSection } from './sections-campaign.ts';
import { clusterSection, segmentSection } from './sections-customers.ts';
import { offerSection } from './sections-offers.ts';
import { outcomeSection } from './sections-outcomes.ts';
import { evaluationSection, tuningSection } from './sections-quality.ts';

function tiles(report: PublicReport): Html {
  const sum = (of: 'served' | 'rows') => report.campaigns.reduce((total, campaign) => total + (campaign[of] ?? 0), 0);
  const facts: [string, number | null][] = [
    ['customers', report.data.customers.kept],
    ['holdings', report.data.holdings.kept],
    ['products on sale', report.data.products.onSale],
    ['campaigns', report.campaigns.length],
    ['lists', sum('served')],
    ['recommendations', sum('rows')],
  ];
  return html`<div class="tiles">${facts.map(([name, value]) => html`<div><b>${value === null ? '–' : formatNumber(value)}</b>${name}</div>`)}</div>`;
}

function warnings(report: PublicReport): Html {
  if (report.warnings.length === 0) return html`<p class="note">No warnings.</p>`;
  return html`<div class="warnings"><h2>Warnings</h2><ul>${report.warnings.map((warning) => html`<li>${warning}</li>`)}</ul></div>`;
}

/** Report page of a run: self-contained, without scripts or requests, readable in print. All of its figures are in report.json. */
export function reportPage(report: PublicReport): string {
  const title = `Recommendations as of ${report.referenceDate}`;
  const links = report.campaigns.map(({ campaign }) => html`<a href="#${campaign}">${campaign}</a>`);
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">${pagePolicy}<meta name="viewport" content="width=device-width"><title>${title}</title><style>${pageStyle}</style></head>
<body><main><h1>${title}</h1><p class="note">Run ${report.run}. Numbers of customers are rounded down to tens; a dash stands for one
below 10, or for one that would reveal such a number.</p>
${verdictSection(report)}
${probabilitySection(report)}
${earlierSection(report)}
${warnings(report)}
${tiles(report)}
<nav>${links} <a href="#clusters">clusters</a><a href="#segments">segments</a><a href="#quality">hold-out</a><a href="#run">run</a></nav>
${funnelSection(report)}
${offerSection(report)}
${outcomeSection(report)}
${changeSection(report)}
${report.campaigns.map(campaignSection)}
${clusterSection(report)}
${segmentSection(report)}
${evaluationSection(report)}
${tuningSection(report)}
${rowsSection(report)}
${stageSection(report)}
${originSection(report)}
</main></body></html>
`.text;
}

/** Section on changes since the previous run. */
export function changeSection({ previous }: PublicReport): Html | null {
  if (!previous) return html`<p class="note">There is no previous run to compare with.</p>`;
  const rows = previous.campaigns.map((change): Cell[] => [
    change.campaign,
    change.targets,
    change.served,
    percent(change.firstShift),
  ]);
  return html`<h2>Since the previous run</h2><p class="note">Compared with run ${previous.run}.</p>
${table('Change', ['campaign', 'targets', 'served', 'lists led by another product'], rows)}`;
}

/** Section on the number of rows read, and of rows excluded for each reason. */
export function rowsSection({ data }: PublicReport): Html {
  const { customers, products, holdings, unknownProducts } = data;
  const facts = (record: object) =>
    Object.entries(record).filter((fact): fact is [string, number | null] => fact[1] === null || typeof fact[1] === 'number');
  const counted = (caption: string, record: object) => table(caption, ['what', 'rows'], facts(record));
  const listed =
    unknownProducts.distinct !== 0
      ? html`<p>Holdings name ${countWords(unknownProducts.distinct)} products that the products table lacks: snapshot/unknown-products.csv of the run lists them.</p>`
      : null;
  return html`<h2 id="run">What was read</h2>
${counted('Customers', customers)}${counted('Products', products)}${counted('Holdings', holdings)}${listed}`;
}

/** Section on time and memory of every stage. */
export function stageSection({ stages }: PublicReport): Html {
  const rows = stages.map(({ name, status, seconds, peakMemory }): Cell[] => [name, status, seconds, peakMemory]);
  const times = stages.map(({ name, seconds }) => ({ label: name, value: seconds }));
  return html`<h2>Time and memory</h2>${barChart('Seconds by stage', 's', times)}
${table('Stages', ['stage', 'status', 'seconds', 'peak memory, MiB'], rows)}`;
}

/** Section with the hashes of the data, the config and the program of the run. */
export function originSection({ inputs, run }: PublicReport): Html {
  const rows = Object.entries({ run, ...inputs }).map(([name, hash]): Cell[] => [name, html`<code>${hash ?? '–'}</code>`]);
  return html`<h2>Origin</h2>${table('Same hashes, same results', ['what', 'hash'], rows)}`;
}
