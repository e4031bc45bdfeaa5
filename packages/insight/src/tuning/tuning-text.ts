import { plainLine } from '@basketwise/core/base';
import type { PublishedCount } from '@basketwise/data/base';
import { type Html, html, markdownTable, markdownText, pagePolicy, pageStyle, table, textTable, wrapped } from '@basketwise/page';
import { flatParameters } from '@basketwise/pipeline';
import type { Gap } from '@basketwise/recommend';
import { stringify } from 'yaml';
import { gapVerdict, shortGapText as narrowGap } from '../evaluation/evaluation-summary.ts';
import type { TuningTrial } from './trials-file.ts';
import type { CampaignTuning, TuningEvidence, TuningReport } from './tuning-report.ts';

const best = 10;

/** Model as one line of text, such as `lookup: prior 3, base.kind ease, base.regularization 100`. */
function flatModelText(flat: ReadonlyMap<string, string | number>): string {
  const parameters = [...flat].flatMap(([name, value]) => (name === 'kind' ? [] : [`${name} ${value}`]));
  return `${flat.get('kind') ?? "the campaign's"}${parameters.length > 0 ? ': ' : ''}${parameters.join(', ')}`;
}

/**
 * Table of trials, best first: their parameters and scores. There is a column per parameter, or a single column for all
 * parameters if the trials have different kinds of models.
 */
function trialTable(trials: readonly TuningTrial[], metric: string): { head: string[]; rows: (string | number)[][] } {
  const flat = trials.map(({ parameters }) => flatParameters(parameters));
  const isMixed = new Set(flat.map((parameters) => parameters.get('kind'))).size > 1;
  const names = isMixed ? ['model'] : [...new Set(flat.flatMap((parameters) => [...parameters.keys()]))];
  const isPartial = trials.some(({ share }) => share < 1);
  const rows = trials.map(({ share, score }, i) => [
    ...(isMixed ? [flatModelText(flat[i]!)] : names.map((name) => flat[i]!.get(name) ?? '')),
    ...(isPartial ? [`${Math.round(share * 100)} %`] : []),
    score.toFixed(4),
  ]);
  return { head: [...names, ...(isPartial ? ['customers'] : []), metric], rows };
}

function customersText(count: PublishedCount): string {
  return count === null ? 'fewer than 10 customers' : `${count} customers`;
}

function signedGap(gap: Gap | null): string {
  if (gap === null) return 'too few customers for an interval';
  const signed = (value: number) => `${value < 0 ? '' : '+'}${value.toFixed(4)}`;
  return `${signed(gap.mean)} (95 %: ${signed(gap.low)} .. ${signed(gap.high)})${gap.level ? ', level' : ''}`;
}

/**
 * Sentences with the evidence for the chosen parameters: in the inner window, which chose them, and in the outer window.
 */
function evidenceLines({ tested, trials, current, evidence }: CampaignTuning, { metric, outer }: TuningReport): string[] {
  const own = current === null ? '' : `; the config's model ${current.toFixed(4)}`;
  const lines = [
    `inner split: ${metric} ${trials[0]!.score.toFixed(4)} over ${customersText(tested)}, best of ${trials.length} trials${own}`,
  ];
  const window = `after ${outer.from} up to ${outer.to}`;
  if (evidence === null) return [...lines, `no test customers ${window}: no evidence outside the split of the choice`];
  lines.push(
    `outer window, not used before, ${window}: ${metric} ${evidence.chosen.toFixed(4)} over ${customersText(evidence.tested)}`,
  );
  if (evidence.current !== null)
    lines.push(`minus the config's model (${evidence.current.toFixed(4)}): ${signedGap(evidence.minusCurrent)}`);
  return [...lines, `minus popularity (${evidence.popularity.toFixed(4)}): ${signedGap(evidence.minusPopularity)}`];
}

/** The chosen parameters as a part of a config, with the evidence as comments. */
export function tuningFragment(report: TuningReport): string {
  const { window, campaigns } = report;
  const tried = campaigns.filter(({ trials }) => trials.length > 0);
  const isBetter = ({ trials, current }: CampaignTuning) => current === null || trials[0]!.score > current;
  const evidence = tried.map((campaign) => {
    const lines = evidenceLines(campaign, report);
    if (!isBetter(campaign)) lines.push("left out below: the config's model is at least as good");
    return `# ${campaign.campaign}\n${lines.map((line) => `#   ${line}\n`).join('')}`;
  });
  // The fragment names the kind of the model, because the model of the config may be of another kind.
  const models = Object.fromEntries(
    tried.filter(isBetter).map(({ campaign, trials }) => [campaign, { model: { kind: 'als', ...trials[0]!.parameters } }]),
  );
  const head = `# Chosen by basketwise tune, trained as of ${window.at}, tested on purchases after ${window.from} up to ${window.to}. Merge into the config.\n`;
  return `${head}${evidence.join('')}${stringify({ campaigns: models }, { aliasDuplicateObjects: false })}`;
}

function campaignTuningText(campaign: CampaignTuning, report: TuningReport): string {
  const { trials } = campaign;
  if (trials.length === 0)
    return `## ${campaign.campaign}\n\nFewer than 20 test customers in the inner window: nothing was tried.\n`;
  const { head, rows } = trialTable(trials.slice(0, best), report.metric);
  const evidence = evidenceLines(campaign, report).map((text) => `- ${markdownText(text)}\n`);
  return `## ${markdownText(campaign.campaign)}\n\n${evidence.join('')}\n${markdownTable(head, rows)}`;
}

/** Results of a tuning as Markdown: for each campaign the choice, the evidence and the best trials. */
export function tuningText(report: TuningReport): string {
  const { at, from, to } = report.window;
  const head = `# Tuning\n\nInner split: trained as of ${at}, tested on purchases after ${from} up to ${to}.\n`;
  return `${head}\n${report.campaigns.map((campaign) => campaignTuningText(campaign, report)).join('\n')}`;
}

/**
 * Results of a tuning as text for the terminal, 80 columns wide. For each campaign it has a table of the chosen and the compared
 * models, and a sentence of advice.
 */
export function tuningSummary(report: TuningReport): string {
  const { metric, outer } = report;
  const head = wrapped(`Chosen on an inner split, tested once on purchases after ${outer.from} up to ${outer.to}.`);
  return `${head}\n${report.campaigns.map((campaign) => summarySection(campaign, metric)).join('\n')}`;
}

function summarySection({ campaign, trials, current, evidence }: CampaignTuning, metric: string): string {
  const title = (tested: PublishedCount) => wrapped(`${plainLine(campaign)}: ${customersText(tested)} tested`);
  if (trials.length === 0) return `${title(null)}${wrapped('Too few test customers: nothing was tried.', { indent: '  ' })}`;
  const chosen = wrapped(`chosen of ${trials.length}: ${flatModelText(flatParameters(trials[0]!.parameters))}`, { indent: '  ' });
  if (evidence === null)
    return `${title(0)}${chosen}${wrapped('No test customers outside the split of the choice.', { indent: '  ' })}`;
  const own = evidence.current === null ? [] : [['  model of the config', evidence.current.toFixed(4), '', '']];
  const rows = [
    ['  chosen', evidence.chosen.toFixed(4), narrowGap(evidence.minusPopularity), gapVerdict(evidence.minusPopularity)],
    ...own,
    ['  popularity', evidence.popularity.toFixed(4), '', ''],
  ];
  const advice = wrapped(tuningAdvice({ trials, current, evidence }), { indent: '  ' });
  return `${title(evidence.tested)}${textTable([['  model', metric, 'to popularity (95 %)', 'verdict'], ...rows])}${chosen}${advice}`;
}

/** Sentence of advice on the chosen parameters. */
function tuningAdvice({
  trials,
  current,
  evidence,
}: Pick<CampaignTuning, 'trials' | 'current'> & { evidence: TuningEvidence }): string {
  const { minusCurrent, minusPopularity } = evidence;
  if (gapVerdict(minusPopularity) === 'worse')
    return 'Do not take it: outside the split of the choice it is worse than popularity.';
  if (current === null)
    return "The config's model is chosen in each run: compare this one with it by `basketwise evaluate` before you replace it (tune.yaml).";
  if (trials[0]!.score <= current) return "Keep the config's model: on the inner split it is at least as good.";
  if (gapVerdict(minusCurrent) === 'worse') return "Keep the config's model: outside the split of the choice it is better.";
  return `Take it from tune.yaml${minusCurrent ? `: difference from the config's model ${narrowGap(minusCurrent)}, ${gapVerdict(minusCurrent)}` : ''}.`;
}

function campaignHtml(campaign: CampaignTuning, report: TuningReport): Html {
  const name = html`<h2>${campaign.campaign}</h2>`;
  if (campaign.trials.length === 0)
    return html`${name}<p>Fewer than 20 test customers in the inner window: nothing was tried.</p>`;
  const { head, rows } = trialTable(campaign.trials, report.metric);
  return html`${name}<ul>${evidenceLines(campaign, report).map((line) => html`<li>${line}</li>`)}</ul>
<details><summary>All ${campaign.trials.length} trials, best first</summary>${table(campaign.campaign, head, rows)}</details>`;
}

/** Results of a tuning as a self-contained page: evidence and all trials of each campaign. */
export function tuningPage(report: TuningReport): string {
  const { at, from, to } = report.window;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">${pagePolicy}<meta name="viewport" content="width=device-width"><title>Tuning</title><style>${pageStyle}</style></head>
<body><main><h1>Tuning</h1><p class="note">Inner split: trained as of ${at}, tested on purchases after ${from} up to ${to}. The chosen models were tested once on purchases after ${report.outer.from} up to ${report.outer.to}.</p>
${report.campaigns.map((campaign) => campaignHtml(campaign, report))}
</main></body></html>
`.text;
}
