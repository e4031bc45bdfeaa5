// Texts of a pack that are made from its figures.
import { expect, test } from 'vitest';
import { unknownTexts } from '../../../packages/audit/src/validation/unknown-figures.ts';
import type { ValidationFile } from '../../../packages/audit/src/validation/validation-file.ts';
import { summaryRows } from '../../../packages/audit/src/validation/validation-text.ts';

const gap = (mean: number, low: number) => ({ mean, low, high: mean + 0.1, level: low <= 0 });
const ratio = { value: 1, low: 0.5, high: 2 };
const total = (campaign: string, known: boolean) => ({ campaign, by: 'all', groups: [{ ratio: known ? ratio : null }] });

const pack = {
  length: 5,
  data: { first: '2020-01' },
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
  slices: { tests: 3, weak: [] },
  exposure: [{ column: 'sex', campaign: 'a', groups: [{ recall: null }, { recall: 0.5 }] }],
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

test('the summary names the challenger that is closer than the best popularity list', () => {
  const closest = (of: ValidationFile) => new Map(summaryRows(of)).get('NDCG minus a closer challenger');
  expect(closest(pack)).toBe('a 0.05 (-0.01 to 0.15), level (ease)');
  const [own, other] = pack.quality;
  const far = { ...own!, challengers: [{ name: 'ease', ndcg: 0.1, minus: gap(0.4, 0.3) }] };
  expect(closest({ ...pack, quality: [far] })).toBe('no challenger is closer');
  expect(closest({ ...pack, quality: [other!] })).toBe('not known');
});
