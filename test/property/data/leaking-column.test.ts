import { checkSources, type ExtractRequest } from '@basketwise/data';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cases, every } from '../../cases.ts';
import { openEngine, temporaryFolder, writeBank } from '../../unit/data/bank.ts';

const [first, today] = ['2021-08-31', '2022-08-31'];

/** A draw from [0, 1). */
type Draw = () => number;

/** A generator of draws by a seed (mulberry32). */
function drawsOf(seed: number): Draw {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let z = Math.imul(state ^ (state >>> 15), 1 | state);
    z = (z + Math.imul(z ^ (z >>> 7), 61 | z)) ^ z;
    return ((z ^ (z >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Holding {
  product: number;
  opened: string;
}

/** Columns that are computed from a customer's holdings up to a day. */
const leaks = {
  flag: (held: readonly Holding[]) => (held.some(({ product }) => product % 3 === 0) ? 'Y' : 'N'),
  rare: (held: readonly Holding[]) => (held.some(({ product }) => product === 1) ? 'loan' : ''),
  last: (held: readonly Holding[]) =>
    held.length === 0 ? '' : `P${held.toSorted((a, b) => (a.opened < b.opened ? 1 : -1))[0]!.product}`,
  count: (held: readonly Holding[]) => String(held.length),
  balance: (held: readonly Holding[]) => String(held.reduce((sum, { product }) => sum + 1000 * (product + 1), 0)),
};

const size = { customers: fc.integer({ min: 1500, max: 3000 }), products: fc.integer({ min: 5, max: 20 }) };
const randomBank = fc.record({
  ...size,
  seed: fc.nat(),
  /** Purchases a customer and year. */
  rate: fc.double({ min: 0.15, max: 0.6, noNaN: true }),
  /** Share of customers whose region was corrected or who moved within the year, independent of purchases. */
  movers: fc.double({ min: 0, max: 0.007, noNaN: true }),
  leak: fc.constantFrom(...(Object.keys(leaks) as (keyof typeof leaks)[])),
});

/** Customers as of two days, with what they hold. */
function tablesOf({
  customers,
  products,
  seed,
  rate,
  movers,
  leak,
}: typeof randomBank extends fc.Arbitrary<infer T> ? T : never) {
  const draw = drawsOf(seed);
  const pick = (count: number) => Math.floor(draw() * count);
  const now: string[] = [];
  const then: string[] = [];
  const holdings: string[] = [];
  for (let customer = 0; customer < customers; customer++) {
    const held: Holding[] = [];
    for (let year = 2019; year <= 2022; year++) {
      if (draw() > rate) continue;
      const opened = `${year}-0${1 + pick(8)}-1${pick(10)}`;
      // the more often a product is drawn, the smaller its number
      held.push({ product: Math.min(pick(products), pick(products)), opened });
    }
    for (const { product, opened } of held) holdings.push(`${customer},P${product},${opened}`);
    const region = pick(20);
    const moved = draw() < movers ? pick(20) : region;
    const birth = `${1940 + pick(70)}-0${1 + pick(9)}-1${pick(10)}`;
    const state = (until: string) => leaks[leak](held.filter(({ opened }) => opened <= until));
    now.push(`${customer},0${moved},${birth},${state(today)}`);
    then.push(`${customer},${first},0${region},${birth},${state(first)}`);
  }
  return {
    customers: `id,region,birth,leak\n${now.join('\n')}\n`,
    history: `id,as_of,region,birth,leak\n${then.join('\n')}\n`,
    products: `code,name,class\n${Array.from({ length: products }, (_, i) => `P${i},Product ${i},all`).join('\n')}\n`,
    holdings: `id,code,opened\n${holdings.join('\n')}\n`,
  };
}

const honest = [
  { name: 'region', column: 'region', kind: 'text', fixed: true, place: 'features.region' },
  { name: 'age', sql: "datesub('year', birth::DATE, :date)", kind: 'number', fixed: true, place: 'features.age' },
] as const;
const planted = {
  column: { name: 'leak', column: 'leak', kind: 'text', fixed: true, place: 'features.leak' },
  sql: { name: 'leak', sql: "coalesce(leak::VARCHAR, '') || '!'", kind: 'text', fixed: true, place: 'features.leak' },
  derived: { name: 'leak', column: 'STATE', kind: 'text', fixed: true, place: 'features.leak' },
} as const;

const request = (isPlanted?: keyof typeof planted): ExtractRequest => ({
  referenceDate: today,
  customers: { from: 'customers.csv', id: 'id' },
  products: { from: 'products.csv', code: 'code', name: 'name', class: 'class' },
  holdings: { from: 'holdings.csv', customer: 'id', product: 'code', by: 'code', date: 'opened' },
  derive: { STATE: "lower(coalesce(leak::VARCHAR, ''))" },
  columns: [],
  predicates: [],
  rules: [],
  features: {
    dates: [today, first],
    tableDate: today,
    items: [...honest, ...(isPlanted ? [planted[isPlanted]] : [])],
    derive: { STATE: "lower(coalesce(leak::VARCHAR, ''))" },
    history: { from: 'history.csv', id: 'id', date: 'as_of' },
    kept: [],
  },
});

const banks = cases(every(100, 40));

test('of random banks a planted column that knows what was bought since is refused each time, others at most twice', async () => {
  const refused = { planted: 0, honest: 0 };
  for (const [i, bank] of fc.sample(randomBank, { seed: 20_221_125, numRuns: banks }).entries()) {
    const folder = await temporaryFolder();
    await writeBank(folder, tablesOf(bank));
    const engine = await openEngine(folder);
    const how = (Object.keys(planted) as (keyof typeof planted)[])[i % 3]!;
    const isRefused = (asked: ExtractRequest) =>
      checkSources(engine, asked).then(
        () => null,
        (error: { message: string }) => error.message,
      );
    const message = await isRefused(request(how));
    expect(message, JSON.stringify({ ...bank, how })).toMatch(
      /^features\.leak: fixed, but its values of 2021-08-31 differ from today's/,
    );
    refused.planted++;
    if ((await isRefused(request())) !== null) refused.honest++;
    await engine.close();
  }
  expect(refused.planted).toBe(banks);
  expect(refused.honest).toBeLessThanOrEqual(2);
});
