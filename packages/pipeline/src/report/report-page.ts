import { formatNumber, type Html, html } from './html.ts';
import type { PublicReport } from './run-report.ts';
import { campaignSection, funnelSection } from './sections-campaign.ts';
import { clusterSection, segmentSection } from './sections-customers.ts';
import { evaluationSection, tuningSection } from './sections-quality.ts';
import { changeSection, dataSection, originSection, stageSection } from './sections-run.ts';

const style = `:root{color-scheme:light dark;--line:#d5dbe0;--head:#eef3f6;--soft:#5b6770}
@media (prefers-color-scheme:dark){:root{--line:#3a444c;--head:#232b31;--soft:#a5b1ba}}
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:62rem;padding:1.5rem 1rem 4rem}
h1{margin-bottom:.2rem}h2{margin-top:2.5rem;border-bottom:2px solid var(--line)}nav{color:var(--soft)}nav a{margin-right:.8rem}
.scroll{overflow-x:auto}table{border-collapse:collapse;margin:1rem 0}th,td{padding:.25rem .7rem;border-bottom:1px solid var(--line);text-align:left}
th{background:var(--head)}caption{text-align:left;font-weight:600;padding:.3rem 0}.number{text-align:right;font-variant-numeric:tabular-nums}
.none{color:var(--soft)}.warnings{border-left:4px solid #c98a2b;padding:.2rem 1rem;background:#c98a2b22}figure{margin:1.2rem 0}
figcaption{font-weight:600;margin-bottom:.3rem}figcaption small{font-weight:400;color:var(--soft)}svg{max-width:100%;height:auto}
.warnings h2{margin-top:.5rem}.tiles,nav{margin:1.2rem 0}.tiles{display:flex;flex-wrap:wrap;gap:.8rem}.tiles div{border:1px solid var(--line);border-radius:.4rem;padding:.5rem 1rem;min-width:8rem}
.tiles b{display:block;font-size:1.5rem}.note{color:var(--soft)}
@media print{body{max-width:none;font-size:11px}h2{break-after:avoid}figure,table{break-inside:avoid}nav{display:none}}`;

function tiles(report: PublicReport): Html {
  const sum = (of: 'served' | 'rows') => report.campaigns.reduce((total, campaign) => total + (campaign[of] ?? 0), 0);
  const facts: [string, number][] = [
    ['customers', report.data.customers.kept],
    ['holdings', report.data.holdings.kept],
    ['products on sale', report.data.products.onSale],
    ['campaigns', report.campaigns.length],
    ['lists', sum('served')],
    ['recommendations', sum('rows')],
  ];
  return html`<div class="tiles">${facts.map(([name, value]) => html`<div><b>${formatNumber(value)}</b>${name}</div>`)}</div>`;
}

function warnings(report: PublicReport): Html {
  if (report.warnings.length === 0) return html`<p class="note">No warnings.</p>`;
  return html`<div class="warnings"><h2>Warnings</h2><ul>${report.warnings.map((warning) => html`<li>${warning}</li>`)}</ul></div>`;
}

/** The page about a run: complete in itself, without scripts or requests, readable in print. Every figure is one of report.json's. */
export function reportPage(report: PublicReport): string {
  const title = `Recommendations as of ${report.referenceDate}`;
  const links = report.campaigns.map(({ campaign }) => html`<a href="#${campaign}">${campaign}</a>`);
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${style}</style></head>
<body><h1>${title}</h1><p class="note">Run ${report.run}. A dash stands for a number of customers below 10.</p>
${warnings(report)}
${tiles(report)}
<nav>${links} <a href="#clusters">clusters</a><a href="#segments">segments</a><a href="#quality">hold-out</a><a href="#run">run</a></nav>
${funnelSection(report)}
${changeSection(report)}
${report.campaigns.map(campaignSection)}
${clusterSection(report)}
${segmentSection(report)}
${evaluationSection(report)}
${tuningSection(report)}
${dataSection(report)}
${stageSection(report)}
${originSection(report)}
</body></html>
`.text;
}
