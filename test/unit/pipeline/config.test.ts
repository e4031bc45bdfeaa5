import { configJsonSchema, parseConfig } from '@basketwise/pipeline';
import { describe, expect, test } from 'vitest';
import { calibrates } from '../../../packages/pipeline/src/config/campaign-plan.ts';
import { redact } from '../../../packages/pipeline/src/stages/manifest.ts';
import { problemsOf } from './config-problems.ts';

const small = `reference_date: 2022-08-31
tables:
  customers: { from: customers.parquet, id: csno }
  products: { from: products.parquet, code: code, name: name, class: class }
  holdings: { from: holdings.parquet, customer: csno, product: name }
clusters:
  deposit: { k: 3, numeric: [HD, DD] }
campaigns:
  deposit-upsell: { kind: upsell, class: 예금, by_cluster: deposit }
`;

test.each([
  [
    'two segments',
    'segments:\n  Age: { column: AGE, bands: [ { label: all } ] }\n  age: { column: AGE, bands: [ { label: all } ] }\n',
    'segments.age: differs from `Age` only by case',
  ],
  [
    'two schemes',
    'clusters:\n  a: { k: 2, numeric: [HD] }\n  A: { k: 2, numeric: [HD] }\n',
    'clusters.A: differs from `a` only by case',
  ],
  [
    'a segment and the customer',
    'segments:\n  Customer: { column: AGE, bands: [ { label: all } ] }\n',
    'segments.Customer: segments.parquet has a column of this name',
  ],
])('names that would be one column are refused: %s', (_, keys, message) => {
  const text = small.replace(/clusters:\n.*\n/, '').replace(', by_cluster: deposit', '');
  expect(problemsOf(text + keys)).toContain(message);
});

test.each(['Asia/Seoul', 'UTC', 'America/St_Johns'])('source.time_zone %s is a zone', (zone) => {
  expect(parseConfig(`${small}source: { time_zone: ${zone} }\n`, 'basketwise.yaml').config.source.time_zone).toBe(zone);
});

test.each(['Asia/Atlantis', '+09:00', 'Korea Standard Time'])('source.time_zone %s is none', (zone) => {
  expect(problemsOf(`${small}source: { time_zone: '${zone}' }\n`)).toContain(
    'source.time_zone: expected a time zone such as `Asia/Seoul`',
  );
});

test('classes are read in the form in which names are compared', () => {
  const text = small.replace('class: 예금', `class: ' ${'예금'.normalize('NFD')} '`);
  const { config } = parseConfig(
    `${text}rules:\n  - { reason: X, class: ${'예금'.normalize('NFD')}, require: 'true' }\n`,
    'basketwise.yaml',
  );
  expect([config.campaigns['deposit-upsell']!.class, config.rules[0]!.class]).toEqual(['예금', '예금']);
  const decomposed = '예금'.normalize('NFD');
  const offers = `offers: { value: { classes: { ${decomposed}: 3 } }, capacity: { a: { most: 2, classes: [${decomposed}] } } }`;
  const dated = text.replace('product: name }', 'product: name, date: day }');
  expect(parseConfig(`${dated}${offers}\n`, 'basketwise.yaml').config.offers).toMatchObject({
    value: { classes: { 예금: 3 } },
    capacity: { a: { classes: ['예금'] } },
  });
});

test('parameters without a kind are those of als; with pushdown als is the default where holdings have no dates', () => {
  const als = { kind: 'als', factors: 32, regularization: 40, alpha: 10, constant: 1, iterations: 15, tolerance: 0, seed: 0 };
  expect(parseConfig(`${small}model: { factors: 8 }\n`, 'basketwise.yaml').config.model).toEqual({ ...als, factors: 8 });
  const hive = 'source: { engine: hive, hive: { host: h, pushdown: true } }';
  const pushed = parseConfig(`${small}${hive}\n`, 'basketwise.yaml').config;
  expect(pushed.model).toEqual(als);
  const dated = `${small.replace('product: name }', 'product: name, date: opened }')}${hive}\n`;
  expect(parseConfig(dated, 'basketwise.yaml').config.model.kind).toBe('automatic');
  expect(problemsOf(`${small}${hive}\nmodel: { kind: lookup-next }\n`)).toContain(
    'model.kind: with pushdown `lookup-next` learns only from dated holdings',
  );
});

test('a small config is complete with the defaults of the documentation', () => {
  const { config, warnings } = parseConfig(small, 'basketwise.yaml');
  expect(warnings).toEqual([]);
  expect(config.model).toEqual({ kind: 'automatic', sample: 100_000, seed: 0 });
  expect(config.source).toEqual({ engine: 'duckdb', path: './data', encoding: 'utf-8', memory: 4 * 2 ** 30 });
  expect(config.recency.bands.map((band) => band.weight)).toEqual([1, 0.75, 0.5, 0.25]);
  expect(config.output).toEqual({
    dir: './out',
    formats: ['parquet', 'csv'],
    escape_formulas: true,
    suppressed_customers: false,
    report: true,
    keep: 14,
  });
  expect(config.campaigns['deposit-upsell']!.class).toBe('예금');
  expect(config.clusters.deposit).toMatchObject({ method: 'kmeans', starts: 5, scale: 'minmax' });
});

describe('what is wrong is said with its line', () => {
  const cases: [string, string, string][] = [
    ['an unknown key', `${small}topn: 5\n`, '10:1 topn: unknown key; did you mean `top_n`?'],
    [
      'an unknown key deep inside',
      small.replace('numeric:', 'numerics:'),
      '7:20 clusters.deposit.numerics: unknown key; did you mean `numeric`?',
    ],
    [
      'a word that is no choice',
      small.replace('upsell,', 'up,'),
      '9:27 campaigns.deposit-upsell.kind: expected `upsell` or `cross`',
    ],
    ['a missing key', small.replace(', id: csno', ''), '3:3 tables.customers.id: required, and missing'],
    [
      'a date that does not exist',
      small.replace('08-31', '02-30'),
      '1:17 reference_date: expected a date that exists, YYYY-MM-DD',
    ],
    [
      'a size',
      `${small}source: { memory: much }\n`,
      '10:19 source.memory: expected a size such as `512MB` or `4GB`, at most 1024TB',
    ],
    [
      'an unknown cluster scheme',
      small.replace('by_cluster: deposit', 'by_cluster: depot'),
      '9:58 campaigns.deposit-upsell.by_cluster: no cluster scheme `depot`; there are `deposit`',
    ],
    [
      'partial pooling of a model that learns nothing from the past',
      `${small.replace('by_cluster: deposit', 'by_cluster: deposit, pooling: partial')}model: { kind: als }\n`,
      '9:76 campaigns.deposit-upsell.pooling: how far clusters differ is learned by `automatic` and `next-purchase`; `als` has one model per cluster: leave it out, or name another kind',
    ],
    [
      'pooling without clusters',
      small.replace('by_cluster: deposit', 'pooling: none'),
      '9:55 campaigns.deposit-upsell.pooling: it says how clusters enter a model: name their scheme in `by_cluster`, or leave it out',
    ],
    [
      'a class that is not among the columns',
      small.replace('by_cluster: deposit', 'columns: [fund]'),
      '9:55 campaigns.deposit-upsell.columns: expected the class `예금` among them: only columns can be recommended',
    ],
    [
      'bands out of order',
      `${small}recency: { bands: [{ within: 1 year, weight: 1 }, { within: 6 months, weight: 0.5 }, { weight: 0.2 }] }\n`,
      '10:61 recency.bands[1].within: expected a longer time than that of the band before',
    ],
    [
      'a recency weight below 0',
      `${small}recency: { bands: [{ within: 1 year, weight: -1 }, { weight: 0.2 }] }\n`,
      '10:46 recency.bands[0].weight: expected a weight above 0',
    ],
    [
      'a cluster weight below 0',
      small.replace('numeric:', 'weights: { A: -1 }, numeric:'),
      '7:34 clusters.deposit.weights.A: expected a weight of at least 0',
    ],
    [
      'a weight that is not finite',
      `${small}recency: { bands: [{ weight: .inf }] }\n`,
      '10:30 recency.bands[0].weight: expected a number',
    ],
    [
      'a weight that is no number',
      `${small}recency: { bands: [{ weight: .nan }] }\n`,
      '10:30 recency.bands[0].weight: expected a number',
    ],
    ['a key twice', `${small}top_n: 5\ntop_n: 6\n`, '11:1 Map keys must be unique'],
  ];
  test.each(cases)('%s', (_, text, message) => {
    expect(problemsOf(text)).toBe(`basketwise.yaml:${message}`);
  });

  test('several problems at once', () => {
    const text = problemsOf(small.replace('numeric:', 'numerics:').replace('id: csno', 'ids: csno'));
    expect(text).toContain('basketwise.yaml has 3 problems');
    expect(text).toContain('basketwise.yaml:3:41 tables.customers.ids: unknown key');
    expect(text).toContain('basketwise.yaml:3:3 tables.customers.id: required');
    expect(text).toContain('basketwise.yaml:7:20 clusters.deposit.numerics');
  });
});

describe('segment bands cover every number once', () => {
  const segment = (bands: string) => `${small}segments:\n  balance:\n    column: B\n    bands:\n${bands}`;
  test('a whole line passes, `null` as a key too', () => {
    const { config } = parseConfig(
      segment(
        '      - { label: none, null: true }\n      - { label: below, to: 0 }\n      - { label: zero, equals: 0 }\n      - { label: above, above: 0 }\n',
      ),
      'basketwise.yaml',
    );
    expect(config.segments.balance).toMatchObject({ bands: [{ null: true }, { to: 0 }, { equals: 0 }, { above: 0 }] });
  });
  test.each([
    [
      '      - { label: a, to: 0 }\n      - { label: b, above: 0 }\n',
      ':15:9 segments.balance.bands[1]: a gap before "b": nothing from 0 to just above 0',
    ],
    ['      - { label: a, to: 5 }\n      - { label: b, from: 4 }\n', ':15:9 segments.balance.bands[1]: "b" overlaps "a"'],
    ['      - { label: a, to: 5 }\n', ':14:9 segments.balance.bands[0]: a gap after "a": nothing from 5 on'],
    ['      - { label: a, from: 5, to: 5 }\n', ':14:9 segments.balance.bands[0]: the band is empty: it ends before it starts'],
  ])('%s', (bands, message) => {
    expect(problemsOf(segment(bands))).toBe(`basketwise.yaml${message}`);
  });
});

describe('a model has the parameters of its kind, wherever it stands', () => {
  test.each([
    ['model: { kind: als, neighbours: 3 }', '10:33 model.neighbours: `als` has no such parameter; it has factors, '],
    ['model: { kind: als, factor: 8 }', '10:21 model.factor: unknown key; did you mean `factors`?'],
    ['model: { kind: lookup, base: { kind: ease, factors: 3 } }', 'model.base.factors: `ease` has no such parameter; it has '],
    ['model: { kind: lookup, base: { kind: ease, regularization: -3 } }', 'model.base.regularization: expected at least 0'],
    ['model: { kind: lookup, members: [] }', 'model.members: `lookup` has no such parameter; it has prior, base'],
    ['model: { kind: blend }', 'model.members: `blend` needs members'],
    ['model: { kind: blend, members: [ { kind: als } ] }', 'model.members[0].weight: required, and missing'],
    [
      'tune: { models: [ { kind: blend, members: [ { kind: als } ] } ] }',
      'tune.models[0].members[0].weight: required, and missing',
    ],
    ['tune: { models: [ { kind: als, factors: [8, 0] } ] }', 'tune.models[0].factors[1]: expected at least 1'],
    ['tune: { models: [ { kind: als, factors: 2.5 } ] }', 'tune.models[0].factors: expected a whole number'],
    ['tune: { models: [ { factors: [8] } ] }', 'tune.models[0].kind: expected `als` or `ease` or '],
  ])('%s', (line, problem) => {
    expect(problemsOf(`${small}${line}\n`)).toContain(problem);
  });

  test('the JSON schema has each kind once, with its parameters', () => {
    const { $defs } = configJsonSchema() as { $defs: Record<string, { properties: Record<string, unknown> }> };
    expect($defs.als!.properties.factors).toMatchObject({ type: 'integer', minimum: 1, maximum: 256, default: 32 });
    const named = JSON.stringify(configJsonSchema()).split('"const":"item-knn"').length - 1;
    expect(named).toBe(1);
  });
});

test('alpha times a weight below 1 is a warning with its line', () => {
  const { warnings } = parseConfig(`${small}model: { alpha: 2 }\n`, 'basketwise.yaml');
  expect(warnings).toEqual([
    'basketwise.yaml:10:17 model.alpha: alpha 2 x recency weight 0.25 is below 1: a held product would count less than one not held',
  ]);
});

test("secrets are redacted by where they stand, a bank's own names are not", () => {
  const hive = { host: 'h', user: 'batch', password_env: 'HIVE_PASSWORD' };
  const own = {
    campaigns: { 'passbook-cross': { kind: 'cross', class: 'passbook' } },
    clusters: { credential: { k: 3, weights: { token_count: 2 } } },
    derive: { secret_share: 'a / b' },
  };
  expect(redact({ ...own, source: { hive: { ...hive, session: { 'tez.queue.name': 'night', 'x.password': 'y' } } } })).toEqual({
    ...own,
    source: { hive: { ...hive, session: { 'tez.queue.name': '[redacted]', 'x.password': '[redacted]' } } },
  });
});

test('no key of the config holds a secret that redaction does not know', () => {
  const paths: string[] = [];
  const walk = (node: unknown, path: string) => {
    if (typeof node !== 'object' || node === null) return;
    const { properties, additionalProperties, items, anyOf, $defs } = node as Record<string, object | undefined>;
    for (const [key, inner] of Object.entries(properties ?? {})) {
      paths.push(`${path}${key}`);
      walk(inner, `${path}${key}.`);
    }
    walk(additionalProperties, `${path}*.`);
    walk(items, path);
    for (const inner of Object.values({ ...anyOf, ...$defs })) walk(inner, path);
  };
  walk(configJsonSchema(), '');
  expect(paths).toContain('source.hive.password_env');
  const sounding = paths.filter((path) => /pass(word|wd|phrase)|secret|token|credential|api_?key|keytab/i.test(path));
  expect(sounding.filter((path) => !/_(env|file)$/.test(path))).toEqual([]);
});

test('rows get a probability; with pushdown, where holdings have dates', () => {
  const hive = (pushdown: boolean) =>
    `${small}source: { engine: hive, hive: { host: h, database: d, auth: none, pushdown: ${pushdown}, work_tables: { schema: w } } }\n`;
  const isOn = (pushdown: boolean, date: string | null) => {
    const { config } = parseConfig(hive(pushdown), 'test');
    return calibrates({ ...config, tables: { ...config.tables, holdings: { ...config.tables.holdings, date } } });
  };
  expect([isOn(false, 'opened'), isOn(true, 'opened'), isOn(false, null), isOn(true, null)]).toEqual([true, true, true, false]);
  expect(parseConfig(`${hive(true)}calibrate: false\n`, 'test').config.calibrate).toBe(false);
});
