import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseConfig } from '@basketwise/pipeline';
import { describe, expect, test } from 'vitest';
import { hiveSettings } from '../../../packages/hive/src/settings.ts';
import type { AnyDriver } from '../../../packages/pipeline/src/drivers/driver.ts';
import {
  asksPushdown,
  datasetOf,
  driverOf,
  drivers,
  isPushdown,
  sourceIdentity,
} from '../../../packages/pipeline/src/drivers/drivers.ts';

const rooms = fileURLToPath(new URL('../../../packages/pipeline/src/', import.meta.url));
const tables = `tables:
  customers: { from: c, id: id }
  products: { from: p, code: code, name: name, class: class }
  holdings: { from: h, customer: id, product: code }
campaigns: { one: { kind: upsell, class: a } }
`;
const sourceOf = (source: string) => parseConfig(`${tables}source: ${source}\n`, 'basketwise.yaml').config.source;

const sources: Readonly<Record<string, string>> = {
  duckdb: '{ path: ./data }',
  hive: '{ engine: hive, hive: { host: h, database: d } }',
  spark: '{ engine: spark, spark: { host: h, database: d } }',
  postgres: '{ engine: postgres, postgres: { url_env: BANK_URL } }',
};

describe.each(drivers.map((driver): [string, AnyDriver] => [driver.engine, driver as AnyDriver]))('%s', (engine, driver) => {
  // a server that the command line may name, else files
  const source = sourceOf(JSON.stringify({ engine, ...driver.sourceAt?.('BANK', { schema: 's', tls: true }) }));

  test('is what a config names, with nothing wrong', () => {
    expect(source.engine).toBe(engine);
    expect(driverOf(source)).toBe(driver);
    expect(driver.problems?.(source, true) ?? []).toEqual([]);
  });

  test('its keys may stand in a config that is read by another engine', () => {
    const others = drivers.filter((other) => other.engine !== engine);
    for (const other of others) expect((other as AnyDriver).problems?.(source, false) ?? []).toEqual([]);
  });
});

test('what a source is does not depend on where it lies or how much memory it may use', () => {
  expect(sourceIdentity(sourceOf('{ path: ./a, memory: 1GB }'))).toEqual(sourceIdentity(sourceOf('{ path: ./b, memory: 2GB }')));
  expect(sourceIdentity(sourceOf('{ encoding: cp949 }'))).not.toEqual(sourceIdentity(sourceOf('{}')));
  expect(sourceIdentity(sourceOf('{ time_zone: UTC }'))).not.toEqual(sourceIdentity(sourceOf('{}')));
  const hive = (keys: string) => sourceIdentity(sourceOf(`{ engine: hive, hive: { host: h, ${keys} } }`));
  expect(hive('database: d, statement_timeout: 1m')).toEqual(hive('database: d'));
  expect(hive('database: e')).not.toEqual(hive('database: d'));
});

test('customers stay in Hive where it is read and says so', () => {
  expect(isPushdown({ source: sourceOf('{ engine: hive, hive: { host: h, pushdown: true } }') })).toBe(true);
  expect(isPushdown({ source: sourceOf('{ engine: hive, hive: { host: h } }') })).toBe(false);
  expect(() => sourceOf('{ hive: { host: h, pushdown: true } }')).toThrow('pushdown needs `engine: hive`');
  expect(() => sourceOf('{ engine: hive }')).toThrow('`engine: hive` needs `hive: { host, ... }`');
});

test('a model is chosen by the same question, before a config is checked', () => {
  expect(asksPushdown({ engine: 'hive', hive: { host: 'h', pushdown: true } })).toBe(true);
  for (const other of [
    { engine: 'hive', hive: { host: 'h' } },
    { engine: 'spark', spark: { host: 'h' } },
    undefined,
    'hive',
    { engine: 'x' },
  ])
    expect(asksPushdown(other)).toBe(false);
  const { config } = parseConfig(`${tables}source: { engine: hive, hive: { host: h, pushdown: true } }\n`, 'basketwise.yaml');
  expect(config.model.kind).toBe('als');
  expect(parseConfig(tables, 'basketwise.yaml').config.model.kind).toBe('automatic');
});

test('a catalogue of lineage learns on which server a table is', () => {
  const named = (engine: string, from: string) => {
    const { namespace, name } = datasetOf(sourceOf(sources[engine]!), (relative) => `/bank/${relative}`, from);
    return `${namespace} ${name}`;
  };
  process.env.BANK_URL = 'postgres://reader:secret@db.bank:5433/core';
  expect(named('duckdb', 'customers.csv')).toBe('file /bank/./data/customers.csv');
  expect(named('hive', 'customers')).toBe('hive://h:10000 d.customers');
  expect(named('spark', 'mart.customers')).toBe('spark://h:10000 mart.customers');
  expect(named('postgres', 'customers')).toBe('postgres://db.bank:5433 core.public.customers');
  delete process.env.BANK_URL;
  expect(named('postgres', 'mart.customers')).toBe('postgres mart.customers');
});

test('nothing outside the drivers asks which engine it is', async () => {
  const files = await readdir(rooms, { recursive: true });
  const asking: string[] = [];
  for (const file of files.filter((name) => name.endsWith('.ts') && !name.startsWith('drivers'))) {
    if (/engine [!=]==? '|\[source\.engine\]/.test(await readFile(join(rooms, file), 'utf8'))) asking.push(file);
  }
  expect(asking).toEqual([]);
});

test.each([
  ['{ database: d }', 'source.hive.host: required, and missing'],
  ['{ host: h, zookeeper: { quorum: [z] } }', '`host` and `hosts`, or `zookeeper`: not both'],
  ['{ hosts: [h], zookeeper: { quorum: [z] } }', '`host` and `hosts`, or `zookeeper`: not both'],
  ['{ zookeeper: { quorum: [] } }', 'source.hive.zookeeper.quorum'],
  ['{ host: h, principal: hive/_HOST }', '`principal` needs `auth: kerberos`'],
  ['{ host: h, auth: kerberos, principal: hive }', 'expected `service/host`'],
  ['{ host: h, auth: kerberos, password_env: P }', 'no password'],
])('keys of a server that go ill together are refused: %s', (hive, words) => {
  expect(() => sourceOf(`{ engine: hive, hive: ${hive} }`)).toThrow(words);
});

test('a server by ZooKeeper is its quorum and namespace, whichever answers', () => {
  const identity = (keys: string) => sourceIdentity(sourceOf(`{ engine: hive, hive: { zookeeper: { ${keys} } } }`));
  expect(identity('quorum: [a, "b:2181"]')).toEqual(identity('quorum: [b, a], seed: 3'));
  expect(identity('quorum: [a, b]')).not.toEqual(identity('quorum: [a, b], namespace: other'));
  const source = sourceOf('{ engine: hive, hive: { zookeeper: { quorum: [b, a] }, database: d } }');
  expect(datasetOf(source, String, 'c')).toEqual({ namespace: 'hive://a:2181,b:2181/hiveserver2', name: 'd.c' });
});

test('what Kerberos is asked for', () => {
  const kerberos = (keys: string) =>
    hiveSettings(sourceOf(`{ engine: hive, hive: { host: h, auth: kerberos, ${keys} } }`), String).kerberos;
  expect(kerberos('')).toEqual({ service: 'hive' });
  expect(kerberos('principal: etl/_HOST@BANK.EXAMPLE, user: batch')).toEqual({
    ...{ service: 'etl', realm: 'BANK.EXAMPLE', client: 'batch' },
  });
  expect(kerberos('principal: hive/front.bank.example')).toEqual({ service: 'hive', host: 'front.bank.example' });
});
