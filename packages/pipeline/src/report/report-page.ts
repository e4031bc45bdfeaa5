import { countWords, percent } from '@basketwise/data/base';
import { type Cell, type Html, html, htmlParts, pagePolicy, pageStyle, table } from '@basketwise/page';
import { barChart } from '@basketwise/page/charts';
import type { PublicReport } from './run-report.ts';

import { campaignSection, earlierSection, funnelSection, probabilitySection, verdictSection } from './sections-campaign.ts';
import { clusterSection, segmentSection } from './sections-customers.ts';
import { offerSection } from './sections-offers.ts';
import { outcomeSection } from './sections-outcomes.ts';
import { evaluationSection, tuningSection } from './sections-quality.ts';
import { summaryAnswers, summaryTable } from './summary.ts';

/** First screen: the answers for a manager, and a row for each campaign. */
function firstScreen(report: PublicReport): Html {
  const link = report.contactList && html` <a href="${report.contactList.file}">Open the list</a>`;
  const answers = summaryAnswers(report).map(
    ([question, answer], i) => html`<dt>${question}</dt><dd>${answer}${i === 0 ? link : null}</dd>`,
  );
  return html`<dl>${answers}</dl>${htmlParts([summaryTable(report)])}`;
}

/** Section for analysts, closed until it is wanted. Null if it is empty. */
function section(id: string, title: string, body: Html | null): Html | null {
  return body === null || body.text === ''
    ? null
    : html`<details id="${id}"><summary><h2>${title}</h2></summary>${body}</details>`;
}

function warnings(report: PublicReport): Html {
  if (report.warnings.length === 0) return html``;
  return html`<div class="warnings"><h2>Warnings</h2><ul>${report.warnings.map((warning) => html`<li>${warning}</li>`)}</ul></div>`;
}

/** Report page of a run: self-contained, without scripts or requests, readable in print. All of its figures are in report.json. */
export function reportPage(report: PublicReport): string {
  const title = `Recommendations as of ${report.referenceDate}`;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">${pagePolicy}<meta name="viewport" content="width=device-width"><title>${title}</title><style>${pageStyle}</style></head>
<body><main><h1>${title}</h1><p class="note">Run ${report.run}. Numbers of customers are rounded down to tens; a dash stands for one
below 10, or for one that would reveal such a number.</p>
${firstScreen(report)}
${warnings(report)}
<h2>For analysts</h2>
${section('verdicts', 'Lists against best sellers', html`${verdictSection(report)}${probabilitySection(report)}${earlierSection(report)}`)}
${section('targets', 'From targets to recommendations', funnelSection(report))}
${section('offers', 'Offers', offerSection(report))}
${section('effect', 'Effect of earlier offers', outcomeSection(report))}
${section('change', 'Since the previous run', changeSection(report))}
${report.campaigns.map((campaign) => section(campaign.campaign, campaign.campaign, campaignSection(campaign)))}
${section('clusters', 'Clusters', clusterSection(report))}
${section('segments', 'Segments', segmentSection(report))}
${section('quality', 'Hold-out', evaluationSection(report))}
${section('tuning', 'Tuning', tuningSection(report))}
${section('read', 'What was read', rowsSection(report))}
${section('stages', 'Time and memory', stageSection(report))}
${section('origin', 'Origin', originSection(report))}
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
  return html`<p class="note">Compared with run ${previous.run}.</p>
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
  return html`${counted('Customers', customers)}${counted('Products', products)}${counted('Holdings', holdings)}${listed}`;
}

/** Section on time and memory of every stage. */
export function stageSection({ stages }: PublicReport): Html {
  const rows = stages.map(({ name, status, seconds, peakMemory }): Cell[] => [name, status, seconds, peakMemory]);
  const times = stages.map(({ name, seconds }) => ({ label: name, value: seconds }));
  return html`${barChart('Seconds by stage', 's', times)}
${table('Stages', ['stage', 'status', 'seconds', 'peak memory, MiB'], rows)}`;
}

/** Section with the hashes of the data, the config and the program of the run. */
export function originSection({ inputs, run }: PublicReport): Html {
  const rows = Object.entries({ run, ...inputs }).map(([name, hash]): Cell[] => [name, html`<code>${hash ?? '–'}</code>`]);
  return html`${table('Same hashes, same results', ['what', 'hash'], rows)}`;
}
