import type { PlainDate } from '@basketwise/core';
import { extractRequest, parseConfig } from '@basketwise/pipeline';
import { describe, expect, test } from 'vitest';
import { problemsOf } from './config-problems.ts';

const config = (more: string, customers = 'from: customers.csv') => `reference_date: 2022-08-31
tables:
  customers: { ${customers}, id: id }
  products: { from: products.csv, code: code, name: name, class: class }
  holdings: { from: holdings.csv, customer: customer, product: product, date: opened }
campaigns:
  upsell: { kind: upsell, class: deposit${more.includes('clusters:') ? ', by_cluster: people' : ''} }
validation: { owner: marketing, purpose: lists, tier: '2', protected: [Sex, { column: age, bands: [30, 60] }] }
${more}`;
const query = (sql: string) => config('', `sql: "${sql}"`);

describe('a config whose models can use a protected column is refused, with the way to it', () => {
  const refused: [string, string, string][] = [
    ['directly', config('features: { sex: { column: SEX } }'), 'features.sex.column: `Sex` is protected'],
    ['in SQL of a feature', config('features: { old: { sql: "age > 60" } }'), 'features.old.sql: `age` is protected'],
    [
      'by derive, over two levels',
      config('derive: { is_f: "sex = \'F\'", group_a: "is_f AND city = 1" }\nfeatures: { a: { column: group_a } }'),
      'features.a.column: `group_a` is derived, and `is_f` is derived, and `Sex` is protected',
    ],
    [
      'in the clusters of a campaign',
      config('derive: { is_f: "sex = \'F\'" }\nclusters: { people: { k: 3, categorical: [is_f] } }'),
      'campaigns.upsell.by_cluster: clusters of `people` use a protected column: `is_f` is derived, and `Sex` is protected',
    ],
    [
      'in the condition of these clusters',
      config('clusters: { people: { k: 3, numeric: [balance], where: "age > 17" } }'),
      'campaigns.upsell.by_cluster: clusters of `people` use a protected column: `age` is protected',
    ],
    ['in SQL of a table', query("SELECT *, sex = 'F' AS g FROM t"), 'tables.customers.sql: `Sex` is protected'],
    ['renamed', query('SELECT id, t.sex g FROM t'), 'tables.customers.sql: `Sex` is protected'],
    ['in a subquery', query('SELECT * FROM (SELECT id, upper(sex) AS g FROM t)'), 'tables.customers.sql: `Sex` is protected'],
    ['in the REPLACE of a star', query('SELECT * REPLACE (sex AS g) FROM t'), 'tables.customers.sql: `Sex` is protected'],
    ['in the list of a UNION', query('SELECT id, g FROM a UNION SELECT id, lower(sex) FROM b'), '`Sex` is protected'],
    [
      'by a derived column that a later one defines',
      config('derive: { a: "b", b: "sex = \'F\'" }\nfeatures: { a: { column: a } }'),
      'features.a.column: `a` is derived, and `b` is derived, and `Sex` is protected',
    ],
    [
      'by COLUMNS in a derived column',
      config('derive: { g: "hash(COLUMNS(*))" }\nfeatures: { g: { column: g } }'),
      '`Sex` is protected',
    ],
    ['as a whole row in SQL of a feature', config('features: { g: { sql: "hash(customers)" } }'), '`Sex` is protected'],
    ['as another one', query('SELECT id, age AS sex FROM t'), 'tables.customers.sql: `age` is protected'],
  ];
  test.each(refused)('%s', (_, text, message) => {
    expect(problemsOf(text)).toContain(message);
  });
});

test('a second column of a protected name is no feature, and no column of clusters', () => {
  expect(problemsOf(config('features: { g: { column: sex_1 } }'))).toContain('`sex_1` can be a second one');
  expect(problemsOf(config("clusters: { people: { k: 3, categorical: ['age:1'] } }"))).toContain('`age:1` can be a second one');
});

test('a column that only begins like a protected one is a feature', () => {
  for (const column of ['age_60', 'sex_code', 'age_060', 'age_12'])
    expect(() => parseConfig(config(`features: { g: { column: ${column} } }`), 'basketwise.yaml')).not.toThrow();
});

test('expressions may use columns with the names of tables that are not theirs', () => {
  expect(() =>
    parseConfig(config('derive: { many: "holdings > 3" }\nfeatures: { m: { column: many } }'), 'basketwise.yaml'),
  ).not.toThrow();
  const where = (sql: string) => config('').replace('date: opened', `date: opened, where: "${sql}"`);
  expect(() => parseConfig(where('customers = 1'), 'basketwise.yaml')).not.toThrow();
  expect(problemsOf(where('hash(holdings) = 1'))).toContain('`holdings` has all columns');
});

test('a protected column with bands stays the text that a cluster reads', () => {
  const text = config('clusters: { people: { k: 3, categorical: [age] } }').replace(', by_cluster: people', '');
  const columns = (of: string) => extractRequest(parseConfig(of, 'basketwise.yaml').config, '2022-08-31' as PlainDate).columns;
  expect(columns(text)).toContainEqual({ name: 'age', kind: 'text' });
  expect(columns(config(''))).toContainEqual({ name: 'age', kind: 'number' });
});

test('bounds of a protected column rise, and no column is protected twice', () => {
  const listed = (list: string) => problemsOf(config('').replace(/protected: .*\] }\]/, `protected: ${list}`));
  expect(listed('[{ column: age, bands: [60, 30] }]')).toContain(
    'validation.protected[0].bands[1]: expected a bound above that of the band before',
  );
  expect(listed('[sex, { column: SEX, bands: [1] }]')).toContain('validation.protected[1]: column `SEX` is listed twice');
});

test('tables may pass a protected column on under its own name; rules and segments may use it', () => {
  for (const sql of [
    'SELECT id, sex, t.age FROM t',
    "SELECT * REPLACE (coalesce(sex, '2') AS sex) FROM t WHERE sex <> 'x' ORDER BY age",
    'SELECT * FROM a UNION ALL SELECT * FROM b',
    'WITH a AS (SELECT DISTINCT id, sex FROM t) SELECT *, CAST(age AS INTEGER) AS age FROM a',
    "SELECT * EXCLUDE (name), CASE WHEN sex = 'x' THEN NULL ELSE sex END AS sex FROM t",
    "SELECT id, 'sex' AS what FROM t -- sex and age",
    "SELECT id, sex, g FROM a UNION ALL SELECT cid, sex, 'x' FROM b",
    'SELECT * EXCLUDE (sex, t.age) FROM t UNION ALL BY NAME SELECT * EXCLUDE sex FROM b',
    'SELECT id, count(*) AS n, 2 * (n) * max(k) AS m FROM a GROUP BY id UNION ALL SELECT id, count(*), 0 FROM b',
    '(SELECT id, g FROM a) INTERSECT (SELECT id, g FROM b)',
    "WITH c AS (SELECT * FROM t), d AS (SELECT DISTINCT * FROM c) SELECT d.*, v.label FROM d JOIN (VALUES (1, 'a')) v(k, label) ON d.k = v.k",
    'SELECT t.id, u.p FROM t, unnest(t.list) AS u(p) WHERE EXISTS (SELECT * FROM b WHERE b.id = t.id)',
    "SELECT id, extract(year FROM joined) AS y, cluster, left(city, 2) AS c FROM 'in/people.csv' people WHERE a IS DISTINCT FROM b ORDER BY id",
    'SELECT c.customer, opened FROM t c JOIN product USING (product, k)',
    'SELECT id, sum(amount) balance FROM balance GROUP BY id',
    'SELECT id, sex, x t, c.y u FROM t, s.u',
    "SELECT id, date '2020-01-01' AS d FROM t JOIN date USING (k)",
    'SELECT id, a IS DISTINCT FROM b AS ab, sex FROM t',
    'SELECT k.id, m.x FROM t AS k, jsonb_to_recordset(k.j) AS m(x int, y text), json_each(k.j) AS e(key, value)',
    "SELECT id, sex FROM read_json('c.json', columns = {'id': 'VARCHAR', 'sex': 'VARCHAR'}) WHERE names = 'x'",
    'SELECT id, region.region, s.region.k FROM t JOIN s.region ON true',
    'SELECT id, COLUMNS(*) FROM s.t LEFT JOIN s.b USING (id) GROUP BY ALL',
    'SELECT id, sex, COLUMNS(*) FROM (SELECT id, sex FROM a) q JOIN b USING (id) WHERE (g) IN (h)',
  ])
    expect(() => parseConfig(query(sql), 'basketwise.yaml')).not.toThrow();
  const used = `rules: [{ reason: MINOR, require: "age >= 18" }]
segments: { ages: { column: age, bands: [{ label: young, to: 30 }, { label: old, from: 30 }] } }`;
  expect(() => parseConfig(config(used), 'basketwise.yaml')).not.toThrow();
});
