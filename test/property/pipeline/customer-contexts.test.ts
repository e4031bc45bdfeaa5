import { contextAt, notInCampaign } from '@basketwise/core';
import { type CampaignPlan, campaignGroups, contextsOf } from '@basketwise/recommend';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rankPairs } from '../../../packages/recommend/src/campaigns/pair-ranks.ts';

const widths = fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 4 });
const bank = fc.tuple(widths, fc.integer({ min: 0, max: 60 })).chain(([levels, customers]) =>
  fc.record({
    features: fc.constant(
      levels.map((count, f) => ({ name: `f${f}`, levels: Array.from({ length: count }, (_, i) => `${f}.${i}`) })),
    ),
    codes: fc.tuple(
      ...levels.map((count) => fc.array(fc.integer({ min: -1, max: count - 1 }), { minLength: customers, maxLength: customers })),
    ),
    holds: fc.array(fc.integer({ min: 0, max: 1 }), { minLength: customers, maxLength: customers }),
    customers: fc.constant(customers),
  }),
);

test('combinations are distinct and ascending; the rows of a campaign are ordered by group, then by combination', () => {
  fc.assert(
    fc.property(bank, ({ features, codes, holds, customers }) => {
      const known = contextsOf(
        features,
        codes.map((own) => Int16Array.from(own)),
        customers,
      );
      const keyOf = (customer: number) =>
        codes.map((own, f) => (own[customer]! < 0 ? features[f]!.levels.length : own[customer]!) + 1000);
      const keys = [...new Set(Array.from({ length: customers }, (_, customer) => keyOf(customer).join()))].sort();
      expect(Array.from(known.ofCustomer)).toEqual(
        Array.from({ length: customers }, (_, customer) => keys.indexOf(keyOf(customer).join())),
      );
      for (let customer = 0; customer < customers; customer++) {
        const labels = codes.map((own, f) => features[f]!.levels[own[customer]!] ?? '(new)');
        expect(contextAt(known, known.ofCustomer[customer]!)).toEqual(labels);
      }
      const plan = { class: 'all', scheme: null, kind: 'cross', train: 'all', rules: [] } as unknown as CampaignPlan;
      const facts = { customers, clusters: new Map(), eligible: [], holds: new Map([['all', Uint8Array.from(holds)]]) };
      const { number, firstOf, context } = campaignGroups(plan, { ...facts, contexts: known });
      const pair = (customer: number) => [holds[customer]!, known.ofCustomer[customer]!] as const;
      const order = [...number.keys()].sort((a, b) => number[a]! - number[b]!);
      const pairs = order.map(pair);
      expect(pairs).toEqual(pairs.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]));
      for (let customer = 0; customer < customers; customer++) {
        const own = number[customer]!;
        expect([Number(own >= firstOf[1]!), context![own]]).toEqual(pair(customer));
      }
      expect(new Set(number).size).toBe(firstOf.at(-1));
    }),
    { seed: 1, numRuns: 100 },
  );
});

test('more combinations than 4,096; and pairs that are ranked in several passes', () => {
  const levels = Array.from({ length: 70 }, (_, i) => String(i));
  const codes = [(i: number) => i % 70, (i: number) => Math.floor(i / 70)].map((of) =>
    Int16Array.from({ length: 4900 }, (_, i) => of(i)),
  );
  const features = ['a', 'b'].map((name) => ({ name, levels }));
  const known = contextsOf(features, codes, 4900);
  expect(new Set(known.ofCustomer).size).toBe(4900);
  expect(contextAt(known, known.ofCustomer[4899]!)).toEqual(['69', '69']);
  const firsts = 2 ** 20;
  const first = Uint32Array.of(firsts - 1, 0, notInCampaign, firsts - 1, 0, firsts / 2);
  const { rank, count, before } = rankPairs({ first, firsts, second: Int16Array.of(599, 3, 5, -1, 3, 0), seconds: 600 });
  expect(Array.from(rank)).toEqual([2, 0, notInCampaign, 3, 0, 1]);
  expect([count, before[0], before[1], before[firsts - 1], before[firsts]]).toEqual([4, 0, 1, 2, 4]);
});
