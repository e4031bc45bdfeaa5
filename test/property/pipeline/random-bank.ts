import fc from 'fast-check';
import type { BankRows } from '../../reference/snapshot.ts';

/** A customer's row; null stands for an empty field. */
export interface RandomCustomer {
  id: string;
  age: number | null;
  consent: 'Y' | 'N' | null;
  balance: number | null;
  kind: string | null;
}

/** A bank and the config of its run. */
export interface RandomBank extends BankRows {
  customers: readonly RandomCustomer[];
  by: 'name' | 'code';
  referenceDate: string;
  tables: 'csv' | 'parquet';
  /** How dates are written: YYYY-MM-DD, YYYYMMDD (in CSV that is an integer), and of Parquet alone DATE, or the moment of midnight in `zone`. */
  dateForm: 'iso' | 'compact' | 'date' | 'moment';
  zone: string;
  /** Whether source.time_zone says so. */
  hasZone: boolean;
  /** Where tables are: as they are named, each behind a link, or all in a folder behind one. */
  links: 'none' | 'files' | 'folder';
  /** Customers come by a query that joins two files, the second in another order. */
  joined: boolean;
  /** Ids of the customers on the list that a predicate reads. */
  optedOut: readonly string[];
  /** The list of the night after; null: there is none. */
  nextOptedOut: readonly string[] | null;
  /** guards.max_unknown_products. */
  unknownProducts: number;
  /** guards.max_unknown_customers. */
  unknownCustomers: number;
  workers: number;
  report: boolean;
  formats: readonly ('parquet' | 'csv')[];
  /** A further row of a customer: equal, or of another age. */
  repeated: RandomCustomer | null;
  topN: number;
  fallback: 'popularity' | 'model';
  /** Positions in `predicates`, each with the class that it holds for; null: every class. */
  rules: readonly { predicate: number; reason: string; class: string | null }[];
  schemes: Readonly<Record<string, { where: number | null; method: 'kmeans' | 'kprototypes'; k: number; model: boolean }>>;
  campaigns: readonly RandomCampaign[];
  model: Readonly<Record<string, number>>;
  bands: readonly { within?: string; weight: number }[];
}

export interface RandomCampaign {
  kind: 'upsell' | 'cross';
  class: string;
  columns: readonly string[];
  scheme: string | null;
  train: 'all' | 'holders' | null;
  constant: number | null;
}

/** Name of a bank's i-th campaign; not in alphabetical order. */
export function campaignName(i: number): string {
  return ['zeta', '교차', 'alpha'][i]!;
}

type Lists = Pick<RandomBank, 'optedOut'>;

/** The list of customers who opted out, as a table in SQL. */
const optOutList = `read_csv('lists/out.csv', auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', columns = {'id': 'VARCHAR'})`;

/** Predicates over a customer in SQL, and what they mean; null is not true. */
export const predicates: readonly { sql: string; holds: (customer: RandomCustomer, bank: Lists) => boolean }[] = [
  { sql: 'age >= 18', holds: ({ age }) => age !== null && age >= 18 },
  { sql: "consent = 'Y'", holds: ({ consent }) => consent === 'Y' },
  { sql: 'balance > 0 or age > 60', holds: ({ balance, age }) => (balance ?? 0) > 0 || (age ?? 0) > 60 },
  { sql: 'kind is not null', holds: ({ kind }) => kind !== null },
  { sql: 'cast(null as boolean)', holds: () => false },
  { sql: 'true', holds: () => true },
  { sql: `id NOT IN (SELECT id FROM ${optOutList})`, holds: ({ id }, { optedOut }) => !optedOut.includes(id) },
];

/** Texts that sort differently by UTF-16, by UTF-8 bytes, by number and by locale, or that need quoting. */
const texts = [
  '1',
  '01',
  '10',
  '2',
  'a',
  'B',
  'ä',
  '가',
  '나라',
  '\uffe6',
  '😀',
  '9007199254740992',
  '9007199254740993',
  '18446744073709551617',
  '0018446744073709551617',
  "o'x",
  'a"b',
  'a,b',
  ' 1',
  'null',
];
const ids = [...texts, ...Array.from({ length: 24 }, (_, i) => String(i * 7919).padStart(8, '0'))];
const codes = [...texts, ...Array.from({ length: 8 }, (_, i) => `C${i}`)].map((text) => `P${text}`);
const names = [
  '예금',
  '예금 ',
  '예금'.normalize('NFD'),
  '보험',
  '적금',
  '펀드 A',
  'é',
  'e\u0301',
  'fund',
  'FUND',
  "it's",
  'a,"b"',
  'Z',
  'Y',
];
const classes = ['deposit', 'insurance', '펀드'];
const dates = ['2022-08-30', '2022-08-31', '2022-09-01', '2021-08-31', '2024-02-29', '2023-08-31', '1969-12-31', '2000-02-29'];

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const from = <T>(values: readonly T[]) => fc.constantFrom(...values);

const customer = fc.record({
  age: optional(fc.integer({ min: 0, max: 99 })),
  consent: optional(fc.constantFrom('Y' as const, 'N' as const)),
  balance: optional(fc.integer({ min: -5, max: 5_000 })),
  kind: optional(from(['active', '휴면', 'x,y'])),
});

const customers = fc
  .uniqueArray(fc.tuple(from(ids), customer), { minLength: 1, maxLength: 40, size: 'max', selector: ([id]) => id })
  .map((all) => all.map(([id, facts]) => ({ id, ...facts })));

const product = fc.record({
  code: from(codes),
  name: from(names),
  class: from(classes),
  saleEnd: optional(from([...dates, '9999-12-31'])),
  group: fc.option(from(['g', 'h', 'g ']), { nil: null, freq: 2 }),
});

const products = fc
  .uniqueArray(product, { minLength: 1, maxLength: 14, size: 'max', selector: ({ code }) => code })
  .map((all) => oneClassEach(all));

type ProductRows = BankRows['products'];

/** Gives equivalent products one class, as a bank has it: the lowest that one of them has. */
function oneClassEach(rows: ProductRows): ProductRows {
  const same = (a: string | null, b: string | null) =>
    a !== null && b !== null && a.normalize('NFC').trim() === b.normalize('NFC').trim();
  const mended = rows.map((row) => ({ ...row }));
  for (let round = 0; round < rows.length; round++) {
    for (const row of mended) {
      const equivalent = mended.filter((other) => same(row.name, other.name) || same(row.group, other.group));
      row.class = equivalent.map((other) => other.class).sort()[0]!;
    }
  }
  return mended;
}

const holding = (known: readonly RandomCustomer[], things: readonly string[]) =>
  fc.record({
    customer: fc.oneof(
      { weight: 20, arbitrary: from(known.map(({ id }) => id)) },
      { weight: 1, arbitrary: from(['nobody', null]) },
    ),
    product: fc.oneof({ weight: 20, arbitrary: from(things) }, { weight: 1, arbitrary: from(['nothing', null]) }),
    opened: optional(from(dates)),
    closed: fc.option(from([...dates, '9999-12-31']), { nil: null, freq: 2 }),
  });

const campaign = (known: readonly string[], schemes: readonly string[]): fc.Arbitrary<RandomCampaign> =>
  fc.record({
    kind: fc.constantFrom('upsell' as const, 'cross' as const),
    class: fc.oneof({ weight: 60, arbitrary: from(known) }, { weight: 1, arbitrary: fc.constant('loan') }),
    columns: fc.subarray([...known]),
    scheme: schemes.length > 0 ? optional(from(schemes)) : fc.constant(null),
    train: optional(fc.constantFrom('all' as const, 'holders' as const)),
    constant: optional(fc.constantFrom(0, 0.5, 1)),
  });

const scheme = fc.record({
  where: optional(from([0, 1, 3, 5])),
  method: fc.constantFrom('kmeans' as const, 'kprototypes' as const),
  k: fc.integer({ min: 1, max: 3 }),
  model: fc.boolean(),
});

const schemes = fc.oneof(
  { weight: 3, arbitrary: fc.constant<RandomBank['schemes']>({}) },
  { weight: 1, arbitrary: fc.record({ one: scheme }) },
  { weight: 1, arbitrary: fc.record({ 둘: scheme, one: scheme }) },
);

const model = fc.record({
  factors: fc.integer({ min: 1, max: 9 }),
  regularization: from([0.1, 1, 40]),
  alpha: from([0.5, 5, 40]),
  constant: from([0, 1]),
  iterations: fc.integer({ min: 0, max: 3 }),
  seed: fc.nat(9),
});

const recency = from<RandomBank['bands']>([
  [{ weight: 1 }],
  [{ within: '6 months', weight: 1 }, { weight: 0.5 }],
  [{ within: '1 day', weight: 1 }, { within: '1 year', weight: 0.75 }, { within: '30 years', weight: 0.1 }, { weight: 2 }],
]);

/** Banks of up to 40 customers and 14 products, with everything that a config may ask of them. */
export const randomBank: fc.Arbitrary<RandomBank> = fc
  .tuple(customers, products, fc.constantFrom('name' as const, 'code' as const), schemes)
  .chain(([people, things, by, schemes]) => {
    const known = [...new Set(things.map((thing) => thing.class))];
    const keys = things.map((thing) => thing[by]);
    return fc.record({
      ...{ customers: fc.constant(people), products: fc.constant(things), by: fc.constant(by), schemes: fc.constant(schemes) },
      holdings: fc.array(holding(people, keys), { minLength: 1, maxLength: 90, size: 'max' }),
      referenceDate: from(['2022-08-31', '2024-02-29', '2021-12-31']),
      dateForm: fc.constantFrom('iso' as const, 'compact' as const, 'date' as const, 'moment' as const),
      zone: from(['Asia/Seoul', 'UTC', 'America/St_Johns', 'Pacific/Kiritimati']),
      hasZone: fc.oneof({ weight: 20, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
      links: fc.constantFrom('none' as const, 'none' as const, 'files' as const, 'folder' as const),
      joined: fc.boolean(),
      optedOut: fc.subarray(people.map(({ id }) => id)),
      nextOptedOut: fc.option(fc.subarray(people.map(({ id }) => id)), { nil: null, freq: 1 }),
      ...{ tables: fc.constantFrom('csv' as const, 'parquet' as const), workers: fc.integer({ min: 1, max: 3 }) },
      unknownProducts: from([1, 1, 1, 1, 0.2, 0]),
      unknownCustomers: from([1, 1, 1, 1, 0.2, 0]),
      report: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
      formats: from<RandomBank['formats']>([['parquet'], ['csv'], ['csv', 'parquet'], ['parquet', 'csv']]),
      repeated: fc.oneof(
        { weight: 30, arbitrary: fc.constant(null) },
        { weight: 1, arbitrary: from(people) },
        { weight: 1, arbitrary: from(people).map((person) => ({ ...person, age: person.age === 30 ? 31 : 30 })) },
      ),
      topN: fc.integer({ min: 1, max: 6 }),
      fallback: fc.constantFrom('popularity' as const, 'model' as const),
      rules: fc.array(
        fc.record({
          predicate: fc.nat(predicates.length - 1),
          reason: from(['YOUNG', '동의없음', 'R3']),
          class: optional(fc.oneof({ weight: 60, arbitrary: from(known) }, { weight: 1, arbitrary: from([...classes, 'loan']) })),
        }),
        { maxLength: 3 },
      ),
      campaigns: fc.array(campaign(known, Object.keys(schemes)), { minLength: 1, maxLength: 3 }),
      model,
      bands: recency,
    });
  });
