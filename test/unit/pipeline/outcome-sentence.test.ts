import { readFileSync } from 'node:fs';
import { armRange, contactText, decisionText, needText, outcomeSentences, publishedFigures } from '@basketwise/offers';
import { expect, test } from 'vitest';

type Group = Parameters<typeof outcomeSentences>[0]['outcomes'][number];

const arm = (customers: number | null, bought: number | null) => ({ customers, bought });
const group = {
  ...{ run: 'all', by: 'campaign', value: 'up', isProof: true, offered: arm(2350, 260), control: arm(300, 20) },
  ...{
    difference: { value: 0.0319, low: -0.00602, high: 0.0611 },
    lift: { value: null, low: -1, high: null },
    proven: false,
    missing: 1900,
  },
};
const textOf = (changed: Partial<Group> = {}) => outcomeSentences({ outcomes: [{ ...group, ...changed } as Group] })[0]!.text;

test('a sentence has the shares of both arms, the difference, its interval and what is proven', () => {
  expect(textOf()).toBe(
    'Of 2,350 contacted about 11.2 % bought, of 300 left alone about 8.0 %: 3.2 percentage points more, with 95 % confidence between -0.6 and 6.1. Undecided yet: about 1,900 more customers would probably prove it (4 times out of 5), if the difference is real. Next: go on with these offers and the control.',
  );
  expect(textOf({ proven: true, missing: 0 })).toMatch(/6\.1\. Proven\. Next: go on with these offers and the control\.$/);
  expect(textOf({ missing: null })).toMatch(/6\.1\. Undecided\. Next: go on with these offers and the control\.$/);
  expect(textOf({ missing: 0 })).toContain('rounded down to tens');
  expect(textOf({ offered: arm(2350, 20), difference: { value: -0.07, low: -0.1, high: -0.0004 } })).toContain(
    '7.0 percentage points less, with 95 % confidence between -10.0 and 0.0.',
  );
});

test('the sentence in docs/offers.md has the figures of its example', () => {
  const [offered, control] = [arm(2000, 240), arm(500, 40)];
  const figures = publishedFigures(true, armRange(offered, 240), armRange(control, 40), null)!;
  const page = readFileSync(new URL('../../../docs/offers.md', import.meta.url), 'utf8');
  expect(page.replaceAll(/\s+/g, ' ')).toContain(textOf({ offered, control, ...figures }));
  expect(page).toContain('240 purchases by 2,000 contacted customers, and 40 by 500 control customers');
});

test('percentages have two digits of the width of their interval', () => {
  expect(
    textOf({
      ...{ offered: arm(1_000_000, 2400), control: arm(100_000, 180), proven: true, missing: 0 },
      difference: { value: 0.00056, low: 0.000118, high: 0.000951 },
    }),
  ).toBe(
    'Of 1,000,000 contacted about 0.240 % bought, of 100,000 left alone about 0.184 %: 0.056 percentage points more, with 95 % confidence between 0.012 and 0.095. Proven. Next: go on with these offers and the control.',
  );
});

test('numbers that are hidden, and runs without a control, prove nothing', () => {
  const hidden = { difference: null, proven: null, missing: null };
  expect(textOf({ ...hidden, control: arm(null, null) })).toBe(
    'No comparison yet: 2,350 contacted. The number left alone is not shown: it is below 10, or would reveal one below 10. Undecided. Next: go on with these offers and the control. A comparison needs 10 contacted and 10 left alone, a verdict more.',
  );
  expect(textOf({ ...hidden, offered: arm(840, 10), control: arm(340, null) })).toBe(
    'No comparison of 840 contacted, 340 left alone: the purchases of one arm are hidden, because they would reveal another number below 10. Undecided. Next: go on with these offers and the control.',
  );
  expect(
    textOf({
      offered: arm(840, 120),
      control: arm(340, null),
      difference: { value: null, low: 0.101, high: 0.16 },
      proven: true,
    }),
  ).toBe(
    'Of 840 contacted about 15 % bought, of 340 left alone fewer than 10 customers (under 3 %): the difference is between 10.1 and 16.0 percentage points, with 95 % confidence. Proven. Next: go on with these offers and the control.',
  );
  expect(textOf({ difference: { value: -0.07, low: -0.09, high: -0.04 } })).toContain(
    'The contacts lowered purchases. Next: stop',
  );
  expect(textOf({ isProof: false, missing: null })).toMatch(
    /^Of 2,350 with a list about 11\.2 % bought, of 300 without one .* No proof: customers with a list are not a random sample\.$/,
  );
});

test('all runs together are read out, else the last one with a control, by campaign', () => {
  const of = (run: string, by: Group['by'], value: string) => ({ ...group, run, by, value }) as unknown as Group;
  const some = [
    of('a', 'all', ''),
    of('a', 'campaign', 'up'),
    of('b', 'all', ''),
    of('b', 'product', 'P'),
    of('b', 'campaign', 'up'),
  ];
  const groups = (outcomes: Group[]) => outcomeSentences({ outcomes }).map((one) => one.group);
  expect(groups([...some, of('b', 'campaign', 'cross')])).toEqual(['all campaigns', 'up', 'cross']);
  expect(groups([...some, of('all', 'all', '')])).toEqual(['all campaigns']);
  const listed = { ...of('c', 'campaign', 'cross'), isProof: false } as Group;
  expect(groups([...some, listed])).toEqual(['all campaigns', 'up']);
  expect(groups([listed])).toEqual(['cross']);
  expect(groups([])).toEqual([]);
});

test('campaigns go on, stop or stay undecided, and those to stop leave the config, not the contact list', () => {
  const of = (value: string, changed: Partial<Group>) => ({ ...group, value, ...changed }) as Group;
  const undecided = [
    of('few', { difference: null, proven: null, missing: null }),
    of('near', { missing: 1900 }),
    of('rounded', { missing: 0 }),
    of('useless', { missing: null }),
    of('less', { difference: { value: -0.02, low: -0.05, high: 0.01 }, missing: null }),
  ];
  const good = of('good', { proven: true, missing: 0 });
  const bad = [of('bad', { difference: { value: -0.07, low: -0.09, high: -0.04 } })];
  const some = { outcomes: [...undecided, good] };
  expect(decisionText(some)).toBe(
    'Go on: good. Stop or change: none. Undecided, keep running: few, near, rounded, useless, less.',
  );
  const next = (outcomes: Group[], hasControl = true) =>
    contactText({ outcomes }, { list: 'list.csv', customers: 300, hasControl }, 'Now');
  expect(next(some.outcomes)).toBe(
    'Now: contact all customers (about 300) on list.csv once, before the next run. Make these offers to no other customer: the customers left alone are not on the list.',
  );
  expect(next(some.outcomes, false)).toBe('Now: contact all customers (about 300) on list.csv once, before the next run.');
  expect(decisionText({ outcomes: bad })).toBe('Go on: none. Stop or change: bad. Undecided, keep running: none.');
  expect(next(bad)).toMatch(
    /^Next: remove campaigns to stop from the config, and run again\. Then .* new contact list once, before the next run\. /,
  );
  expect(textOf({ by: 'all', value: '', proven: true })).toMatch(/Proven for all together\.$/);
  expect(textOf({ by: 'all', value: '', difference: { value: -0.07, low: -0.09, high: -0.04 } })).not.toContain('Next');
  expect(textOf({ by: 'all', value: '' })).toMatch(/if the difference is real\.$/);
  expect(decisionText({ outcomes: [of('listed', { isProof: false })] })).toBe('');
});

test('undecided campaigns with hidden purchases have the numbers at which the effect of all campaigns is proven', () => {
  const of = (value: string, changed: Partial<Group>) => ({ ...group, value, ...changed }) as Group;
  const all = of('', { by: 'all', proven: true, offered: arm(1640, 530), control: arm(400, null) });
  const few = of('few', {
    difference: { value: null, low: -0.36, high: 0.498 },
    missing: null,
    offered: arm(120, 40),
    control: arm(20, null),
  });
  const hidden = of('few', {
    difference: null,
    proven: null,
    missing: null,
    offered: arm(null, null),
    control: arm(null, null),
  });
  const pooled = ['a', 'b', 'c', 'd', 'e', 'f'];
  const runs = pooled.map((run, i) => ({ run, date: `2023-01-0${1 + i}` }));
  const days = { runs, window: { months: 3, days: 0 }, gap: null };
  const need = (outcomes: Group[], more: object = {}) =>
    needText({ outcomes, pooled, ...more }).split(' as large as that of all campaigns together, ')[1];
  const sizes = 'few needs in total about 360 contacted and 60 left alone';
  expect(need([all, few])).toBe(
    `${sizes} (so far 120 and 20), which it reaches about 12 runs from now. A smaller effect needs more customers.`,
  );
  // 12 days after 2023-01-06, and three months
  expect(need([all, few], days)).toContain('about 12 runs after the one of 2023-01-06 (in the report from 2023-04 on).');
  expect(need([all, hidden], days)).toMatch(/^few needs in total about 250 contacted and 60 left alone\. /);
  expect(need([all, { ...few, offered: arm(10_000, 3300), control: arm(10, null) }])).toContain('few needs in total about');
  expect(need([of('', { by: 'all', proven: true, offered: arm(90_000, 1300), control: arm(20_000, 250) }), few])).toBe(
    'few needs more than 100 runs from now. A smaller effect needs more customers.',
  );
  // at these numbers the purchases of the total are proven, and hardly with a third less
  const provenAt = (offered: number, control: number) =>
    publishedFigures(
      true,
      armRange(arm(offered, Math.floor((0.323 * offered) / 10) * 10), offered),
      armRange(arm(control, null), 1),
      null,
    )!.proven;
  expect([provenAt(360, 60), provenAt(240, 40)]).toEqual([true, false]);
  expect(need([few])).toBeUndefined();
  // With an estimate, the number of missing customers is known; without more purchases no number proves anything.
  expect(need([all, of('near', {})])).toBeUndefined();
  const worse = of('worse', { difference: { value: -0.01, low: -0.03, high: 0.01 }, missing: null });
  expect(need([all, worse])).toBeUndefined();
  expect(textOf({ ...worse, by: 'campaign' })).toContain('Undecided: so far the contacts added no purchases. Next:');
});
