import { publicReport, type RunReport } from './run-report.ts';

const style = `body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:64rem;padding:0 1rem;color:#1a1a1a}
table{border-collapse:collapse;margin:1rem 0}th,td{padding:.3rem .8rem;border-bottom:1px solid #ddd;text-align:right}
th:first-child,td:first-child{text-align:left}th{background:#f4f4f4}caption{text-align:left;font-weight:600;padding:.3rem 0}`;

function escapeText(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function cell(value: number | string | null | undefined): string {
  if (typeof value === 'string') return escapeText(value);
  return value === null || value === undefined ? '&lt; 10' : value.toLocaleString('en-US');
}

function table(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly (number | string | null | undefined)[])[],
): string {
  const line = (tag: string, values: readonly string[]) =>
    `<tr>${values.map((value) => `<${tag}>${value}</${tag}>`).join('')}</tr>`;
  return `<table><caption>${escapeText(caption)}</caption><thead>${line('th', head.map(escapeText))}</thead>
<tbody>${rows.map((row) => line('td', row.map(cell))).join('\n')}</tbody></table>`;
}

function share(part: number, of: number): string {
  return of === 0 ? '-' : `${((100 * part) / of).toFixed(1)} %`;
}

/** A plain page about a run, complete in itself: the funnel, then a table per campaign. */
export function reportPage(report: RunReport): string {
  const { referenceDate, run, data, clusters, campaigns, warnings } = publicReport(report);
  const { customers, holdings, products } = data;
  const title = `Recommendations as of ${referenceDate}`;
  const funnel = table(
    'Funnel',
    ['campaign', 'targets', 'served', 'list entries', 'distinct baskets', 'models', 'coverage'],
    [
      ...campaigns.map((campaign) => [
        campaign.campaign,
        ...[campaign.targets, campaign.served, campaign.rows, campaign.baskets, campaign.models.length],
        share(campaign.appearing, campaign.recommendable),
      ]),
    ],
  );
  const input = table(
    'What was read',
    ['table', 'read', 'kept'],
    [
      ['customers', customers.read, customers.kept],
      ['products', products.read, products.read],
      ['holdings', holdings.read, holdings.kept],
    ],
  );
  const details = campaigns.map((campaign) =>
    table(
      campaign.campaign,
      ['what', 'customers'],
      [
        ['targets', campaign.targets],
        ['served', campaign.served],
        ...Object.entries(campaign.unserved).map(([reason, count]) => [`not served: ${reason}`, count] as const),
        ...Object.entries(campaign.suppressed).map(([reason, count]) => [`fails the rule ${reason}`, count] as const),
        ...Object.entries(campaign.sources).map(([source, count]) => [`list entries by ${source}`, count] as const),
      ],
    ),
  );
  const schemes = clusters.map(({ scheme, sizes }) =>
    table(
      `Clusters: ${scheme}`,
      ['cluster', 'customers'],
      sizes.map((size, cluster) => [String(cluster), size]),
    ),
  );
  const notes =
    warnings.length > 0
      ? `<h2>Warnings</h2><ul>${warnings.map((warning) => `<li>${escapeText(warning)}</li>`).join('')}</ul>`
      : '';
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeText(title)}</title><style>${style}</style></head>
<body><h1>${escapeText(title)}</h1><p>Run ${escapeText(run)}</p>
${notes}
${[input, funnel, ...details, ...schemes].join('\n')}
</body></html>
`;
}
