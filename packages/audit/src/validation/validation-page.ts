import { windowText } from '@basketwise/core/parts';
import { countWords, percent } from '@basketwise/data/published';
import { type Cell, type Html, html, pagePolicy, pageStyle, table } from '@basketwise/page';
import { componentWords } from './component-words.ts';
import { weightChart } from './page-charts.ts';
import { checkSection, controlSection, limitSection } from './page-controls.ts';
import { driftSection, exposureSection, robustnessSection, stabilitySection } from './page-monitoring.ts';
import { calibrationSection, qualitySection, sliceSection } from './page-quality.ts';
import { readingSection } from './page-reading.ts';
import { boundWords } from './triggers.ts';
import { unknownTexts } from './unknown-figures.ts';
import type { ValidationFile } from './validation-file.ts';
import { summaryRows, testedWords, triggerSentence } from './validation-text.ts';

const code = (text: string | null) => html`<code>${text ?? '–'}</code>`;

function inventorySection(file: ValidationFile): Html {
  const { inventory } = file;
  const { owner, purpose, tier, reviewers, nextReview, run, referenceDate, asOf, campaigns, program, config } = inventory;
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
    ['config', code(config)],
  ];
  return html`<h2 id="inventory">Inventory entry</h2>${table('The model', ['fact', 'value'], rows)}
<p class="note">Purpose, owner, tier, reviewers and next review are texts of the section <code>validation</code> of the config, which can name persons or units. Tiers are those of the bank's inventory.
The config cannot state developers, users, past reviews or their results: the bank's inventory must. The section on controls says whether runs need approvals.</p>`;
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
  return html`${beyondBounds(triggers)}${table('Findings', ['figure', 'value'], summaryRows(file))}${judgedTable}${unknown}${beyondTable(triggers)}`;
}

/** Products that a rule withholds from customers: by code, of a class, or all. */
function withheldText({ class: of, products }: ValidationFile['data']['rules'][number]): string {
  if (products !== undefined) return `products ${products.join(', ')}`;
  return of === undefined ? 'all products' : `class ${of}`;
}

function dataSection({ data }: ValidationFile): Html {
  const { tables, files, snapshot, first, last, counts, features, rules, warnings } = data;
  const sources = tables.map((one): Cell[] => [one.table, one.from]);
  const hashes: Cell[][] = [
    ['input files', code(files)],
    ['tables as read', code(snapshot)],
  ];
  const named = rules.map((rule): Cell[] => [
    ...[rule.reason, withheldText(rule), code(rule.require), rule.isProtected ? 'yes' : 'no'],
  ]);
  const period = first === null ? 'Holdings have no dates.' : `Holdings opened from ${first} to ${last}.`;
  return html`<h2 id="data">Data</h2><p>${period}</p>
${table('Tables', ['table', 'from'], sources)}${table('Same hashes, same data', ['what', 'sha256'], hashes)}
${table(
  'Rows used and left out',
  ['table', 'rows', 'number'],
  counts.map((one): Cell[] => [one.table, one.rows, one.count]),
)}
${
  features.length === 0
    ? html`<p class="note">Models rank only by holdings and their dates.</p>`
    : table(
        'Features that models may rank by, besides holdings and their dates',
        ['feature', 'from'],
        features.map(({ name, from }): Cell[] => [name, code(from)]),
      )
}
${named.length === 0 ? html`<p class="note">No rule of eligibility.</p>` : table('Rules of eligibility', ['reason', 'withheld', 'from customers who do not fulfil', 'names a protected column'], named)}
${warnings.length === 0 ? html`<p class="note">The run gave no warning.</p>` : html`<h3>Warnings of the run</h3><ul>${warnings.map((one) => html`<li>${one}</li>`)}</ul>`}`;
}

/** Table of the weights of a model's components in this run and in earlier runs. */
function weightTable({ components, earlier }: ValidationFile['models'][number]): Html {
  const rows = components.map(({ name, weight }): Cell[] => [
    ...[name, weight, ...earlier.map(({ weights }) => weights[name] ?? null)],
  ]);
  return table('Weights of its components, by run', ['component', 'this run', ...earlier.map(({ run }) => run)], rows);
}

function modelSection(one: ValidationFile['models'][number]): Html {
  const { campaign, kind, about, clusters, targets, served, components, effects } = one;
  const parts =
    components.length === 0
      ? html`<p class="note">One model, without components.</p>`
      : html`${weightChart(one)}${weightTable(one)}`;
  return html`<h3>${campaign}</h3><p><b>${kind}</b>: ${about}</p>
<p>${clusters === null ? null : html`The config lets this model differ by the cluster of a customer in the scheme ${clusters} (<code>by_cluster</code>). `}Customers with a list: ${countWords(served)} of ${countWords(targets)} targets.</p>${parts}
${effects.length === 0 ? html`<p class="note">No effect of features.</p>` : html`<p>Largest effects of features on the choice between products:</p><ul>${effects.map((text) => html`<li>${text}</li>`)}</ul>`}`;
}

/** Table that explains the components of all models; null without components. */
function componentTable({ models }: ValidationFile): Html | null {
  const names = new Set(models.flatMap(({ components }) => components.map(({ name }) => name)));
  const rows = [...names].flatMap((name): Cell[][] => {
    const meaning = componentWords[name];
    return meaning === undefined ? [] : [[name, meaning]];
  });
  return rows.length === 0 ? null : table('Components', ['component', 'score of a product for a customer'], rows);
}

const links = [
  ...[
    'inventory',
    'data',
    'models',
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

/** HTML page of a validation pack: self-contained, printable, without scripts or requests. All its figures are in validation.json, of which `hash` is the sha256. */
export function validationPage(file: ValidationFile, hash: string): string {
  const { inventory, windows, robustness } = file;
  const title = `Validation of ${inventory.run}`;
  const tests = windows.map((window) => html`<li>${windowText(window as Parameters<typeof windowText>[0])}</li>`);
  const most = robustness.reduce((share, { changed }) => Math.max(share, changed ?? 0), 0);
  const tiles: [string, string | number][] = [
    ['campaigns', inventory.campaigns.length],
    ['beyond bounds', file.triggers.length],
    ['weak slices', file.slices.weak.length],
    ['lists changed by a removed product, at most', robustness.length === 0 ? '–' : percent(most)],
  ];
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">${pagePolicy}<meta name="viewport" content="width=device-width"><title>${title}</title><style>${pageStyle}code{overflow-wrap:anywhere}</style></head>
<body><main><h1>${title}</h1><p class="note">For ${inventory.owner}. Numbers of customers are rounded down to tens; a dash stands for one below 10, or for one that
would reveal such a number. <a href="#reading">How to read</a> defines the terms, at the end.</p>
<div class="tiles">${tiles.map(([name, value]) => html`<div><b>${value}</b>${name}</div>`)}</div>
${findings(file)}
<nav>${links}</nav>
${inventorySection(file)}
${dataSection(file)}
<h2 id="models">Models</h2>${file.models.map(modelSection)}${componentTable(file)}
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
