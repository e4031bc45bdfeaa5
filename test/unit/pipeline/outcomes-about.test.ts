import { createRandom } from '@basketwise/core';
import { aboutTexts, chanceOfProof, outcomeSentences, publishedOutcomes } from '@basketwise/offers';
import { outcomeTables } from '@basketwise/pipeline';
import { describe, expect, test } from 'vitest';
import { longTest } from '../../cases.ts';
import { readOutOf } from '../../reference/published-attacks.ts';
import { normalNumber } from '../../reference/random-counts.ts';

type Outcomes = Parameters<typeof publishedOutcomes>[0];

const about = { date: '2023-01-31', hasOffers: true, offeredBefore: { offered: 0, control: 0 } };
const runs = [1, 2, 3].map((month) => ({ ...about, run: `r${month}`, date: `2022-0${month}-01` }));

/** Effect report of one campaign in three runs, of which some are pooled. */
function textsOf(pooled: readonly string[], changed: Partial<Outcomes> = {}): string {
  const one = readOutOf([[2350, 260, 300, 20]]);
  const ofRuns = [...runs.map(({ run }) => run), ...(pooled.length > 0 ? ['all'] : [])];
  const outcomes = ofRuns.flatMap((run) => one.outcomes.slice(0, 2).map((outcome) => ({ ...outcome, run })));
  return aboutTexts(publishedOutcomes({ ...one, runs, pooled, outcomes, ...changed })).join('\n');
}

describe('days and numbers of runs are those of the figures', () => {
  test('all runs together, some of them, or the last one alone', () => {
    expect(textsOf(['r1', 'r2', 'r3'])).toMatch(
      /^Offers of 3 runs: 2022-01-01, 2022-02-01, 2022-03-01\. .+ in all from 2022-01-02 to 2022-04-01\./,
    );
    const some = textsOf(['r2', 'r3']);
    expect(some).toContain('Offers of 2 runs: 2022-02-01, 2022-03-01.');
    expect(some).toContain('1 other run is left out: without offers, or with another draw of the control.');
    expect(some).toContain('in all from 2022-02-02 to 2022-04-01.');
    expect(some).toContain(
      'As the report is read after each of the 2 runs, about 4 in 100 campaigns or products without an effect are called proven by chance (3 in 100 with one look).',
    );
    expect(textsOf([])).toMatch(/^Offers of the run of 2022-03-01\. .* 2 other runs are left out/);
  });

  test('a last run without offers does not hide the control of the run before it', () => {
    const listed = readOutOf([[2350, 260, 300, 20]]).outcomes.slice(1, 2);
    const outcomes = [
      ...readOutOf([[2350, 260, 300, 20]])
        .outcomes.slice(0, 2)
        .map((one) => ({ ...one, run: 'r2' })),
      ...listed.map((one) => ({ ...one, run: 'r3', isProof: false })),
    ];
    expect(textsOf([], { outcomes })).toMatch(/^Offers of the run of 2022-02-01\. .* from 2022-02-02 to 2022-03-01\./);
  });

  test('customers in offers before the first run show that runs were removed, so that there were more looks', () => {
    const carried = runs.map((run, i) => ({ ...run, offeredBefore: { offered: i === 0 ? 7 : 0, control: 0 } }));
    const pooled = ['r1', 'r2', 'r3'];
    expect(textsOf(pooled)).toMatch(/3 runs, about 5 in 100 /);
    expect(textsOf(pooled, { runs: carried })).toMatch(/3 runs, at least about 5 in 100 /);
  });

  test('a run without offers has sentences of its own: nothing was drawn, and others count for any product', () => {
    const listed = readOutOf([[2350, 260, 300, 20]]).outcomes.slice(1, 2);
    const [run] = runs;
    const outcomes = listed.map((one) => ({ ...one, run: 'r1', isProof: false }));
    const text = textsOf([], { outcomes, runs: [{ ...run!, hasOffers: false }, runs[1]!] });
    expect(text).toMatch(/^Lists of the run of 2022-01-01\. Each later run .* 1 other run is left out\. /);
    expect(text).toContain('For customers without a list, any product on a list counts.');
    expect(text).not.toMatch(/offer|Left alone|Contacted|Proven/);
  });
});

describe('tables', () => {
  const tablesOf = ({ outcomes, ...one }: Outcomes) => outcomeTables(publishedOutcomes({ ...one, outcomes }).outcomes, {});

  test('arms have their own names: drawn at random, variants, and listed customers against others', () => {
    const one = readOutOf([
      [2350, 260, 300, 20],
      [1200, 130, 200, 30],
    ]);
    const outcomes = [...one.outcomes, { ...one.outcomes[1]!, isProof: false }];
    const { tables } = tablesOf({ ...one, outcomes });
    expect(tables.map(({ head, rows }) => [head[1], head[3], rows.length])).toEqual([
      ['contacted', 'left alone', 3],
      ['with a list', 'without one', 1],
      ['contacted', 'contacted of base', 2],
    ]);
  });

  test('points are those of the sentence: the difference of the shown shares', () => {
    const one = readOutOf([
      [12_340, 890, 1230, 60],
      [900, 100, 800, 160],
    ]);
    const [, , points] = tablesOf(one).tables[0]!.rows.map((row) => row[5]);
    expect(points).toBe('-8.8 [-13.6,\u00a0-4.2]');
    const sentences = outcomeSentences(publishedOutcomes(one)).map(({ text }) => text);
    expect(sentences[2]).toContain(
      'Of 900 contacted about 11.6 % bought, of 800 left alone about 20.4 %: 8.8 percentage points less',
    );
  });

  test('products are named by their verdict', () => {
    const one = readOutOf([
      [2350, 800, 300, 20],
      [350, 26, 300, 20],
      [2350, 20, 300, 120],
    ]);
    const campaigns = publishedOutcomes(one).outcomes.filter(({ by }) => by === 'campaign');
    expect(
      outcomeTables(
        campaigns.map((campaign) => ({ ...campaign, by: 'product' as const })),
        {},
      ).notes[0],
    ).toBe(
      'Proven products: c0. Products with lowered purchases: c2. Other products of the table: their range includes 0, which is no sign of harm. They go on with their campaign.',
    );
  });

  test('a proven decrease has its own verdict, and comparisons of variants are counted if they are not shown', () => {
    const lowered = readOutOf([
      [2350, 20, 300, 120],
      [8, 1, 9, 1],
    ]);
    const { tables, notes } = tablesOf(lowered);
    expect(new Set(tables[0]!.rows.map((row) => row.at(-1)))).toEqual(new Set(['lowered']));
    expect(notes[0]).toContain(', 1 comparison of a variant with base, 1 difference of two effects.');
  });
});

test('more looks prove more by chance, between the tabled numbers in proportion', () => {
  const shares = [1, 2, 3, 4, 5, 6, 10, 15, 20, 50, 75, 1000, 2000].map(chanceOfProof);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  expect(shares[0]).toBe(0.025);
  expect(shares[5]).toBeCloseTo(0.0761, 10);
  expect(shares[7]).toBeCloseTo((0.0965 + 0.124) / 2, 10);
  expect(shares.at(-1)).toBe(0.265);
});

longTest('without an effect, chance proves as many campaigns as the text says, by the number of looks', () => {
  const { next } = createRandom(11);
  // A sum of standard normal numbers of equal weight: the test statistic of arms that grow by equal numbers.
  const campaigns = 20_000;
  const firstProofs = Array.from({ length: campaigns }, () => {
    let sum = 0;
    for (let look = 1; look <= 200; look++) {
      sum += normalNumber(next);
      if (sum > 1.959964 * Math.sqrt(look)) return look;
    }
    return Number.POSITIVE_INFINITY;
  });
  for (const looks of [1, 2, 3, 4, 5, 10, 20, 50, 100, 200]) {
    const share = firstProofs.filter((look) => look <= looks).length / campaigns;
    expect([looks, Math.abs(share / chanceOfProof(looks) - 1) < 0.1]).toEqual([looks, true]);
  }
});
