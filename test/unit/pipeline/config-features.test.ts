import { parseConfig } from '@basketwise/pipeline';
import { describe, expect, test } from 'vitest';
import { problemsOf } from './config-problems.ts';

const small = `reference_date: 2022-08-31
tables:
  customers: { from: customers.parquet, id: csno, since: join_dt, history: { from: customers_*.parquet, id: csno, date: base_dt } }
  products: { from: products.parquet, code: code, name: name, class: class }
  holdings: { from: holdings.parquet, customer: csno, product: name }
campaigns:
  deposit-upsell: { kind: upsell, class: deposit }
features:
  sex: { column: SEX_CD, fixed: true }
  age: { sql: "date_diff('year', BIRTH_DT, :date)", bands: [20, 35.5, 65], fixed: true }
  age_sex: { cross: [age, sex] }
  balance: { column: BAL, bands: 5 }
`;

test('features are columns, SQL and crossings; without them the config has no such key', () => {
  const { config, warnings } = parseConfig(small, 'basketwise.yaml');
  expect(warnings).toEqual([expect.stringContaining('features.balance: it does not rank: without tables.holdings.date')]);
  expect(config.tables.customers).toMatchObject({ since: 'join_dt', history: { id: 'csno', date: 'base_dt' } });
  expect(config.features).toEqual({
    sex: { column: 'SEX_CD', fixed: true },
    age: { sql: "date_diff('year', BIRTH_DT, :date)", bands: [20, 35.5, 65], fixed: true },
    age_sex: { cross: ['age', 'sex'] },
    balance: { column: 'BAL', bands: 5, fixed: false },
  });
  const without = parseConfig(small.slice(0, small.indexOf('features:')), 'basketwise.yaml');
  expect(JSON.stringify(without.config)).not.toContain('features');
});

const more = (feature: string) => `${small}  ${feature}\n`;

describe('what is wrong with features is said with its line', () => {
  const cases: [string, string, string][] = [
    ['a name twice', more('sex: { column: OTHER }'), ':13:3 Map keys must be unique'],
    ['a name twice but for its case', more('Sex: { column: OTHER }'), ':13:8 features.Sex: differs from `sex` only by case'],
    ['a name that is taken', more('id: { column: X }'), ':13:7 features.id: features.parquet has a column of this name already'],
    [
      'an unknown feature in a crossing',
      small.replace('[age, sex]', '[age, region]'),
      ':11:27 features.age_sex.cross[1]: no feature `region`; there are `sex`, `age`, `balance`',
    ],
    [
      'a crossing of a crossing',
      more('more: { cross: [age_sex, sex] }'),
      ':13:19 features.more.cross[0]: `age_sex` is a crossing itself',
    ],
    [
      'a crossing with itself',
      small.replace('[age, sex]', '[age, age]'),
      ':11:27 features.age_sex.cross[1]: a feature is listed twice',
    ],
    [
      'a crossing of three',
      small.replace('[age, sex]', '[age, sex, balance]'),
      ':11:21 features.age_sex.cross: expected two features',
    ],
    [
      'bounds out of order',
      small.replace('35.5', '20'),
      ':10:65 features.age.bands[1]: expected a bound above that of the band before',
    ],
    ['one band', small.replace('bands: 5', 'bands: 1'), ':12:34 features.balance.bands: expected at least 2'],
    ['a column and SQL', small.replace('column: SEX_CD', 'column: SEX_CD, sql: SEX_CD'), ':9:26 features.sex.sql: unknown key'],
    [
      'a history without a table',
      small.replace('from: customers_*.parquet, ', ''),
      ':3:76 tables.customers.history: expected one of `from` and `sql`, found neither',
    ],
    [
      'pushdown',
      `${small}source: { engine: hive, hive: { host: h, pushdown: true } }\n`,
      ':12:12 features.balance: with pushdown the past of customers is not read',
    ],
    [
      'work tables',
      `${small}source: { engine: hive, hive: { host: h, work_tables: { schema: w } } }\n`,
      ':9:3 features: work tables have no features',
    ],
  ];
  test.each(cases)('%s', (_, text, message) => {
    expect(problemsOf(text)).toContain(`basketwise.yaml${message}`);
  });

  test('a history that no feature needs is a warning', () => {
    const { warnings } = parseConfig(
      small.replace('column: SEX_CD', "sql: 'SEX_CD'").replace(/ {2}balance.*\n/, ''),
      'basketwise.yaml',
    );
    expect(warnings).toContain(
      'basketwise.yaml:3:76 tables.customers.history: no feature changes, and none is a column: it is not read',
    );
  });
});
