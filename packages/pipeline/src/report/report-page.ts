import { formatNumber, type Html, html, pagePolicy, pageStyle } from '@basketwise/page';
import type { PublicReport } from './run-report.ts';
import { campaignSection, earlierSection, funnelSection, probabilitySection, verdictSection } from './sections-campaign.ts';
import { clusterSection, segmentSection } from './sections-customers.ts';
import { offerSection } from './sections-offers.ts';
import { outcomeSection } from './sections-outcomes.ts';
import { evaluationSection, tuningSection } from './sections-quality.ts';
import { changeSection, originSection, rowsSection, stageSection } from './sections-run.ts';

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
