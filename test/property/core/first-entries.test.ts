import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countFirstEntries } from '../../../packages/recommend/src/campaigns/lists.ts';

const entry = fc.record({
  product: fc.nat(5),
  score: fc.constantFrom(-2, -0.5, 0, 0.25, 0.3, 1, 1.5, 7).map(Math.fround),
  source: fc.nat(1),
});
const rows = fc.array(fc.record({ customers: fc.integer({ min: 1, max: 50 }), list: fc.array(entry, { maxLength: 3 }) }), {
  maxLength: 12,
});

test('first entries are those of all customers, one after the other', () => {
  fc.assert(
    fc.property(rows, fc.constantFrom('als', 'popularity'), (rows, kind) => {
      const entries = rows.flatMap(({ list }) => list);
      const start = Uint32Array.from([0, ...rows.map((_, i) => rows.slice(0, i + 1).flatMap(({ list }) => list).length)]);
      const lists = {
        multiplicity: Uint32Array.from(rows, ({ customers }) => customers),
        start,
        product: Int32Array.from(entries, ({ product }) => product),
        score: Float32Array.from(entries, ({ score }) => score),
        source: Uint8Array.from(entries, ({ source }) => source),
      };
      const all = rows.flatMap(({ customers, list }) => (list[0] ? Array.from({ length: customers }, () => list[0]!) : []));
      const { products, scores } = countFirstEntries(lists, [kind, 'popularity'], 6);
      expect(products).toEqual(
        [0, 1, 2, 3, 4, 5].flatMap((product) => {
          const customers = all.filter((first) => first.product === product).length;
          return customers > 0 ? [{ product, customers }] : [];
        }),
      );
      const given = kind === 'popularity' ? [] : all.flatMap(({ score, source }) => (source === 0 ? [score] : []));
      if (given.length === 0) {
        expect(scores).toBe(null);
        return;
      }
      const [low, high] = [Math.min(...given), Math.max(...given)];
      const partOf = (score: number) => (high === low ? 0 : Math.min(19, Math.floor(((score - low) / (high - low)) * 20)));
      const customers = Array.from({ length: 20 }, (_, part) => given.filter((score) => partOf(score) === part).length);
      expect(scores).toEqual({ low, high, customers });
    }),
  );
});
