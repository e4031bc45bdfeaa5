import { markdownTable, markdownText } from '@basketwise/insight/parts';
import { unknownFigure } from '@basketwise/page';
import { unknownTexts } from './unknown-figures.ts';
import type { ValidationFile } from './validation-file.ts';
import { intervalWords, summaryRows, testedWords, triggerSentence, unproven } from './validation-text.ts';

const bullets = (texts: readonly string[]) => texts.map((text) => `- ${markdownText(text)}\n`).join('');

/** Model card of a validation pack in Markdown, for a model registry. @param hash sha256 of validation.json */
export function modelCard(file: ValidationFile, hash: string): string {
  const { inventory, data, models, quality, triggers } = file;
  const unknown = unknownTexts(file);
  const { owner, purpose, tier, reviewers, nextReview, run, referenceDate, asOf, program, config } = inventory;
  const facts = [
    ...[
      ['owner', owner],
      ['tier', tier],
      ['reviewers', reviewers.join(', ') || 'none named'],
      ['next review', nextReview ?? 'no day named'],
    ],
    ...[
      ['run', run],
      ['as of', referenceDate],
      ['tested up to', asOf],
    ],
    ...inventory.statements.map(({ heading, text }) => [heading, text ?? 'not stated']),
    ...[
      ['program', program],
      ['config', config],
      ['data', data.snapshot],
      ['sha256 of validation.json', hash],
    ],
  ];
  const parts = models.map(({ campaign, kind, about, components }) => [
    campaign,
    kind,
    about,
    components.map(({ name, weight }) => `${name} ${weight}`).join(', '),
  ]);
  const rows = quality.map(({ campaign, ndcg, interval, gain }) => [
    campaign,
    ndcg === null ? unknownFigure : interval ? intervalWords(ndcg, interval) : String(ndcg),
    gain === null ? unknownFigure : intervalWords(gain.mean, gain),
  ]);
  return [
    `# Model card: product recommendations\n\n${markdownText(purpose)}\n\n`,
    markdownTable(['fact', 'value'], facts as [string, string][]),
    `\n## Models\n\n${markdownTable(['campaign', 'kind', 'meaning', 'components'], parts)}`,
    `\n## ${testedWords(file).heading}\n\n${markdownTable(['campaign', `NDCG@${file.length}`, 'minus the best popularity list'], rows)}`,
    `\n## Findings\n\n${markdownTable(['figure', 'value'], summaryRows(file))}`,
    `\n## Beyond bounds\n\n${triggers.length === 0 ? 'None.\n' : bullets(triggers.map(triggerSentence))}`,
    ...(unknown.length > 0 ? [`\n## Not known\n\n${bullets(unknown)}`] : []),
    '\n## Limits\n\n',
    bullets([
      'Numbers of customers are rounded down to tens; groups of fewer than 10 are not shown.',
      ...unproven(file),
      testedWords(file).meaning,
      'A group below 0.8 is flagged, not judged. This card is no legal advice.',
    ]),
  ].join('');
}
