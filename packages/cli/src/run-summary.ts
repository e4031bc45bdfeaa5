import { plainLine } from '@basketwise/core/base';
import { countWords, type PublishedCount, percent } from '@basketwise/data/base';
import { outcomeSentences } from '@basketwise/offers';
import { labelledText, textTable, wrapped } from '@basketwise/page';
import { type Config, type Summarised, summaryAnswers } from '@basketwise/pipeline';
import { verdictText } from '@basketwise/recommend';

type RunOffers = NonNullable<Summarised['offers']>;

/** Largest number of capacities that are named. The number of further ones is given. */
const namedCapacities = 5;

/** Config, paths of the results, and terminal width for a summary. */
export interface SummaryOptions {
  config: Config;
  /** Paths of the results, by name. */
  files: Readonly<Record<string, string>>;
  width: number;
}

/**
 * Summary of a run for the terminal: campaigns, verdicts on their lists, offers, the answers for a manager, and paths of the results.
 * Small numbers are suppressed, and others rounded, as in the report.
 */
export function summaryText(summary: Summarised, { config, files, width }: SummaryOptions): string {
  const { run, campaigns, offers, outcomes, stages } = summary;
  const countOf = (status: string) => stages.filter((stage) => stage.status === status).length;
  const [skipped, taken] = [countOf('skipped'), countOf('taken')];
  const unchanged = `${skipped} unchanged and skipped${taken > 0 ? `, ${taken} taken from other runs` : ''}`;
  const verdicts = campaigns.map(({ campaign, verdict }) => wrapped(`${campaign}: ${verdictText(verdict)}`, { width }).trimEnd());
  const answers = summaryAnswers(summary);
  const [nameWidth, questionWidth] = [Object.keys(files), answers.map(([question]) => question)].map(
    (names) => Math.max(...names.map(({ length }) => length)) + 2,
  );
  return `${[
    `run ${run}: ${stages.length} stages, ${unchanged}`,
    '',
    ...targetsTable(campaigns),
    '',
    ...(campaigns.some(({ verdict }) => verdict !== null)
      ? ['lists against best sellers, in past windows:', ...verdicts, '']
      : []),
    ...(offers ? [...offerTable(offers, config.offers?.control?.share, width), ''] : []),
    ...outcomeLines(outcomes, width),
    ...answers.map(([question, answer]) => labelledText(question.padEnd(questionWidth!), answer, width).trimEnd()),
    '',
    ...Object.entries(files).map(([name, path]) => `${name.padEnd(nameWidth!)}${path}`),
  ].join('\n')}\n`;
}

function targetsTable(campaigns: Summarised['campaigns']): string[] {
  const head = ['campaign', 'targets', 'served', 'distinct baskets', 'models', 'coverage'];
  const rows = campaigns.map((campaign) => [
    campaign.campaign,
    ...[campaign.targets, campaign.served, campaign.baskets, campaign.models.length].map(countCell),
    campaign.recommendable === 0 ? '-' : percent(campaign.appearing / campaign.recommendable),
  ]);
  return splitLines(textTable([head, ...rows]));
}

/**
 * Lines on the decided offers: their number by campaign, the control, and the capacities that are exhausted.
 * @param share share of the control, 0 to 1; absent: there is no control
 */
function offerTable({ campaigns, control, capacities }: RunOffers, share: number | undefined, width: number): string[] {
  const head = ['offers of', 'candidates', 'contacted', 'in control', 'offers'];
  const rows = campaigns.map(({ campaign, candidates, offered, reasons, offers }) => [
    campaign,
    ...[candidates, offered, reasons.control ?? null, offers].map(countCell),
  ]);
  const controlText =
    share === undefined
      ? 'control: none, so the effect of the offers cannot be measured'
      : `control: ${percent(share)} of the customers, ${countOrBound(control.customers)} in all; ${countOrBound(control.decided)} would get offers`;
  return [
    ...splitLines(textTable([head, ...rows])),
    ...[controlText, bindingText(capacities)].map((text) => wrapped(text, { width }).trimEnd()),
  ];
}

/** Lines on the effect of earlier offers, one per campaign. Empty before the first window has ended. */
function outcomeLines(outcomes: Summarised['outcomes'], width: number): string[] {
  if (!outcomes || outcomes.outcomes.length === 0) return [];
  const sentences = outcomeSentences(outcomes).map(({ group, text }) => wrapped(`${group}: ${text}`, { width }).trimEnd());
  return ['effect of earlier offers:', ...sentences, ''];
}

/** Names of the capacities that are exhausted, those with the highest shadow prices first. */
function bindingText(capacities: RunOffers['capacities']): string {
  const binding = capacities
    .flatMap(({ name, price }) => (price ? [{ name, price: Math.abs(price) }] : []))
    .sort((a, b) => b.price - a.price)
    .map(({ name }) => name);
  const more = binding.length - namedCapacities;
  const names = binding.slice(0, namedCapacities).join(', ');
  return `capacities that bind: ${names || 'none'}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Published number as text for a sentence: the number, or its upper bound. */
function countOrBound(value: PublishedCount): string {
  return value === null ? countWords(value) : countCell(value);
}

function countCell(value: PublishedCount): string {
  return value === null ? '-' : value.toLocaleString('en-US');
}

const splitLines = (text: string) => text.trimEnd().split('\n');

/** Largest width of a line of messages on stderr. A word that is longer gets a line of its own. */
const warningWidth = 100;

/** Breaks a text into lines, and indents all but the first. */
function wrapWarning(text: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.trim() !== '' && line.length + 1 + word.length > warningWidth) {
      lines.push(line);
      line = `  ${word}`;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one) => `${one}\n`).join('');
}

/** Warnings as text for stderr, each once. If several campaigns have the same warning, it names them all. */
export function warningsText(warnings: readonly string[]): string {
  const campaigns = new Map<string, string[]>();
  for (const warning of warnings) {
    const [, campaign, text = plainLine(warning)] = /^campaigns\.([^.:]+): ([\s\S]*)$/.exec(warning) ?? [];
    const named = campaigns.get(text) ?? [];
    if (campaign !== undefined && !named.includes(campaign)) named.push(campaign);
    campaigns.set(text, named);
  }
  return [...campaigns]
    .map(([text, named]) => {
      const [first, ...others] = named;
      const who = first === undefined ? '' : others.length === 0 ? `campaigns.${first}: ` : `campaigns ${named.join(', ')}: `;
      return wrapWarning(`warning: ${who}${text}`);
    })
    .join('');
}
