// Texts of a pack that are made from its figures.
import { readFile } from 'node:fs/promises';
import { sampleConfig } from '@basketwise/sample';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { calibrationVerdict } from '../../../packages/audit/src/validation/calibration-verdict.ts';
import { spanWords } from '../../../packages/audit/src/validation/model-selection.ts';
import { clusterWords } from '../../../packages/audit/src/validation/run-sections.ts';
import { statementsOf, usualHeadings } from '../../../packages/audit/src/validation/statements.ts';
import { unknownTexts } from '../../../packages/audit/src/validation/unknown-figures.ts';
import type { ValidationFile } from '../../../packages/audit/src/validation/validation-file.ts';
import { summaryRows, unproven } from '../../../packages/audit/src/validation/validation-text.ts';

const gap = (mean: number, low: number) => ({ mean, low, high: mean + 0.1, level: low <= 0 });
const ratio = { value: 1, low: 0.5, high: 2 };
const total = (campaign: string, known: boolean) => ({ campaign, by: 'all', groups: [{ ratio: known ? ratio : null }] });

const pack = {
  length: 5,
  data: { first: '2020-01', features: [] },
  products: {},
  windows: [{}],
  missing: ['Drift against an earlier run: there is none to compare with.'],
  models: [{ campaign: 'a' }, { campaign: 'b' }],
  quality: [
    { campaign: 'a', ndcg: 0.5, gain: gap(0.3, 0.2), challengers: [{ name: 'ease', minus: gap(0.05, -0.01) }] },
    { campaign: 'b', ndcg: null, gain: null, challengers: [] },
  ],
  calibration: [total('a', true), total('b', false)],
  brier: [{ campaign: 'a', reliability: null }],
  robustness: [{ campaign: 'b', changed: 0.5 }],
  losses: [{ campaign: 'a', change: 'a lost product', lost: gap(0.1, 0.05) }],
  since: null,
  slices: { tests: 3, weak: [], compared: [] },
  exposure: [
    {
      ...{ column: 'sex', campaign: 'a' },
      groups: [
        { group: '1', recall: null, recallMinus: null },
        { group: '2', recall: 0.5, recallMinus: { ...gap(-0.2, -0.3), level: false } },
      ],
    },
  ],
  featureExposure: [{ column: 'age', campaign: 'b', groups: [{ group: 'old', recall: 0.5, recallMinus: gap(0.1, -0.1) }] }],
  drift: [],
} as unknown as ValidationFile;

test('all figures that a pack lacks are named, with their campaigns', () => {
  expect(unknownTexts(pack).map((text) => text.replace(/ \(.*/, ''))).toEqual([
    'Drift against an earlier run: there is none to compare with.',
    'NDCG@5 with its differences to challengers: b',
    'purchases / expected: b',
    'Brier score: b',
    'Parts of the Brier score: a',
    'Lists after a lost product: a',
    'Loss in NDCG@5 by wrong inputs: b',
    'Recall@5 by protected columns: 1 of 2 figures',
  ]);
  const known = { ...pack, missing: [], models: [], quality: [], brier: [], robustness: [], losses: [], exposure: [] };
  expect(unknownTexts(known)).toEqual([]);
  expect(unknownTexts({ ...known, windows: [] })).toHaveLength(1);
});

test('features whose shift is not measured are named', () => {
  const features = ['age', 'age_sex', 'clusters of deposit'].map((name) => ({ name, from: '', missing: 0 }));
  const since = { variables: [{ variable: 'feature age' }, { variable: 'products held' }] };
  const shifts = (of: object) => unknownTexts({ ...pack, data: { ...pack.data, features }, ...of } as ValidationFile).at(-1);
  expect(shifts({ since })).toMatch(/^Shift \(PSI\): age_sex, clusters of deposit \(/);
  expect(shifts({ drift: [since] })).toBe(shifts({ since }));
  expect(shifts({})).not.toMatch(/^Shift/);
});

test('the summary names the challenger that is closer than the best popularity list', () => {
  const closest = (of: ValidationFile) => new Map(summaryRows(of)).get('NDCG minus a challenger closer than that');
  expect(closest(pack)).toBe('a 0.05 (-0.01 to 0.15), level (ease)');
  const [own, other] = pack.quality;
  const far = { ...own!, challengers: [{ name: 'ease', ndcg: 0.1, minus: gap(0.4, 0.3) }] };
  expect(closest({ ...pack, quality: [far] })).toBe('no challenger is closer');
  expect(closest({ ...pack, quality: [other!] })).toBe('not known');
});

test('the summary and a sentence name the campaigns without a figure', () => {
  const rows = new Map(summaryRows(pack));
  expect(rows.get('NDCG minus the best popularity list')).toBe('a 0.3 (0.2 to 0.4); not known: b');
  expect(rows.get('purchases / expected')).toBe('a 1 (0.5 to 2); not known: b');
  expect(rows.get('lists changed where a test removed a product')).toBe('b 50.0 %; not known: a');
  expect(rows.get('recall that differs from that of the largest group')).toBe(
    '1 of 2 known differences; sex 2 in a -0.2 (-0.3 to -0.1)',
  );
  expect(unproven(pack)).toEqual([expect.stringMatching(/^Quality is not known for 1 of 2 campaigns: b\. /)]);
  expect(unproven({ ...pack, models: pack.models.slice(0, 1) })).toEqual([]);
});

test.each([
  ['above 1; beyond the bound is not proven', { least: 1.6, most: 2.5 }, 1.5],
  ['above 1, within the bound', { least: 1.1, most: 1.4 }, 1.5],
  ['above 1; beyond the bound is not proven', { least: 1.1, most: 1.8 }, 1.5],
  ['level with 1', { least: 0.9, most: 1.2 }, 1.5],
  ['below 1, within the bound', { least: 0.7, most: 0.9 }, 1.5],
  ['below 1; beyond the bound is not proven', { least: 0.6, most: 0.9 }, 1.5],
  ['below 1; beyond the bound is not proven', { least: 0.2, most: 0.6 }, 1.5],
  ['above 1', { least: 1.6, most: 2.5 }, undefined],
  ['below 1', { least: 0.2, most: 0.6 }, undefined],
] as const)('a ratio is %s', (verdict, { least, most }, limit) => {
  expect(
    calibrationVerdict({ ratio: { value: Math.sqrt(least * most), low: least, high: most }, least, most }, limit, undefined),
  ).toBe(verdict);
});

test('the verdict on a suppressed number is that of its bound', () => {
  const verdictOf = (least: number | null, most: number | null) =>
    calibrationVerdict({ ratio: null, least, most }, 1.5, undefined);
  expect([verdictOf(null, null), verdictOf(0.9, null), verdictOf(2, null), verdictOf(null, 0.9)]).toEqual([
    ...['not known', 'not known', 'above 1; beyond the bound is not proven', 'below 1; beyond the bound is not proven'],
  ]);
});

test('statements have the order of the config, then the usual headings that it lacks', () => {
  const found = statementsOf({ Fallback: 'popular products', law: 'none' });
  expect(found.slice(0, 2)).toEqual([
    { heading: 'Fallback', text: 'popular products' },
    { heading: 'law', text: 'none' },
  ]);
  expect(found.slice(2).every(({ heading, text }) => text === null && heading !== 'fallback')).toBe(true);
  expect(found).toHaveLength(Object.keys(usualHeadings).length + 1);
});

test('the sample config and the example of the docs state all usual headings', async () => {
  const page = await readFile(new URL('../../../docs/audit.md', import.meta.url), 'utf8');
  const example = /^### Statements[\s\S]*?```yaml\n([\s\S]*?)```/m.exec(page)![1]!;
  for (const text of [example, sampleConfig({ validation: true })]) {
    const { validation }: { validation: { statements: Record<string, string> } } = parse(text);
    expect(statementsOf(validation.statements).filter(({ text: own }) => own === null)).toEqual([]);
  }
});

test('a cluster is described by the columns in which it differs most, from published means only', () => {
  const number = (column: string, explained: number, ...mean: (number | null)[]) => ({
    kind: 'number' as const,
    column,
    explained,
    mean,
  });
  const features = [
    number('balance', 0.9, 10, 30, 0),
    number('cards', 0.5, 1, 1.01, 5),
    number('noise', 0.1, 1, 90, 0),
    number('hidden', 0.9, 5, null, 6),
    { kind: 'category' as const },
  ];
  const found = clusterWords(
    [
      { scheme: 'x', sizes: [40, null], features },
      { scheme: 'unused', sizes: [10], features: [] },
    ],
    new Set(['x']),
  );
  expect(found).toEqual([
    { scheme: 'x', cluster: 0, customers: 40, differs: ['balance 30 (all: 10)', 'cards 1.01 (all: 1)'] },
    { scheme: 'x', cluster: 1, customers: null, differs: ['hidden 6 (all: 5)', 'cards 5 (all: 1)', 'balance 0 (all: 10)'] },
  ]);
});

test.each([
  ['6 months', 6, 0],
  ['1 month and 10 days', 1, 10],
  ['0 days', 0, 0],
])('a span is %s', (words, months, days) => {
  expect(spanWords({ months, days })).toBe(words);
});
