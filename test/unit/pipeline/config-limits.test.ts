import { parseConfig } from '@basketwise/pipeline';
import { describe, expect, test } from 'vitest';
import { refusalOf } from './config-problems.ts';

const small = `tables:
  customers: { from: c.csv, id: id }
  products: { from: p.csv, code: code, name: name, class: class }
  holdings: { from: h.csv, customer: customer, product: product }
`;
const dated = small.replace('product: product }', 'product: product, date: day }');
const campaigns = 'campaigns: { deposit: { kind: upsell, class: deposit } }\n';

describe('a config is refused before anything runs', () => {
  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('when something in it is called %s', (word) => {
    const named = [
      `${small}campaigns: { ${word}: { kind: upsell, class: deposit } }\n`,
      `${small}${campaigns}clusters: { ${word}: { k: 2, numeric: [age] } }\n`,
      `${small}${campaigns}segments: { ${word}: { column: age, bands: [{ label: all, from: 0 }] } }\n`,
      `${small}${campaigns}derive: { ${word}: "1" }\n`,
      `${small}${campaigns}clusters: { age: { k: 2, numeric: [age], weights: { ${word}: 1 } } }\n`,
      `${small}${campaigns}rules: [{ reason: ${word}, require: "1" }]\n`,
      `${small}campaigns: { deposit: { kind: upsell, class: deposit, by_cluster: ${word} } }\n`,
    ];
    for (const config of named)
      expect(refusalOf(config)).toMatchObject({ code: 'config', message: expect.stringMatching(/:\d+:\d+ /) });
  });

  test.each([
    ['in letters of one byte', 'x'.repeat(201)],
    ['in letters of three bytes', '적금'.repeat(34)],
  ])('when a name is longer than files may be called, %s', (_, word) => {
    expect(refusalOf(`${small}campaigns: { ${word}: { kind: upsell, class: deposit } }\n`).message).toContain(
      'at most 200 bytes',
    );
  });

  test('and a name of 200 bytes is taken', () => {
    const word = `${'적금'.repeat(33)}xx`;
    expect(
      Object.keys(parseConfig(`${small}campaigns: { ${word}: { kind: upsell, class: deposit } }\n`, 'x').config.campaigns),
    ).toEqual([word]);
  });

  test.each([
    ['source: { memory: 99999999999TB }', 'at most 1024TB'],
    ['source: { memory: 0B }', 'at most 1024TB'],
    ['log: { max_size: 1e3MB }', 'a size'],
    ['source: { hive: { host: h, statement_timeout: 999999999h } }', 'at most 500h'],
    ['evaluate: { window: 9999 years }', 'at most 100 years'],
    ['recency: { bands: [{ within: 9999 weeks, weight: 1 }, { weight: 1 }] }', 'at most 100 years'],
  ])('when it asks for what cannot be: %s', (text, expected) => {
    expect(refusalOf(`${small}${campaigns}${text}\n`).message).toContain(expected);
  });

  test.each([
    ['the same file', 'models/a.arrow', 'models/a.arrow'],
    ['the same file by another way', 'models/a.arrow', './models/../models/a.arrow'],
  ])('when two cluster schemes keep their models in %s', (_, one, other) => {
    const scheme = (model: string) => `{ k: 2, numeric: [age], model: ${model} }`;
    expect(refusalOf(`${small}${campaigns}clusters: { a: ${scheme(one)}, b: ${scheme(other)} }\n`).message).toContain(
      'has its model in this folder',
    );
  });
});

test('of twenty thousand unknown keys the first hundred are named, at once', () => {
  const count = 20_000;
  const keys = Array.from({ length: count }, (_, i) => `unknown${i}: 1`).join('\n');
  const { code, message } = refusalOf(`${small}${campaigns}${keys}\n`);
  expect(code).toBe('config');
  const lines = message.split('\n');
  expect(lines[0]).toBe(`basketwise.yaml has ${count} problems`);
  expect(lines).toHaveLength(102);
  expect(lines.at(-1)).toBe(`  and ${count - 100} more`);
});

describe('capacities that contradict each other are refused', () => {
  const parse = (...capacities: string[]) =>
    refusalOf(
      `${dated}${campaigns}` +
        `segments: { age: { column: age, bands: [{ label: young, to: 30 }, { label: old, from: 30 }] } }\n` +
        `offers:\n  value: 1\n  capacity:\n${capacities.map((one) => `    ${one}\n`).join('')}`,
    );

  test.each([
    [['a: { most: 3, least: 4 }'], 'offers.capacity.a.least: is above `most`, 3'],
    [
      ['all: { most: 5 }', 'young: { least: 3, segment: { age: young } }', 'old: { least: 4, segment: { age: old } }'],
      'offers.capacity.all.most: is 5, and `old`, `young` must have 7 of them',
    ],
    [
      ['x: { most: 2, products: [X] }', 'y: { most: 3, products: [Y, Z] }', 'xy: { least: 6, products: [X, Y] }'],
      'offers.capacity.xy.least: is 6, and `x`, `y` leave room for 5 of them',
    ],
  ])('%j', (capacities, message) => {
    const { code, message: text } = parse(...capacities);
    expect(code).toBe('config');
    expect(text).toContain(message);
  });

  test('and those that fit are taken', () => {
    const fitting = [
      ['all: { most: 7 }', 'young: { least: 3, segment: { age: young } }', 'old: { least: 4, segment: { age: old } }'],
      ['x: { most: 2, products: [X] }', 'y: { most: 4, products: [Y, Z] }', 'xy: { least: 6, products: [X, Y] }'],
      ['x: { most: 2, products: [X], segment: { age: old } }', 'xy: { least: 6, products: [X, Y] }'],
    ];
    for (const capacities of fitting) expect(() => parse(...capacities)).toThrow('the config was accepted');
  });
});

test.each(['1e39', '1e-40', '{ classes: { deposit: 1e31 } }', '{ others: 1e300 }'])('a value of %s is refused', (value) => {
  const { code, message } = refusalOf(`${dated}${campaigns}offers: { value: ${value} }\n`);
  expect(code).toBe('config');
  expect(message).toContain('offers.value');
});

describe('an experiment is refused', () => {
  const parse = (experiment: string) =>
    refusalOf(
      `${dated}` +
        `campaigns: { a: { kind: upsell, class: deposit }, b: { kind: upsell, class: deposit }, c: { kind: upsell, class: deposit } }\n` +
        `offers: { value: 1, control: { share: 0.1, salt: spring }, experiment: { name: new, share: 0.5, salt: autumn, ${experiment} } }\n`,
    ).message;

  test.each([
    ['', 'offers.experiment: changes nothing: name'],
    ['instead: { a: d }', 'offers.experiment.instead.a: no campaign `d`'],
    ['instead: { a: b, c: b }', '`b` replaces one campaign'],
    ['capacity: { x: { most: 1, least: 2 } }', 'offers.experiment.capacity.x.least: is above `most`, 1'],
    [
      'instead: { a: b }, capacity: { x: { least: 2, campaigns: [a] }, y: { most: 1, campaigns: [b] } }',
      'offers.experiment.capacity.y.most: is 1, and `x` must have 2 of them',
    ],
  ])('%s', (experiment, message) => expect(parse(experiment)).toContain(message));

  test('whose salt is that of the control', () => {
    const config = `${dated}${campaigns}`;
    const section =
      'offers: { value: 1, control: { share: 0.1, salt: s }, experiment: { name: base, share: 1, salt: s, value: 2 } }';
    expect(refusalOf(`${config}${section}\n`).message).toContain('expected another name');
    const named = section.replace('base', 'new').replace('share: 1,', 'share: 0.5,');
    expect(refusalOf(`${config}${named}\n`).message).toContain('offers.experiment.salt: is that of the control');
  });
});

test.each([
  ['hive: { table: mart.Offers }', 'output.hive.offers_table: is the table of the recommendations'],
  ['hive: { table: a, offers_table: A }', 'output.hive.offers_table: is the table of the recommendations'],
  ['hive: { table: a }, formats: [csv]', 'offers reach Hive from offers.parquet'],
])('offers have a table of their own, and a file that they come from: %s', (output, message) => {
  expect(
    refusalOf(`${dated}${campaigns}offers: { value: 1 }\nsource: { hive: { host: h } }\noutput: { ${output} }\n`).message,
  ).toContain(message);
});

test('offers with pushdown are refused by the check of the config', () => {
  const pushdown = 'source: { engine: hive, hive: { host: h, pushdown: true } }\n';
  expect(refusalOf(`${dated}${campaigns}offers: { value: 1 }\n${pushdown}`).message).toContain(
    'offers: customers stay on the server with pushdown, where nothing is offered',
  );
});
