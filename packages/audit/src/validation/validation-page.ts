import { windowText } from '@basketwise/core';
import { percent } from '@basketwise/data/base';
import { factTable, html, htmlParts, markdownParts, type Part, pagePolicy, pageStyle, tableOf } from '@basketwise/page';
import { assumptions, measures, numbersAndSigns, terms } from './definitions.ts';
import { driftSection, exposureSection, robustnessSection, stabilitySection } from './sections-monitoring.ts';
import { calibrationSection, gapCell, ndcgCell, qualityParts, sliceSection } from './sections-quality.ts';
import { checkSection, controlSection, dataSection, inventorySection, limitTexts, modelsSection } from './sections-run.ts';
import { boundWords } from './triggers.ts';
import { unknownTexts } from './unknown-figures.ts';
import type { ValidationFile } from './validation-file.ts';
import { summaryRows, testedWords, triggerSentence, unproven, untestedCampaigns } from './validation-text.ts';

/** Findings of a pack: figures beyond bounds, summary, bounds, and figures that are not known. */
function findings(file: ValidationFile): Part[] {
  const { bounds } = file;
  const rules: Readonly<Record<string, string>> = boundWords(testedWords(file).ratio);
  const missing = unknownTexts(file);
  return [
    ...unproven(file).map((strong) => ({ strong })),
    factTable('Findings', ['figure', 'value'], summaryRows(file), {
      note: 'Quality and calibration are of all test windows together. Verdicts of the run, in the section on models, are of the newest one.',
    }),
    tableOf(
      'Bounds of the config',
      bounds,
      {
        bound: 'bound',
        limit: 'limit',
        'beyond it if': ({ bound }) => rules[bound] ?? null,
        'known figures': 'figures',
        beyond: 'beyond',
      },
      {
        note: 'Where an interval decides, a figure shown can be past the limit and not be beyond it. Limits are choices of the bank.',
      },
    ),
    ...(missing.length === 0 ? [] : [{ heading: 'Not known' }, { list: missing }]),
  ];
}

/** Sentence on the figures beyond each bound: the first of them, and the number of the others. */
function beyondTexts(triggers: ValidationFile['triggers']): string[] {
  return [...new Set(triggers.map(({ bound }) => bound))].map((name) => {
    const [first, ...others] = triggers.filter(({ bound }) => bound === name);
    return `${triggerSentence(first!)}${others.length === 0 ? '' : ` ${others.length} more beyond it.`}`;
  });
}

function qualitySection(file: ValidationFile): Part[] {
  const { windows, quality } = file;
  const words = testedWords(file);
  return [
    { note: words.how },
    { list: windows.map((window) => windowText(window as Parameters<typeof windowText>[0])) },
    windows.length === 0 ? null : `${windows.length} ${windows.length === 1 ? 'window' : 'windows'}. ${words.learned}`,
    ...quality.flatMap((figures) => qualityParts(figures, file)),
  ];
}

/** Sections of a pack, in their order: place in the page, heading and parts. */
function sectionsOf(file: ValidationFile, hash: string): [id: string, heading: string, parts: Part[]][] {
  const head = ['term', 'meaning'] as const;
  return [
    ['inventory', 'Inventory entry', inventorySection(file)],
    ['data', 'Data', dataSection(file)],
    ['models', 'Models', modelsSection(file)],
    [
      'assumptions',
      'Assumptions',
      [
        factTable(
          'Assumptions, with their test or consequence',
          ['assumption', 'test, or consequence if it fails'],
          assumptions(file),
        ),
      ],
    ],
    ['quality', testedWords(file).heading, qualitySection(file)],
    ['calibration', 'Calibration', calibrationSection(file)],
    ['slices', 'Weak slices', sliceSection(file)],
    ['robustness', 'Robustness', robustnessSection(file)],
    ['stability', 'Stability', stabilitySection(file)],
    ['exposure', 'Protected columns', exposureSection(file)],
    ['drift', 'Drift', driftSection(file)],
    ['controls', 'Controls', controlSection(file)],
    ['checks', 'Checks', checkSection(file, hash)],
    ['limits', 'Limits', [{ list: limitTexts(file) }]],
    [
      'reading',
      'How to read',
      [
        factTable('Numbers and signs', head, numbersAndSigns),
        factTable('Measures', head, measures(file)),
        factTable('Terms', head, terms),
      ],
    ],
  ];
}

/** Style of the pack beyond that of all pages. Print leaves out the charts of groups, whose tables have the same figures. */
const packStyle =
  'code{overflow-wrap:anywhere}td.number,.none{white-space:nowrap}' +
  '@media print{h3,caption,p:has(+ul),summary{break-after:avoid}li,tr{break-inside:avoid}details figure{display:none}}';

/**
 * HTML page of a validation pack: self-contained, printable, without scripts or requests. All its figures are in validation.json.
 * @param hash sha256 of validation.json
 */
export function validationPage(file: ValidationFile, hash: string): string {
  const { inventory, robustness, triggers, slices } = file;
  const title = `Validation of ${inventory.run}`;
  const sections = sectionsOf(file, hash);
  const most = robustness.reduce((share, { changed }) => Math.max(share, changed ?? 0), 0);
  const tiles: [string, string | number][] = [
    ['campaigns', inventory.campaigns.length],
    ['campaigns of unknown quality', untestedCampaigns(file).length],
    ['beyond bounds', triggers.length],
    [`weak slices, of ${slices.tests} tested`, slices.weak.length],
    ['lists changed by a removed product, in the campaign with most', robustness.length === 0 ? '–' : percent(most)],
  ];
  const beyond =
    triggers.length === 0
      ? html`<p><b>No figure is beyond a bound of the config.</b></p>`
      : html`<div class="warnings"><h2>Beyond bounds</h2>${htmlParts([{ list: beyondTexts(triggers) }])}</div>`;
  const beyondTable = tableOf('All figures beyond bounds', triggers, {
    bound: 'bound',
    limit: 'limit',
    figure: 'found',
    of: 'where',
  });
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">${pagePolicy}<meta name="viewport" content="width=device-width"><title>${title}</title><style>${pageStyle}${packStyle}</style></head>
<body><main><h1>${title}</h1><p class="note">For ${inventory.owner}. Numbers of customers are rounded down to tens; a dash (–) stands for one of 1 to 9, or for one that
would reveal such a number. "Not known" stands for a figure that does not exist or is not shown, and 0 for none. <a href="#reading">How to read</a>, at the end, defines the terms.</p>
<div class="tiles">${tiles.map(([name, value]) => html`<div><b>${value}</b>${name}</div>`)}</div>
${beyond}${htmlParts([...findings(file), beyondTable])}
<nav>${sections.map(([id]) => html`<a href="#${id}">${id}</a> `)}</nav>
${sections.map(([id, heading, parts]) => html`<h2 id="${id}">${heading}</h2>\n${htmlParts(parts)}`)}
</main></body></html>
`.text;
}

/** Model card of a validation pack in Markdown, for a model registry. @param hash sha256 of validation.json */
export function modelCard(file: ValidationFile, hash: string): string {
  const { data, models, quality, triggers } = file;
  return `# Model card: product recommendations\n\n${markdownParts([
    ...inventorySection(file),
    factTable('Hashes', ['what', 'sha256'], { data: data.snapshot, 'validation.json': hash }),
    tableOf('Models', models, {
      campaign: 'campaign',
      kind: 'kind',
      meaning: 'about',
      components: ({ components }) => components.map(({ name, weight }) => `${name} ${weight}`).join(', '),
    }),
    tableOf(testedWords(file).heading, quality, {
      campaign: 'campaign',
      [`NDCG@${file.length}`]: ndcgCell,
      'minus the best popularity list': ({ gain }) => gapCell(gain),
    }),
    ...findings(file),
    { heading: 'Beyond bounds' },
    triggers.length === 0 ? 'None.' : { list: triggers.map(triggerSentence) },
    { heading: 'Limits' },
    { list: limitTexts(file) },
  ])}`;
}
