import { notInCampaign } from '@basketwise/core';
import { type CampaignGroup, type CampaignPlan, campaignGroups } from '@basketwise/recommend';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const bit = fc.integer({ min: 0, max: 1 });
const bank = fc
  .record({
    customers: fc.integer({ min: 0, max: 40 }),
    ruleCount: fc.integer({ min: 0, max: 5 }),
    clusters: fc.integer({ min: 1, max: 3 }),
  })
  .chain(({ customers, ruleCount, clusters }) => {
    const ofCustomers = <T>(value: fc.Arbitrary<T>) => fc.array(value, { minLength: customers, maxLength: customers });
    return fc.record({
      customers: fc.constant(customers),
      eligible: fc.array(ofCustomers(bit), { minLength: ruleCount, maxLength: ruleCount }),
      rules: fc.subarray(Array.from({ length: ruleCount }, (_, rule) => rule)),
      holds: ofCustomers(bit),
      cluster: ofCustomers(fc.integer({ min: -1, max: clusters - 1 })),
      clusters: fc.constant(clusters),
      scheme: fc.constantFrom(null, 'deposit'),
      kind: fc.constantFrom('upsell' as const, 'cross' as const),
      train: fc.constantFrom('all' as const, 'holders' as const),
    });
  });

test('each customer is in the group of their cluster and of the rules that they fail; groups are ordered by cluster, rules, target', () => {
  fc.assert(
    fc.property(bank, ({ customers, eligible, rules, holds, cluster, clusters, scheme, kind, train }) => {
      const plan = { class: 'deposit', scheme, kind, train, rules } as unknown as CampaignPlan;
      const { number: group, groups } = campaignGroups(plan, {
        customers,
        clusters: new Map([['deposit', { clusters: Int16Array.from(cluster), count: clusters }]]),
        eligible: eligible.map((outcome) => Uint8Array.from(outcome)),
        holds: new Map([['deposit', Uint8Array.from(holds)]]),
      });
      const expected = Array.from({ length: customers }, (_, customer): CampaignGroup | null =>
        kind === 'upsell' && train === 'holders' && !holds[customer]
          ? null
          : {
              cluster: scheme ? cluster[customer]! : -1,
              failed: rules.filter((rule) => !eligible[rule]![customer]),
              target: holds[customer] === (kind === 'upsell' ? 1 : 0),
            },
      );
      expect(Array.from(group, (number) => (number === notInCampaign ? null : groups[number]))).toEqual(expected);
      const bits = ({ failed }: CampaignGroup) => failed.reduce((sum, rule) => sum + 2 ** rules.indexOf(rule), 0);
      const place = (g: CampaignGroup) => [g.cluster < 0 ? clusters : g.cluster, bits(g), g.target ? 0 : 1];
      const places = groups.map(place);
      expect(places).toEqual(places.toSorted((a, b) => a[0]! - b[0]! || a[1]! - b[1]! || a[2]! - b[2]!));
      const everyone = new Set(
        Array.from({ length: customers }, (_, customer) => rules.map((rule) => eligible[rule]![customer]).join()),
      );
      expect(groups.length).toBe(((scheme ? clusters : 0) + 1) * Math.max(1, everyone.size) * 2);
    }),
    { seed: 1, numRuns: 300 },
  );
});

const products = fc.subarray(['a', 'b', 'c']).map((keys) => new Set(keys));

test('a rule of products withholds them from customers who fail it, and excludes no customer from the campaign', () => {
  fc.assert(
    fc.property(bank, fc.array(fc.option(products), { minLength: 5, maxLength: 5 }), (drawn, keysOf) => {
      const { customers, rules, holds } = drawn;
      const plan = { class: 'deposit', scheme: null, kind: 'cross', train: 'all', rules } as unknown as CampaignPlan;
      const withheld = new Map(rules.flatMap((rule) => (keysOf[rule] ? [[rule, keysOf[rule]] as const] : [])));
      const { number, groups } = campaignGroups(
        plan,
        {
          ...{ customers, clusters: new Map(), holds: new Map([['deposit', Uint8Array.from(holds)]]) },
          eligible: drawn.eligible.map((outcome) => Uint8Array.from(outcome)),
        },
        withheld,
      );
      for (let customer = 0; customer < customers; customer++) {
        const failed = rules.filter((rule) => !drawn.eligible[rule]![customer]);
        const keys = new Set(failed.flatMap((rule) => [...(withheld.get(rule) ?? [])]));
        const group = groups[number[customer]!]!;
        expect(group.failed).toEqual(failed.filter((rule) => !withheld.has(rule)));
        expect([...(group.withheld ?? [])].sort()).toEqual([...keys].sort());
      }
    }),
    { seed: 1, numRuns: 100 },
  );
});
