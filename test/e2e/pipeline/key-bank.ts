// A bank whose tables have a second column for most columns that a config names, and a config with most keys.
import type { SmallBank } from './small-bank.ts';

const customers = 120;
const people = Array.from({ length: customers }, (_, i) => ({
  id: 1000 + i,
  age: 20 + ((i * 7) % 60),
  balance: (i * 37) % 900,
  sex: i % 3 ? 'f' : 'm',
  joined: `20${10 + (i % 12)}-03-01`,
  consent: i % 5 ? 'Y' : 'N',
}));

const csv = (head: string, rows: readonly (readonly (string | number)[])[]) =>
  `${head}\n${rows.map((row) => row.join(',')).join('\n')}\n`;

const personHead = 'id,other_id,age,balance,sex,joined,consent';
const personRow = ({ id, age, balance, sex, joined, consent }: (typeof people)[number]) =>
  [id, 1000 + ((id * 7) % customers), age, balance, sex, joined, consent] as const;

const products = [
  ['D1', 'X1', '입출금통장', 'current', 'deposit', 'saving', '', '', 'a', 3],
  ['D2', 'X2', '정기예금', 'term', 'deposit', 'saving', '2020-01-01', '', 'a', 4],
  ['D3', 'X3', '적금', 'regular', 'deposit', 'saving', '', '2021-01-01', 'b', 5],
  ['D4', 'X4', '청약', 'housing', 'deposit', 'saving', '', '', 'c', 6],
  ['I1', 'X5', '실손보험', 'health', 'insurance', 'cover', '', '', 'd', 7],
  ['I2', 'X6', '연금보험', 'annuity', 'insurance', 'cover', '', '', 'e', 8],
  ['I3', 'X7', '저축보험', 'endowment', 'insurance', 'cover', '', '', 'f', 9],
] as const;
const productHead = 'code,other_code,name,other_name,class,other_class,sale_end,other_end,same_as,worth';

const holdings = people.flatMap(({ id }, i) =>
  products.flatMap(([code, , name], p) => {
    const [next] = products[(p + 1) % products.length]!;
    if (i % 9 === 8 || (i * 31 + p * 17) % 11 > 4) return [];
    const day = `${2018 + ((i + p) % 5)}-0${1 + ((i * 3 + p) % 8)}-15`;
    const closed = (i + p) % 7 === 0 ? '2022-08-20' : '';
    return [
      [
        id,
        1000 + ((i * 11) % customers),
        name,
        code,
        next,
        day,
        `${2017 + ((i + p) % 5)}-05-01`,
        closed,
        p % 4 ? 'A' : 'B',
        i + p,
      ],
    ];
  }),
);
const holdingHead = 'customer,other_customer,product,code,other_code,opened,other_day,closed,state,amount';

const contacts = people.flatMap(({ id }, i) =>
  i % 4
    ? []
    : [
        [
          id,
          id + 1,
          products[i % 7]![0],
          products[(i + 1) % 7]![0],
          products[i % 7]![2],
          '2022-08-10',
          '2022-05-01',
          i % 8 ? 'NO' : 'YES',
          'YES',
          i,
        ],
      ],
);
const contactHead = 'customer,other_customer,what,other_what,name,day,other_day,answer,other_answer,cost';

const states = people.flatMap((person) =>
  ['2021-06-30', '2022-06-30'].map((month, m) => [
    person.id,
    person.id,
    month,
    month,
    person.age - 2 + m,
    (person.balance + 50 * m) % 900,
    person.sex,
  ]),
);
const stateHead = 'id,same_id,month,same_month,age,balance,sex';

/** Keys of a config with their values. */
export type Patch = Readonly<Record<string, unknown>>;

/** The config before a change; `model` and lists are replaced by a change as a whole, other keys one by one. */
export const base: Patch = {
  reference_date: '2022-08-31',
  source: { path: '.' },
  tables: {
    customers: { from: 'customers.csv', id: 'id' },
    products: { from: 'products.csv', code: 'code', name: 'name', class: 'class', sale_end: 'sale_end' },
    holdings: { from: 'holdings.csv', customer: 'customer', product: 'product', date: 'opened' },
    contacts: { from: 'contacts.csv', customer: 'customer', what: 'what', when: 'day', answer: 'answer' },
  },
  guards: {
    max_unknown_products: 1,
    max_unknown_customers: 1,
    max_row_drop: 1,
    max_without_holdings_rise: 1,
    max_share_change: 1,
  },
  derive: { is_old: 'age > 50' },
  recency: { bands: [{ within: '1 year', weight: 2 }, { weight: 1 }] },
  clusters: { age: { k: 3, numeric: ['age'], starts: 1 } },
  segments: {
    age: {
      column: 'age',
      bands: [
        { label: 'young', to: 40 },
        { label: 'old', from: 40 },
      ],
    },
    rich: { flags: ['balance'] },
  },
  rules: [{ reason: 'NO_CONSENT', require: "consent = 'Y'" }],
  campaigns: {
    up: { kind: 'upsell', class: 'deposit' },
    cross: { kind: 'cross', class: 'insurance', columns: ['deposit', 'insurance'], by_cluster: 'age' },
  },
  model: { kind: 'als', factors: 4, regularization: 1, iterations: 3 },
  top_n: 3,
  workers: 2,
  evaluate: { window: '2 years', gap: '0 days', bootstrap: 50 },
  offers: {
    value: { others: 5 },
    capacity: { all: { most: 40 } },
    contacts: {
      answers: { refusal: ['NO'], purchase: ['YES'] },
      rest: { offer: '10 days' },
      at_most: { offers: 2, within: '90 days' },
    },
    never_together: [{ products: ['I1', 'I2'] }],
    control: { share: 0.2, salt: 'spring' },
  },
  output: { formats: ['csv', 'parquet'] },
};

const tableFiles = (of: readonly (typeof people)[number][]) => ({
  'customers.csv': csv(personHead, of.map(personRow)),
  'products.csv': csv(productHead, products),
  'holdings.csv': csv(holdingHead, holdings),
  'contacts.csv': csv(contactHead, contacts),
});
const own = tableFiles(people);

/** The bank with all tables that a change may name. */
export const keyBank: SmallBank = {
  customers: own['customers.csv'],
  products: own['products.csv'],
  holdings: own['holdings.csv'],
  config: '',
  files: {
    'contacts.csv': own['contacts.csv'],
    'states.csv': csv(stateHead, states),
    'later-states.csv': csv(stateHead, states.slice(40)),
    'people.csv': csv(personHead, people.slice(10).map(personRow)),
    'goods.csv': csv(
      productHead,
      products.map((row) => [...row.slice(0, 6), row[0] === 'D4' ? '2022-01-01' : '', ...row.slice(7)]),
    ),
    'more-holdings.csv': csv(holdingHead, holdings.slice(20)),
    'more-contacts.csv': csv(contactHead, contacts.slice(5)),
  },
};

/** Files in folders of their own, by path: other customers, and the same tables in UTF-16. */
export const otherFiles: Readonly<Record<string, Buffer>> = Object.fromEntries([
  ...Object.entries(tableFiles(people.filter(({ id }) => id % 10 > 0))).map(([name, text]) => [
    `elsewhere/${name}`,
    Buffer.from(text),
  ]),
  ...Object.entries(own).map(([name, text]) => [`wide/${name}`, Buffer.from(`\ufeff${text}`, 'utf16le')]),
]);
