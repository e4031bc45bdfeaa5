import type { PlainDate } from '@basketwise/core/parts';
import { parseConfig } from '@basketwise/pipeline';
import { extractRequest } from '@basketwise/pipeline/parts';
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
    ['as a filter of rows', query("SELECT * FROM t WHERE sex = 'F'"), 'tables.customers.sql: `Sex` is protected'],
    ['by its position', query('SELECT id, g FROM a UNION ALL SELECT id, sex FROM b'), 'tables.customers.sql: `Sex` is protected'],
    [
      'by its position below a star',
      query('SELECT * FROM a UNION SELECT id, sex FROM b'),
      'tables.customers.sql: `Sex` is protected',
    ],
    ['in brackets', query('(SELECT id, g FROM a) EXCEPT (SELECT id, sex FROM b)'), 'tables.customers.sql: `Sex` is protected'],
    [
      'by names of WITH',
      query('WITH c(id, g) AS (SELECT id, sex FROM t) SELECT * FROM c'),
      'tables.customers.sql: `Sex` is protected',
    ],
    [
      'by names after a query',
      query('SELECT * FROM (SELECT id, sex FROM t) q(id, g)'),
      'tables.customers.sql: `Sex` is protected',
    ],
    ['by names after AS', query('SELECT * FROM (SELECT id, sex FROM t) AS q(id, g)'), 'tables.customers.sql: `Sex` is protected'],
    ['by COLUMNS', query("SELECT id, COLUMNS('s.x') AS g FROM t"), 'tables.customers.sql: `Sex` is protected'],
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

describe('SQL that can pass on columns without their names is refused', () => {
  const refused: [string, string][] = [
    ['SELECT id, region FROM a UNION ALL SELECT * FROM b', 'UNION'],
    ['SELECT id, region FROM a UNION ALL (SELECT x.* FROM b x)', 'UNION'],
    ['SELECT id, region FROM a EXCEPT FROM b', 'UNION'],
    ['SELECT id, (SELECT max(g) FROM (SELECT 1 AS g UNION ALL SELECT * FROM b)) AS g FROM t', 'UNION'],
    ['SELECT * FROM (SELECT * FROM t) q(id, g)', '`q(...)`'],
    ['FROM t AS q(id, g)', '`q(...)`'],
    ['FROM t q(id, g)', '`q(...)`'],
    ["SELECT * FROM a JOIN 'b.csv' AS q(id, g) USING (id)", '`q(...)`'],
    ['WITH q(id, g) AS (SELECT * FROM t) SELECT * FROM q', '`q(...)`'],
    ['SELECT id, t AS g FROM t', '`t`'],
    ['SELECT id, to_json(t) AS g FROM s.t', '`t`'],
    ["SELECT id, x['s' || 'ex'] AS g FROM t x", '`x`'],
    ["SELECT id, CAST(people AS VARCHAR) AS g FROM 'in/people.csv'", '`people`'],
    ['FROM q: t SELECT id, hash(q) AS g', '`q`'],
    ['SELECT id, row(t.*) AS g FROM t', '`*`'],
    ['SELECT id, hash(*) AS g FROM t', '`*`'],
    ['SELECT id, (SELECT * FROM b WHERE b.id = t.id) AS g FROM t', '`*`'],
    ['SELECT id, hash(COLUMNS(*)) AS g FROM t', '`COLUMNS`'],
    ['SELECT id FROM t WHERE COLUMNS(*) = 1', '`COLUMNS`'],
    ['SELECT id, #2 AS g FROM t', '`#2`'],
    ['UNPIVOT t ON COLUMNS(*)', '`UNPIVOT`'],
    ['SELECT id FROM a NATURAL JOIN b', '`NATURAL`'],
    ["SELECT * FROM query('SELECT id, ' || 's' || 'ex AS g FROM t')", '`query`'],
  ];
  test.each(refused)('%s', (sql, part) => {
    const problems = problemsOf(query(sql));
    expect(problems).toContain('tables.customers.sql: `Sex` is protected, and ');
    expect(problems).toContain(part);
  });
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
    'SELECT id, COLUMNS(*) FROM s.t LEFT JOIN s.b USING (id) GROUP BY ALL',
    'SELECT id, sex, COLUMNS(*) FROM (SELECT id, sex FROM a) q JOIN b USING (id) WHERE (g) IN (h)',
  ])
    expect(() => parseConfig(query(sql), 'basketwise.yaml')).not.toThrow();
  const used = `rules: [{ reason: MINOR, require: "age >= 18" }]
segments: { ages: { column: age, bands: [{ label: young, to: 30 }, { label: old, from: 30 }] } }`;
  expect(() => parseConfig(config(used), 'basketwise.yaml')).not.toThrow();
});
