import { windowText } from '@basketwise/core/parts';
import { percent } from '@basketwise/data/published';
import { type Cell, type Html, html, pagePolicy, pageStyle, table } from '@basketwise/page';
import { assumptionSection } from './page-assumptions.ts';
import { checkSection, controlSection, limitSection } from './page-controls.ts';
import { dataSection } from './page-data.ts';
import { modelsSection } from './page-models.ts';
import { driftSection, exposureSection, robustnessSection, stabilitySection } from './page-monitoring.ts';
import { calibrationSection, qualitySection, sliceSection } from './page-quality.ts';
import { readingSection } from './page-reading.ts';
import { statementText } from './statements.ts';
import { boundWords } from './triggers.ts';
import { unknownTexts } from './unknown-figures.ts';
import type { ValidationFile } from './validation-file.ts';
import { summaryRows, testedWords, triggerSentence, unproven, untestedCampaigns } from './validation-text.ts';

const code = (text: string | null) => html`<code>${text ?? '–'}</code>`;

function inventorySection(file: ValidationFile): Html {
  const { inventory } = file;
  const { owner, purpose, tier, reviewers, nextReview, run, referenceDate, asOf, campaigns, program, config } = inventory;
  const { seeds } = inventory;
  const stated = inventory.statements.map((one): Cell[] => [one.heading, statementText(one)]);
  const rows: Cell[][] = [
    ['purpose', purpose],
    ['owner', owner],
    ['tier', tier],
    ['reviewers', reviewers.join(', ') || 'none named'],
    ['next review', nextReview ?? 'no day named'],
    ['campaigns', campaigns.join(', ')],
    ['probability of a list entry', file.probability === null ? 'none' : testedWords(file).probability],
    ['run', run],
    ['recommends as of', referenceDate],
    [testedWords(file).asOf, asOf],
    ['program', code(program)],
    ['seeds', seeds.map(({ of, seed }) => `${of} ${seed}`).join(', ')],
    ['config', code(config)],
  ];
  return html`<h2 id="inventory">Inventory entry</h2>${table('The model', ['fact', 'value'], rows)}
${table('Statements of the bank', ['heading', 'statement'], stated)}
<p class="note">Purpose, owner, tier, reviewers, next review and statements are texts of the section <code>validation</code> of the config. No program checks them. "Not stated": a validator asks for it, and the config does not say it.
The section on controls says whether runs need approvals.</p>`;
}

/** Summary of the figures beyond each bound: their number, and the first figure. */
function beyondBounds(triggers: ValidationFile['triggers']): Html {
  if (triggers.length === 0) return html`<p><b>No figure is beyond a bound of the config.</b></p>`;
  const bounds = [...new Set(triggers.map(({ bound }) => bound))].map((bound) => {
    const own = triggers.filter((one) => one.bound === bound);
    const more = own.length === 1 ? '' : ` ${own.length - 1} more beyond it.`;
    return html`<li>${triggerSentence(own[0]!)}${more}</li>`;
  });
  return html`<div class="warnings"><h2>Beyond bounds</h2><ul>${bounds}</ul></div>`;
}

/** Table of all figures beyond bounds; null if there are none. */
function beyondTable(triggers: ValidationFile['triggers']): Html | null {
  const rows = triggers.map(({ bound, limit, found, where }): Cell[] => [bound, limit, found, where]);
  return rows.length === 0 ? null : table('All figures beyond bounds', ['bound', 'limit', 'figure', 'of'], rows);
}

function findings(file: ValidationFile): Html {
  const { bounds, triggers } = file;
  const [rules, missing] = [boundWords(testedWords(file).ratio) as Readonly<Record<string, string>>, unknownTexts(file)];
  const judged = bounds.map(({ bound, limit, figures, beyond }): Cell[] => [bound, limit, rules[bound] ?? null, figures, beyond]);
  const judgedTable =
    judged.length === 0
      ? null
      : html`${table('Bounds of the config', ['bound', 'limit', 'beyond it if', 'known figures', 'beyond'], judged)}
<p class="note">Where an interval decides, a figure shown can be past the limit and not be beyond it. Limits are choices of the bank. "How to read", at the end, defines the terms.</p>`;
  const unknown = missing.length === 0 ? null : html`<h3>Not known</h3><ul>${missing.map((text) => html`<li>${text}</li>`)}</ul>`;
  return html`${beyondBounds(triggers)}${unproven(file).map((text) => html`<p><b>${text}</b></p>`)}${table('Findings', ['figure', 'value'], summaryRows(file))}<p class="note">Quality and calibration are of all test windows together. Verdicts of the run, in the section on models, are of the newest one.</p>${judgedTable}${unknown}${beyondTable(triggers)}`;
}

const links = [
  ...[
    'inventory',
    'data',
    'models',
    'assumptions',
    'quality',
    'calibration',
    'slices',
    'robustness',
    'stability',
    'exposure',
    'drift',
    'controls',
    'checks',
    'limits',
    'reading',
  ],
].map((id) => html`<a href="#${id}">${id}</a> `);

/** Number of test windows, and the data from which models learn before each; null without windows. */
function windowNote(file: ValidationFile): Html | null {
  const { length } = file.windows;
  return length === 0 ? null : html`<p>${length} ${length === 1 ? 'window' : 'windows'}. ${testedWords(file).learned}</p>`;
}

/** Style of the pack beyond that of all pages. Print leaves out the charts of groups, whose tables have the same figures. */
const packStyle =
  'code{overflow-wrap:anywhere}td.number,.none{white-space:nowrap}.beside{display:flex;flex-wrap:wrap;align-items:flex-start;gap:0 1.5rem}.beside figure{flex:1 1 16rem;min-width:0}' +
  '@media print{h3,caption,p:has(+ul),summary{break-after:avoid}li,tr{break-inside:avoid}details figure,.groups figure{display:none}}';

/**
 * HTML page of a validation pack: self-contained, printable, without scripts or requests. All its figures are in validation.json.
 * @param hash sha256 of validation.json
 */
export function validationPage(file: ValidationFile, hash: string): string {
  const { inventory, windows, robustness } = file;
  const title = `Validation of ${inventory.run}`;
  const tests = windows.map((window) => html`<li>${windowText(window as Parameters<typeof windowText>[0])}</li>`);
  const most = robustness.reduce((share, { changed }) => Math.max(share, changed ?? 0), 0);
  const tiles: [string, string | number][] = [
    ['campaigns', inventory.campaigns.length],
    ['campaigns of unknown quality', untestedCampaigns(file).length],
    ['beyond bounds', file.triggers.length],
    [`weak slices, of ${file.slices.tests} tested`, file.slices.weak.length],
    ['lists changed by a removed product, in the campaign with most', robustness.length === 0 ? '–' : percent(most)],
  ];
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">${pagePolicy}<meta name="viewport" content="width=device-width"><title>${title}</title><style>${pageStyle}${packStyle}</style></head>
<body><main><h1>${title}</h1><p class="note">For ${inventory.owner}. Numbers of customers are rounded down to tens; a dash (–) stands for one of 1 to 9, or for one that
would reveal such a number. "Not known" stands for a figure that does not exist or is not shown, and 0 for none. <a href="#reading">How to read</a>, at the end, defines the terms.</p>
<div class="tiles">${tiles.map(([name, value]) => html`<div><b>${value}</b>${name}</div>`)}</div>
${findings(file)}
<nav>${links}</nav>
${inventorySection(file)}
${dataSection(file)}
${modelsSection(file)}
${assumptionSection(file)}
<h2 id="quality">${testedWords(file).heading}</h2><p class="note">${testedWords(file).how}</p><ul>${tests}</ul>
${windowNote(file)}
${file.quality.map((one) => qualitySection(one, file))}
${calibrationSection(file)}
${sliceSection(file)}
${robustnessSection(file)}
${stabilitySection(file)}
${exposureSection(file)}
${driftSection(file)}
${controlSection(file)}
${checkSection(file, hash)}
${limitSection(file)}
${readingSection(file)}
</main></body></html>
`.text;
}
