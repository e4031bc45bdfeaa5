// First tier, .1 s.
import { type Product, stillOpen } from '@basketwise/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AcquisitionCollector } from '../../../packages/recommend/src/campaigns/acquisitions.ts';
import { classPurchases, windowParts } from '../../../packages/recommend/src/campaigns/class-purchases.ts';

const products = [
  { code: 'A', groupKey: 'A', class: 'card' },
  { code: 'B', groupKey: 'B', class: 'card' },
  { code: 'C', groupKey: 'C', class: 'fund' },
] as unknown as Product[];
// Day 18992 is 2021-12-31.
const today = 18992;

/** Customer with the day of joining, and the day on which they opened each product that they hold. */
interface Person {
  since: number;
  opened: readonly (number | null)[];
}

/** Customers on some day, their holders of cards, and their purchases of cards up to a later day. Counted without parts. */
function onDay(people: readonly Person[], day: number, later: number) {
  const joined = people.filter(({ since }) => since <= day);
  const cards = joined.map(({ opened }) => [opened[0], opened[1]].filter((at) => at !== null && at !== undefined));
  return {
    customers: joined.length,
    holders: cards.filter((opened) => opened.some((at) => at <= day)).length,
    purchases: cards.flat().filter((at) => at > day && at <= later).length,
  };
}

test('customers, holders and purchases of a part are those of lists made at its beginning', () => {
  const opened = fc.option(fc.integer({ min: today - 500, max: today }), { nil: null });
  const person = fc.record({
    since: fc.integer({ min: today - 500, max: today + 40 }),
    opened: fc.tuple(opened, opened, opened),
  });
  const days = fc.constantFrom(28, 90, 92, 365);
  fc.assert(
    fc.property(fc.array(person, { minLength: 1, maxLength: 40 }), days, (drawn, days) => {
      // Customers hold nothing before they join.
      const people = drawn.map(({ since, opened }) => ({
        since,
        opened: opened.map((at) => (at === null || at < since ? null : at)),
      }));
      const collector = new AcquisitionCollector('2021-12-31' as never, []);
      const rows = people.flatMap(({ opened }, customer) =>
        opened.flatMap((at, product) => (at === null ? [] : [{ customer, product, at }])),
      );
      const column = (of: (row: (typeof rows)[number]) => number) => Int32Array.from(rows, of);
      collector.add({
        ...{ customer: column(({ customer }) => customer), product: column(({ product }) => product) },
        ...{ days: column(({ at }) => at), closed: column(() => stillOpen) },
      });
      const holds = new Map([
        ['card', Uint8Array.from(people, ({ opened }) => (opened[0] === null && opened[1] === null ? 0 : 1))],
      ]);
      const bank = { products, customers: people.length, holds, acquisitions: collector.finish() };
      const found = classPurchases(
        bank,
        Int32Array.from(people, ({ since }) => since),
        'card',
        days,
      );
      const { parts, known } = windowParts(days);
      for (let part = 0; part < known; part++) {
        const of = onDay(people, today - ((part + 1) * days) / parts, today - (part * days) / parts);
        const purchases = found.counts.filter((count) => count.part === part).reduce((sum, count) => sum + count.purchases, 0);
        expect({ customers: found.customers[part], holders: found.holders[part], purchases }).toEqual(of);
      }
    }),
  );
});
