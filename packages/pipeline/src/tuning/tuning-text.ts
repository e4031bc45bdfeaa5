import { stringify } from 'yaml';
import type { CampaignTuning, TuningReport } from './tune.ts';

const best = 10;

/** Chosen parameters as a fragment of the config, with what speaks for them. */
export function tuningFragment({ window, metric, campaigns }: TuningReport): string {
  const tested = `trained as of ${window.at}, tested on acquisitions after ${window.from} up to ${window.to}`;
  const chosen = campaigns.filter(({ trials }) => trials.length > 0);
  const evidence = chosen.map(
    ({ campaign, tested: customers, trials, current }) =>
      `# ${campaign}: ${metric} ${trials[0]!.score.toFixed(4)} over ${customers} customers, best of ${trials.length} trials; the config's model ${current.toFixed(4)}\n`,
  );
  const models = Object.fromEntries(chosen.map(({ campaign, trials }) => [campaign, { model: trials[0]!.parameters }]));
  return `# Chosen by basketwise tune, ${tested}. Merge into the config.\n${evidence.join('')}${stringify({ campaigns: models })}`;
}

function section({ campaign, tested, current, trials }: CampaignTuning, metric: string): string {
  if (trials.length === 0) return `## ${campaign}\n\nNobody to test in the inner window: nothing was tried.\n`;
  const names = Object.keys(trials[0]!.parameters) as (keyof (typeof trials)[number]['parameters'])[];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  const rows = trials
    .slice(0, best)
    .map(({ parameters, score }) => [...names.map((n) => String(parameters[n])), score.toFixed(4)]);
  const table = [[...names, metric], [...names, metric].map(() => '---'), ...rows].map(line).join('');
  const head = `${tested} customers, ${trials.length} trials; model of the config: ${current.toFixed(4)}.`;
  return `## ${campaign}\n\n${head}\n\n${table}`;
}

/** A tuning as Markdown: the best trials of each campaign. */
export function tuningText(report: TuningReport): string {
  const { at, from, to } = report.window;
  const head = `# Tuning\n\nInner split: trained as of ${at}, tested on acquisitions after ${from} up to ${to}.\n`;
  return `${head}\n${report.campaigns.map((campaign) => section(campaign, report.metric)).join('\n')}`;
}
