import { required } from '@basketwise/core/parts';
import { type Html, html, pagePolicy, pageStyle, table } from '@basketwise/page';
import { scoreMap } from '@basketwise/page/heat-maps';
import { flatParameters } from '@basketwise/pipeline/parts';
import type { TuningTrial } from './trials-file.ts';
import type { CampaignTuning, TuningReport } from './tuning-report.ts';
import { evidenceLines, trialTable } from './tuning-text.ts';

/** Largest number of rows and of columns of a heat map. Larger grids are shown only as a table. */
const longestAxis = 40;

/**
 * Heat maps of a campaign, one per kind of model. The axes are the two parameters with most values. A cell shows the best score of
 * the trials with its two values.
 */
function heatMaps({ campaign, trials }: CampaignTuning, metric: string): Html[] {
  const byKind = new Map<string, Map<string, string | number>[]>();
  const scores = new Map<Map<string, string | number>, number>();
  for (const { parameters, score } of wholeTrials(trials)) {
    const flat = flatParameters(parameters);
    const kind = String(flat.get('kind') ?? '');
    byKind.set(kind, [...(byKind.get(kind) ?? []), flat]);
    scores.set(flat, score);
  }
  return [...byKind].flatMap(([kind, tried]) => {
    const names = [...new Set(tried.flatMap((flat) => [...flat.keys()]))];
    const valuesOf = (name: string) => [...new Set(tried.map((flat) => flat.get(name) ?? '–'))].sort(compareValues);
    const varied = names.filter((name) => valuesOf(name).length > 1).sort((a, b) => valuesOf(b).length - valuesOf(a).length);
    const [x, y] = varied;
    if (x === undefined || valuesOf(x).length > longestAxis || (y !== undefined && valuesOf(y).length > longestAxis)) return [];
    const cells = valuesOf(x).flatMap((across) =>
      (y === undefined ? [''] : valuesOf(y)).flatMap((down) => {
        const inside = tried.filter(
          (flat) => (flat.get(x) ?? '–') === across && (y === undefined || (flat.get(y) ?? '–') === down),
        );
        if (inside.length === 0) return [];
        return [{ x: String(across), y: String(down), value: Math.max(...inside.map((flat) => required(scores, flat))) }];
      }),
    );
    const rest = varied.length > 2 ? `, the best over ${varied.slice(2).join(', ')}` : '';
    const title = `${campaign}${kind === '' ? '' : `, ${kind}`}: ${metric} by ${x}${y === undefined ? '' : ` and ${y}`}${rest}`;
    return [scoreMap(title, { x, y: y ?? '' }, cells)];
  });
}

/** Trials on all test customers. Their scores cannot be compared with scores on fewer customers. */
function wholeTrials(trials: readonly TuningTrial[]): TuningTrial[] {
  return trials.filter(({ share }) => share === 1);
}

function compareValues(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a) < String(b) ? -1 : 1;
}

function campaignHtml(campaign: CampaignTuning, report: TuningReport): Html {
  const name = html`<h2>${campaign.campaign}</h2>`;
  if (campaign.trials.length === 0)
    return html`${name}<p>Fewer than 20 test customers in the inner window: nothing was tried.</p>`;
  const { head, rows } = trialTable(campaign.trials, report.metric);
  return html`${name}<ul>${evidenceLines(campaign, report).map((line) => html`<li>${line}</li>`)}</ul>
${heatMaps(campaign, report.metric)}
<details><summary>All ${campaign.trials.length} trials, best first</summary>${table(campaign.campaign, head, rows)}</details>`;
}

/** Results of a tuning as a self-contained page: evidence, heat maps and all trials of each campaign. */
export function tuningPage(report: TuningReport): string {
  const { at, from, to } = report.window;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">${pagePolicy}<meta name="viewport" content="width=device-width"><title>Tuning</title><style>${pageStyle}</style></head>
<body><main><h1>Tuning</h1><p class="note">Inner split: trained as of ${at}, tested on purchases after ${from} up to ${to}. The chosen models were tested once on purchases after ${report.outer.from} up to ${report.outer.to}.</p>
${report.campaigns.map((campaign) => campaignHtml(campaign, report))}
</main></body></html>
`.text;
}
